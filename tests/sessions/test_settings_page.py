"""The practice's page on its diary, and the pages of its session types."""

from datetime import timedelta

import pytest
from django.test import Client as Browser

from practice.models import AuditEntry, User
from practice.roles import Role
from sessions.models import DiaryRules, SessionType
from tests.factories import make_user
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
URL, ADD = "/sessions/settings/", "/sessions/settings/types/add/"
NUMBERS = "Please give a whole number from {} to {}."


@pytest.fixture
def admin(client: Browser) -> User:
    """Return somebody who runs a practice that has settled nothing yet."""
    user = make_user(Role.ADMIN)
    DiaryRules.objects.all().delete()
    client.force_login(user)
    return user


def rules(**changed: str) -> dict[str, str]:
    return {
        "notify_booked": "on", "notify_moved": "on", "notify_cancelled": "on", "clients_may_cancel": "on",
        "delay_minutes": "3", "late_hours": "24", "soon_hours": "24", "review_before": "2", **changed,
    }  # fmt: skip


def kind(**changed: str) -> dict[str, str]:
    return {
        "name": "First  meeting", "minutes": "80", "buffer_minutes": "10", "mode": "in_person", "place": "Room 1",
        "fee": "£62.50", **changed,
    }  # fmt: skip


# --- rules ------------------------------------------------------------------------------------------------
def test_the_form_shows_the_usual_rules_and_stands_among_the_practices_tabs(client: Browser, admin: User) -> None:
    page = client.get(URL)
    assert page.context["form"].initial == {
        "notify_booked": True, "notify_moved": True, "notify_cancelled": True, "clients_may_cancel": True,
        "offers_slots": False, "delay_minutes": 3, "late_hours": 24, "soon_hours": 24, "review_before": 2,
    }  # fmt: skip
    assert f'<a href="{URL}">Diary</a>' in client.get("/practice/").content.decode()


def test_rules_are_saved_in_the_services_units(client: Browser, admin: User) -> None:
    answer = client.post(URL, {**rules(delay_minutes="0", late_hours="48", soon_hours="0"), "offers_slots": "on"})
    assert (answer.status_code, answer["Location"], told(answer)) == (302, URL, ["Saved."])
    kept = DiaryRules.current()
    assert (kept.notice_delay, kept.late_within, kept.soon_within) == (
        timedelta(0), timedelta(hours=48), timedelta(0),
    )  # fmt: skip
    assert (kept.offers_slots, kept.notify_booked, kept.review_before) == (True, True, 2)


def test_a_switch_that_is_off_is_not_sent_and_is_off(client: Browser, admin: User) -> None:
    off = {name: value for name, value in rules().items() if not name.startswith("notify_")}
    client.post(URL, off)
    kept = DiaryRules.current()
    assert (kept.notify_booked, kept.notify_moved, kept.notify_cancelled) == (False, False, False)


def test_the_same_rules_again_say_so_and_leave_no_row(client: Browser, admin: User) -> None:
    assert told(client.post(URL, rules())) == ["Nothing has changed."]
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("field", ["delay_minutes", "late_hours", "soon_hours", "review_before"])
@pytest.mark.parametrize("value", ["", "-1", "9" * 30, "9" * 5000, "🌱", "1.5", "NaN", "3\0"])
def test_a_number_that_is_none_is_said_at_its_field_and_nothing_is_lost(
    client: Browser, admin: User, field: str, value: str
) -> None:
    page = client.post(URL, {**rules(**{field: value}), "offers_slots": "on"})
    assert page.status_code == 200
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert (form[field].value(), form["offers_slots"].value()) == (value, True)
    assert DiaryRules.objects.count() == 0


# --- kinds of session -------------------------------------------------------------------------------------
def test_a_type_is_added_and_listed_with_what_it_takes(client: Browser, admin: User) -> None:
    answer = client.post(ADD, kind())
    assert (answer["Location"], told(answer)) == (URL, ["Session type added."])
    row = SessionType.objects.get()
    assert (row.name, row.length, row.buffer) == ("First meeting", timedelta(minutes=80), timedelta(minutes=10))
    assert (row.mode, row.place, row.fee_pence) == ("in_person", "Room 1", 6250)
    page = client.get(URL).content.decode()
    assert "80 minutes and 10 free, in person, £62.50" in page


