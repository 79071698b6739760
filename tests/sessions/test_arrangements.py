"""What is settled about the diary: each deed writes, leaves one row in the trail, and none where nothing changes."""

from datetime import date, time, timedelta
from typing import Any

import pytest

from clients.handing_over import HandedOver
from clients.models import Client
from practice.models import AuditEntry, User
from practice.roles import Role
from sessions import arrangements
from sessions.arrangements import Rules, TypeDetails, TypeNameTaken
from sessions.models import Agreement, DiaryRules, SessionType, WorkingHours
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db
USUAL: Rules = {
    "notify_booked": True, "notify_moved": True, "notify_cancelled": True, "notice_delay": timedelta(minutes=3),
    "late_within": timedelta(hours=24), "clients_may_cancel": True, "offers_slots": False,
    "soon_within": timedelta(hours=24), "review_before": 2,
}  # fmt: skip
PAIR: TypeDetails = {
    "name": "Pair", "length": timedelta(minutes=80), "buffer": timedelta(minutes=10), "mode": "in_person",
    "place": "Room 1", "fee_pence": 9000,
}  # fmt: skip
MORNING, AFTERNOON = (0, time(9), time(13)), (0, time(14), time(17, 30))


def rules(**changed: Any) -> Any:
    return {**USUAL, **changed}


def pair(**changed: Any) -> Any:
    return {**PAIR, **changed}


@pytest.fixture
def admin() -> User:
    """Return somebody who runs a practice that has settled nothing yet."""
    user = make_user(Role.ADMIN)
    DiaryRules.objects.all().delete()
    return user


def trail() -> list[tuple[str, dict[str, Any]]]:
    return [(entry.deed, entry.detail) for entry in AuditEntry.objects.order_by("number")]


# --- rules ------------------------------------------------------------------------------------------------
def test_rules_are_kept_and_the_trail_names_what_changed(admin: User) -> None:
    wanted: Rules = {**USUAL, "notice_delay": timedelta(0), "offers_slots": True}
    assert arrangements.change_rules(actor=admin, **wanted) == ["notice_delay", "offers_slots"]
    assert DiaryRules.objects.values(*wanted).get() == wanted
    assert trail() == [("diary.rules", {"changed": "notice_delay, offers_slots"})]


def test_usual_rules_are_no_change_and_leave_no_row(admin: User) -> None:
    assert arrangements.change_rules(actor=admin, **USUAL) == []
    assert (DiaryRules.objects.count(), trail()) == (0, [])


def test_there_is_one_row_of_rules_however_often_they_change(admin: User) -> None:
    for before in (1, 4, 4):
        arrangements.change_rules(actor=admin, **rules(review_before=before))
    assert [rules.review_before for rules in DiaryRules.objects.all()] == [4]
    assert len(trail()) == 2


# --- kinds of session -------------------------------------------------------------------------------------
def test_a_type_is_added_after_the_others(admin: User) -> None:
    SessionType.objects.create(name="First meeting", position=4)
    kind = arrangements.add_type(actor=admin, **PAIR)
    assert SessionType.objects.values(*PAIR, "position").get(pk=kind.pk) == {**PAIR, "position": 5}
    assert trail() == [("session_type.add", {})]


def test_two_that_are_offered_never_have_one_name(admin: User) -> None:
    arrangements.add_type(actor=admin, **PAIR)
    other = arrangements.add_type(actor=admin, **pair(name="Élan"))
    for deed in (
        lambda: arrangements.add_type(actor=admin, **pair(name="PAIR")),
        lambda: arrangements.add_type(actor=admin, **pair(name="élan")),
        lambda: arrangements.change_type(actor=admin, kind=other, **PAIR),
    ):
        with pytest.raises(TypeNameTaken):
            deed()
    assert sorted(SessionType.objects.values_list("name", flat=True)) == ["Pair", "Élan"]


