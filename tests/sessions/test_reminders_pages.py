"""When clients are reminded: one form for the practice, a counsellor, one client and one session."""

from collections.abc import Callable
from datetime import timedelta
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.apps import apps
from django.test import Client as Browser

from outbox.models import Message
from practice.models import AuditEntry, User
from practice.roles import Role
from sessions.models import ClientSession, ReminderSet
from sessions.reminder_form import Scope, listed
from sessions.reminders import rules_for
from tests.factories import make_client, make_practice, make_session, make_user
from tests.sessions.factories import book, in_days
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
PRACTICE, MINE = "/sessions/settings/reminders/", "/sessions/reminders/"
HOURS = "Please give hours from 1 to 336, such as 24 or 1.5."


@pytest.fixture
def session(counsellor: User) -> ClientSession:
    return book(make_client(counsellor), in_days(20))


def page_of_client(session: ClientSession) -> str:
    return f"/sessions/with/{session.client_id}/reminders/"


def page_of_session(session: ClientSession) -> str:
    return f"/sessions/{session.pk}/reminders/"


def own(*hours: str, **more: str) -> dict[str, str]:
    """Return the form as a browser sends it, with own rules chosen."""
    rows = [*hours, *[""] * (5 - len(hours))]
    return {"choice": "own", "evening_at": "18:00", **{f"hours_{n}": typed for n, typed in enumerate(rows)}, **more}


def as_admin(client: Browser) -> Browser:
    client.force_login(make_user(Role.ADMIN))
    return client


# --- what is saved ----------------------------------------------------------------------------------------
def test_any_number_of_rules_each_once_the_earliest_first(client: Browser, counsellor: User) -> None:
    answer = client.post(MINE, own("2", "48", "1.5", "48.0", is_evening="on"))
    assert ReminderSet.objects.get(counsellor=counsellor).rules == sorted(["48h", "eve18:00", "2h", "90m"])
    assert told(answer) == [
        "Reminders: 48 hours before; the evening before, at 18:00; 2 hours before; and 90 minutes before."
    ]
    assert answer["Location"] == "/sessions/"


def test_what_is_kept_is_shown_with_room_for_more(client: Browser, counsellor: User) -> None:
    client.post(MINE, own("96", "72", "48", "24", "1.5", is_evening="on", evening_at="19:30"))
    form = client.get(MINE).context["form"]
    assert [field.value() for field in form.rows()] == ["96", "72", "48", "24", "1.5", None, None]
    assert (form["is_evening"].value(), f"{form['evening_at'].value():%H:%M}") == (True, "19:30")
    client.post(MINE, own("96", "72", "48", "24", "1.5", hours_5="3", hours_6="2"))
    assert len(ReminderSet.objects.get(counsellor=counsellor).rules) == 7


def test_the_practices_own_are_of_nobody(client: Browser) -> None:
    answer = as_admin(client).post(PRACTICE, own("48"))
    assert [(row.counsellor, row.client, row.session, row.rules) for row in ReminderSet.objects.all()] == [
        (None, None, None, ["48h"])
    ]
    assert (answer["Location"], told(answer)) == ("/sessions/settings/", ["Reminders: 48 hours before."])
    assert "48 hours before." in client.get("/sessions/settings/").content.decode()


def test_a_practice_that_leaves_a_day_before_has_settled_nothing(client: Browser) -> None:
    page = as_admin(client).get(PRACTICE)
    form = page.context["form"]
    assert (form["choice"].value(), form["hours_0"].value()) == ("own", "24")
    client.post(PRACTICE, own("24"))
    assert (ReminderSet.objects.count(), AuditEntry.objects.count()) == (0, 0)


def test_the_nearest_counts_and_each_page_says_what_is_usual_there(
    client: Browser, counsellor: User, session: ClientSession
) -> None:
    ReminderSet.objects.create(rules=["72h"])
    usual = [client.get(page).context["form"].fields["choice"].choices[0][1] for page in pages(session)]
    assert usual == ["As usual: 72 hours before"] * 3
    client.post(MINE, own("48"))
    client.post(page_of_client(session), own("24", "2"))
    usual = [client.get(page).context["form"].fields["choice"].choices[0][1] for page in pages(session)]
    assert usual == [
        "As usual: 72 hours before", "As usual: 48 hours before", "As usual: 24 hours before; and 2 hours before",
    ]  # fmt: skip
    client.post(page_of_session(session), {"choice": "none"})
    assert rules_for(session) == []
    assert client.get(page_of_session(session)).context["form"]["choice"].value() == "none"


def pages(session: ClientSession) -> list[str]:
    return [MINE, page_of_client(session), page_of_session(session)]