@pytest.mark.parametrize(("fee", "pence"), [("", None), ("0", 0)])
def test_no_fee_and_nothing_to_pay_are_two_things(client: Browser, admin: User, fee: str, pence: int | None) -> None:
    client.post(ADD, kind(fee=fee))
    assert SessionType.objects.get().fee_pence == pence
    assert ("£0" in client.get(URL).content.decode()) == (pence == 0)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("name", "", "Please fill this in."),
        ("name", "  ", "Please fill this in."),
        ("name", "x" * 61, "at most 60 characters"),
        ("name", "First\0", "Null characters are not allowed."),
        ("minutes", "", "Please fill this in."),
        ("minutes", "9", NUMBERS.format(10, 480)),
        ("minutes", "-50", NUMBERS.format(10, 480)),
        ("minutes", "9" * 5000, NUMBERS.format(10, 480)),
        ("buffer_minutes", "121", NUMBERS.format(0, 120)),
        ("buffer_minutes", "🌱", NUMBERS.format(0, 120)),
        ("mode", "", "Please choose how you meet."),
        ("mode", "telepathy", "Please choose one of the ways shown."),
        ("place", "x" * 301, "At most 300 characters"),
        ("fee", "sixty", "an amount in pounds"),
        ("fee", "-1", "an amount in pounds"),
        ("fee", "10001", "At most £10,000"),
        ("fee", "9" * 21, "an amount in pounds"),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_kept(
    client: Browser, admin: User, field: str, value: str, words: str
) -> None:
    page = client.post(ADD, kind(**{field: value}))
    assert page.status_code == 200
    form = page.context["form"]
    assert list(form.errors) == [field]
    assert words in str(form.errors[field])
    assert form[field].value() == value
    assert SessionType.objects.count() == 0


@pytest.mark.parametrize("place", ["javascript:alert(1)", "Room 1", "ftp://example.org/a", "//example.org"])
def test_a_video_types_place_is_a_link(client: Browser, admin: User, place: str) -> None:
    page = client.post(ADD, kind(mode="video", place=place))
    assert "beginning with https://" in str(page.context["form"].errors["place"])
    assert client.post(ADD, kind(mode="video", place="https://video.example.org/42")).status_code == 302


def test_a_name_that_is_offered_already_is_said_at_the_field(client: Browser, admin: User) -> None:
    SessionType.objects.create(name="first meeting")
    page = client.post(ADD, kind())
    assert page.context["form"].errors == {"name": ["There is one of this name already."]}


def test_a_type_is_changed_archived_and_brought_back(client: Browser, admin: User) -> None:
    row = SessionType.objects.create(name="Pair", length=timedelta(minutes=80), fee_pence=9000)
    page = f"{URL}types/{row.pk}/"
    first = client.get(page).context["form"].initial
    assert (first["name"], first["minutes"], first["fee"]) == ("Pair", 80, "90")
    assert told(client.post(page, kind(name="Pair", fee="95"))) == ["Session type saved."]
    client.post(f"{page}archive/")
    row.refresh_from_db()
    assert (row.fee_pence, row.is_archived) == (9500, True)
    assert "Restore session type" in client.get(page).content.decode()
    client.post(f"{page}restore/")
    row.refresh_from_db()
    assert not row.is_archived


def test_one_that_cannot_come_back_says_why(client: Browser, admin: User) -> None:
    row = SessionType.objects.create(name="Pair", is_archived=True)
    SessionType.objects.create(name="Pair")
    answer = client.post(f"{URL}types/{row.pk}/restore/")
    assert answer["Location"] == f"{URL}types/{row.pk}/"
    assert told(answer) == ["Another session type has this name by now. Please rename that one first."]


def test_changing_to_a_name_that_is_taken_is_said_at_the_field(client: Browser, admin: User) -> None:
    SessionType.objects.create(name="Pair")
    row = SessionType.objects.create(name="First meeting")
    page = client.post(f"{URL}types/{row.pk}/", kind(name="PAIR"))
    assert page.context["form"].errors == {"name": ["There is one of this name already."]}


def test_a_counsellor_may_not(client: Browser, counsellor: User) -> None:
    assert [client.get(url).status_code for url in (URL, ADD)] == [403, 403]
    assert client.post(URL, rules()).status_code == 403