def test_a_type_changes_and_keeps_its_own_name(admin: User) -> None:
    kind = arrangements.add_type(actor=admin, **PAIR)
    assert arrangements.change_type(actor=admin, kind=kind, **pair(name="pair", fee_pence=0)) == [
        "name", "fee_pence",
    ]  # fmt: skip
    assert arrangements.change_type(actor=admin, kind=kind, **pair(name="pair", fee_pence=0)) == []
    kind.refresh_from_db()
    assert (kind.name, kind.fee_pence) == ("pair", 0)
    assert trail()[1:] == [("session_type.change", {"changed": "name, fee_pence"})]


def test_an_archived_types_name_is_free_and_it_comes_back_once_it_is_free_again(admin: User) -> None:
    first = arrangements.add_type(actor=admin, **PAIR)
    arrangements.archive_type(actor=admin, kind=first)
    arrangements.archive_type(actor=admin, kind=first)
    second = arrangements.add_type(actor=admin, **PAIR)
    with pytest.raises(TypeNameTaken):
        arrangements.restore_type(actor=admin, kind=first)
    arrangements.archive_type(actor=admin, kind=second)
    arrangements.restore_type(actor=admin, kind=first)
    arrangements.restore_type(actor=admin, kind=first)
    assert dict(SessionType.objects.values_list("pk", "is_archived")) == {first.pk: False, second.pk: True}
    deeds = [deed.removeprefix("session_type.") for deed, _ in trail()]
    assert deeds == ["add", "archive", "add", "archive", "restore"]


# --- working hours ----------------------------------------------------------------------------------------
def test_hours_are_written_whole(admin: User) -> None:
    me, other = make_user(), make_user()
    arrangements.change_hours(actor=other, spans=[MORNING])
    assert arrangements.change_hours(actor=me, spans=[AFTERNOON, MORNING])
    assert arrangements.change_hours(actor=me, spans=[AFTERNOON, (4, time(9), time(12))])
    kept = WorkingHours.objects.filter(counsellor=me).values_list("weekday", "from_time", "until_time")
    assert list(kept) == [AFTERNOON, (4, time(9), time(12))]
    assert WorkingHours.objects.filter(counsellor=other).count() == 1
    assert trail() == [("hours.change", {})] * 3


def test_the_same_hours_again_leave_no_row() -> None:
    me = make_user()
    arrangements.change_hours(actor=me, spans=[MORNING, AFTERNOON])
    ids = set(WorkingHours.objects.values_list("pk", flat=True))
    assert not arrangements.change_hours(actor=me, spans=[AFTERNOON, MORNING])
    assert set(WorkingHours.objects.values_list("pk", flat=True)) == ids
    assert len(trail()) == 1


# --- what was agreed --------------------------------------------------------------------------------------
def test_a_number_is_agreed_changed_and_taken_away() -> None:
    person = make_client()
    me, start = person.counsellor, date(2026, 9, 1)
    assert arrangements.agree(actor=me, client=person, sessions=12, counts_from=start)
    assert not arrangements.agree(actor=me, client=person, sessions=12, counts_from=start)
    assert arrangements.agree(actor=me, client=person, sessions=18, counts_from=start)
    kept = Agreement.visible_to(me).get()
    assert (kept.client, kept.sessions, kept.counts_from) == (person, 18, start)
    assert arrangements.clear_agreement(actor=me, client=person)
    assert not arrangements.clear_agreement(actor=me, client=person)
    assert Agreement.visible_to(me).count() == 0
    assert trail() == [
        ("agreement.change", {"number": 12, "first_day": "2026-09-01"}),
        ("agreement.change", {"number": 18, "first_day": "2026-09-01"}),
        ("agreement.clear", {}),
    ]
    assert set(AuditEntry.objects.values_list("reference", flat=True)) == {person.reference}


def test_nothing_is_agreed_with_a_client_who_has_gone_to_somebody_else() -> None:
    person = make_client()
    Client.unscoped.filter(pk=person.pk).update(counsellor=make_user())
    with pytest.raises(HandedOver):
        arrangements.agree(actor=person.counsellor, client=person, sessions=12, counts_from=date(2026, 9, 1))
    with pytest.raises(HandedOver):
        arrangements.clear_agreement(actor=person.counsellor, client=person)
    assert (Agreement.unscoped.count(), trail()) == (0, [])