@pytest.mark.parametrize("page", [page_of_client, page_of_session])
def test_planned_mail_follows_at_once(
    client: Browser, session: ClientSession, page: Callable[[ClientSession], str]
) -> None:
    client.post(page(session), own("48", "3"))
    assert planned(session) == [timedelta(hours=48), timedelta(hours=3)]
    client.post(page(session), {"choice": "none"})
    assert planned(session) == []
    client.post(page(session), {"choice": "usual"})
    assert planned(session) == [timedelta(hours=24)]
    assert ReminderSet.objects.count() == 0


def planned(session: ClientSession) -> list[timedelta]:
    waiting = Message.objects.filter(kind="session_reminder", subject_id=session.pk, state="planned")
    return [session.starts_at - due for due in waiting.order_by("due_at").values_list("due_at", flat=True)]


def test_the_same_again_leaves_no_row(client: Browser, counsellor: User) -> None:
    for _ in range(2):
        client.post(MINE, own("48"))
    assert [entry.detail for entry in AuditEntry.objects.filter(deed="reminders.change")] == [
        {"rules": "48 hours before"}
    ]


# --- what does not fit ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "typed",
    [
        "0",
        "-3",
        "337",
        "9" * 5000,
        "🌱",
        "1.001",
        "NaN",
        "Infinity",
        "1e400",
        "1e999999",
        "1" + "0" * 400,
        "200.5",
        "24\0",
        "0.5",
    ],
)
def test_hours_that_are_none_are_said_at_their_field_and_nothing_is_lost(
    client: Browser, counsellor: User, typed: str
) -> None:
    page = client.post(MINE, own("48", typed, is_evening="on", evening_at="19:00"))
    form = page.context["form"]
    assert page.status_code == 200
    assert form.errors == {"hours_1": [HOURS]}
    assert (form["hours_0"].value(), form["hours_1"].value(), form["evening_at"].value()) == ("48", typed, "19:00")
    assert ReminderSet.objects.count() == 0


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({}, "choice", "Please choose one of these."),
        ({"choice": "often"}, "choice", "Please choose one of the answers shown."),
        (own(), "hours_0", "Please give at least one, or choose another answer above."),
        (own(is_evening="on", evening_at="25:00"), "evening_at", "Please give a time, such as 18:00."),
        (own(is_evening="on", evening_at="🌱"), "evening_at", "Please give a time, such as 18:00."),
    ],
)
def test_what_does_not_fit_is_said_at_the_field(
    client: Browser, counsellor: User, typed: dict[str, str], field: str, words: str
) -> None:
    page = client.post(MINE, {**typed, "csrfmiddlewaretoken": "x"})
    assert page.context["form"].errors == {field: [words]}


def test_an_evening_without_a_time_is_at_six(client: Browser, counsellor: User) -> None:
    client.post(MINE, own(is_evening="on", evening_at=""))
    assert ReminderSet.objects.get().rules == ["eve18:00"]


def test_a_practice_has_no_usual_to_go_back_to(client: Browser) -> None:
    page = as_admin(client).post(PRACTICE, {"choice": "usual"})
    assert list(page.context["form"].errors) == ["choice"]


def test_there_are_not_more_rows_than_a_person_could_fill_in(client: Browser, counsellor: User) -> None:
    page = client.post(MINE, {"choice": "own", **{f"hours_{n}": "x" for n in range(500)}})
    assert len(page.context["form"].rows()) == 20


# --- where it is found ------------------------------------------------------------------------------------
def test_pages_lead_there(client: Browser, session: ClientSession) -> None:
    assert f'href="{page_of_client(session)}"' in client.get(f"/sessions/with/{session.client_id}/").content.decode()
    assert f'href="{page_of_session(session)}"' in client.get(f"/sessions/{session.pk}/").content.decode()
    diary = client.get("/sessions/").content.decode()
    assert [page for page in (MINE, "/sessions/hours/", "/sessions/settings/") if f'href="{page}"' in diary] == [
        MINE, "/sessions/hours/",
    ]  # fmt: skip


def test_words_for_no_rule_and_for_one() -> None:
    assert (listed([]), listed(["24h"]), listed(["eve18:00"])) == (
        "no reminder", "24 hours before", "the evening before, at 18:00",
    )  # fmt: skip
    assert Scope().usual() == ["24h"]


# --- the practice's setting of before ---------------------------------------------------------------------
@pytest.mark.parametrize(
    ("lead", "rules"),
    [(timedelta(hours=24), None), (timedelta(hours=48), ["48h"]), (timedelta(minutes=90), ["90m"])],
)
def test_the_lead_of_before_becomes_the_practices_rule(lead: timedelta, rules: list[str] | None) -> None:
    make_practice()
    make_session()
    before = SimpleNamespace(objects=SimpleNamespace(first=lambda: SimpleNamespace(reminder_lead=lead)))
    real = {"ReminderSet": apps.get_model("client_sessions", "ReminderSet"), "Practice": before}
    old: Any = SimpleNamespace(get_model=lambda room, name: real[name])
    import_module("sessions.migrations.0005_reminder_lead").take_over(old, None)
    assert Scope().own() == rules
