"""The client's deeds in a place of their own: pause, go on, an hour, one thing less, a link once more."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import DatabaseError

from clients import services as clients
from clients.links import LinkUnknown
from clients.models import Client
from exercises import place
from exercises.answers import NotWithClient, decline_for_now
from exercises.courses import StepWish, Words, hold_course, start_course
from exercises.models import Assignment, Course, Mode
from exercises.planning import MAIL_KIND, NUDGE_KIND
from exercises.services import MailWaits, MayNotBeMailed
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from tests.exercises.factories import assign, deeds, make_assignment, make_version, refuse_audit
from tests.factories import make_client

pytestmark = pytest.mark.django_db

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=LONDON)
State = Message.State


@pytest.fixture(autouse=True)
def now() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        yield traveller


@pytest.fixture
def client() -> Client:
    return make_client()


def fresh(client: Client) -> Client:
    return Client.unscoped.get(pk=client.pk)


def given(client: Client, **fields: Any) -> Assignment:
    """Return an exercise whose mail has left, with a nudge planned for Thursday."""
    assignment = assign(client, due_on=date(2026, 11, 27), send_at=MONDAY, nudges=1, **fields)
    Message.objects.filter(kind=MAIL_KIND, subject_id=assignment.pk).update(state=State.SENT, sent_at=MONDAY)
    return assignment


def nudges() -> list[tuple[str, datetime]]:
    rows = Message.objects.filter(kind=NUDGE_KIND).order_by("due_at")
    return [(row.state, clock.local(row.due_at)) for row in rows]


def mails() -> list[tuple[str, datetime]]:
    rows = Message.objects.filter(kind=MAIL_KIND).order_by("created_at", "due_at")
    return [(row.state, clock.local(row.due_at)) for row in rows]


def running(client: Client, **fields: Any) -> Course:
    step = StepWish(make_version("daily"), Mode.WEEKDAYS, weekdays=range(7))
    words = Words("For the walk home.", "You spoke of the harsh voice.", "after supper")
    return start_course(
        actor=client.counsellor, client=client, steps=[step], words=words, starts_on=clock.today(), nonce=uuid4(),
        **fields,
    )  # fmt: skip


def test_a_pause_drops_the_nudges_and_going_on_plans_them_again(client: Client) -> None:
    given(client)
    thursday = datetime(2026, 11, 26, 9, tzinfo=LONDON)
    place.pause(client=client, until=date(2026, 11, 25))
    assert (fresh(client).paused_until, nudges()) == (date(2026, 11, 25), [(State.DROPPED, thursday)])
    place.resume(client=client)
    assert (fresh(client).paused_until, nudges()) == (None, [(State.PLANNED, thursday)])
    assert deeds()[1:] == ["client.pause", "client.resume"]
    assert [row.actor for row in AuditEntry.objects.order_by("id")][1:] == [None, None]


def test_a_mail_that_waits_leaves_once_the_pause_is_over(client: Client) -> None:
    Client.unscoped.update(preferred_hour=17)
    assign(fresh(client), due_on=date(2026, 11, 27), send_at=MONDAY + timedelta(hours=7))
    place.pause(client=client, until=date(2026, 12, 24))
    assert mails() == [(State.PLANNED, datetime(2026, 12, 24, 17, tzinfo=LONDON))]
    assert Message.objects.get(kind=MAIL_KIND).expires_at > datetime(2026, 12, 24, 17, tzinfo=LONDON)
    place.resume(client=client)
    assert mails() == [(State.PLANNED, datetime(2026, 11, 23, 17, tzinfo=LONDON))]


def test_a_mail_of_every_day_stays_with_its_day(client: Client) -> None:
    running(client)
    place.pause(client=client, until=date(2026, 12, 24))
    assert mails() == [(State.PLANNED, MONDAY)]


def test_the_same_pause_twice_is_one_and_going_on_twice_too(client: Client) -> None:
    for _ in range(2):
        place.pause(client=client, until=date(2026, 11, 30))
    for _ in range(2):
        place.resume(client=client)
    assert deeds() == ["client.pause", "client.resume"]


@pytest.mark.parametrize("until", [date(2026, 11, 22), date(2026, 11, 23), date(2027, 11, 24)])
def test_a_pause_is_ahead_and_no_longer_than_a_year(client: Client, until: date) -> None:
    with pytest.raises(ValueError, match="within a year"):
        place.pause(client=client, until=until)
    assert fresh(client).paused_until is None


def test_a_pause_whose_day_has_come_is_none(client: Client, now: time_machine.Traveller) -> None:
    place.pause(client=client, until=date(2026, 11, 25))
    now.move_to(datetime(2026, 11, 24, 23, 59, tzinfo=LONDON))
    assert place.is_paused(fresh(client))
    now.move_to(datetime(2026, 11, 25, 0, 0, tzinfo=LONDON))
    assert not place.is_paused(fresh(client))


def test_an_hour_moves_the_nudges_and_makes_an_open_form_stale(client: Client) -> None:
    given(client)
    place.choose_hour(client=client, hour=18)
    assert nudges() == [(State.PLANNED, datetime(2026, 11, 26, 18, tzinfo=LONDON))]
    assert (fresh(client).preferred_hour, fresh(client).version) == (18, 2)
    with pytest.raises(clients.ClientChanged):
        clients.change_client(actor=client.counsellor, client=client, version=1, preferred_hour=None)
    place.choose_hour(client=client, hour=18)
    place.choose_hour(client=client, hour=None)
    assert nudges() == [(State.PLANNED, datetime(2026, 11, 26, 9, tzinfo=LONDON))]
    assert deeds()[1:] == ["client.hour", "client.hour"]


def test_an_hour_chosen_in_a_pause_plans_no_nudge(client: Client) -> None:
    given(client)
    place.pause(client=client, until=date(2026, 12, 24))
    place.choose_hour(client=client, hour=18)
    assert [state for state, _ in nudges()] == [State.DROPPED]


@pytest.mark.parametrize("hour", [-1, 24])
def test_what_is_no_hour_is_refused(client: Client, hour: int) -> None:
    with pytest.raises(ValueError, match="not an hour"):
        place.choose_hour(client=client, hour=hour)


def test_stopping_one_thing_ends_it_as_the_clients_wish(client: Client) -> None:
    course = running(client)
    for _ in range(2):
        place.stop_course(client=client, course=course)
    assert Course.unscoped.get().state == Course.State.ENDED
    assert [(row.deed, row.actor) for row in AuditEntry.objects.filter(deed="course.end")] == [("course.end", None)]


def test_nobody_stops_what_is_another_ones(client: Client) -> None:
    course = running(client)
    with pytest.raises(ValueError, match="not theirs"):
        place.stop_course(client=make_client(), course=course)
    assert Course.unscoped.get().is_running


def test_a_link_comes_once_more_with_the_next_mail(client: Client, now: time_machine.Traveller) -> None:
    assignment = given(client)
    now.shift(timedelta(hours=2))
    place.send_link(assignment=assignment)
    assert mails() == [(State.SENT, MONDAY), (State.PLANNED, MONDAY + timedelta(hours=2))]
    row = AuditEntry.objects.get(deed="exercise.send_again")
    assert (row.actor, row.reference) == (None, client.reference)


def test_a_link_is_asked_for_at_most_once_an_hour(client: Client, now: time_machine.Traveller) -> None:
    assignment = given(client)
    now.shift(timedelta(minutes=59))
    with pytest.raises(MailWaits):
        place.send_link(assignment=assignment)
    now.shift(timedelta(minutes=2))
    place.send_link(assignment=assignment)
    with pytest.raises(MailWaits):
        place.send_link(assignment=assignment)
    assert len(mails()) == 2


def test_a_mail_that_nobody_decided_on_is_given_up_for_the_new_one(client: Client) -> None:
    assignment = given(client)
    Message.objects.filter(kind=MAIL_KIND).update(state=State.UNSURE, sent_at=None)
    place.send_link(assignment=assignment)
    assert [state for state, _ in mails()] == [State.DROPPED, State.PLANNED]


def test_no_link_comes_in_a_pause_on_hold_or_after_an_answer(client: Client) -> None:
    single, course = given(client), running(client)
    hold_course(actor=client.counsellor, course=course)
    with pytest.raises(place.MailRests):
        place.send_link(assignment=Assignment.unscoped.get(step__course=course))
    place.pause(client=client, until=date(2026, 12, 1))
    with pytest.raises(place.MailRests):
        place.send_link(assignment=single)
    decline_for_now(assignment=single)
    with pytest.raises(NotWithClient):
        place.send_link(assignment=single)


def test_no_link_comes_to_who_stopped_all_mail(client: Client) -> None:
    assignment = given(client)
    clients.stop_mail(client=client)
    with pytest.raises(MayNotBeMailed):
        place.send_link(assignment=assignment)


DEEDS: dict[str, Callable[[Client], object]] = {
    "pause": lambda client: place.pause(client=client, until=date(2026, 12, 1)),
    "resume": lambda client: place.resume(client=client),
    "hour": lambda client: place.choose_hour(client=client, hour=7),
}


@pytest.mark.parametrize("name", DEEDS)
def test_without_its_trace_nothing_is_done(client: Client, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    Client.unscoped.update(paused_until=date(2026, 11, 28))
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        DEEDS[name](client)
    assert (fresh(client).paused_until, fresh(client).preferred_hour) == (date(2026, 11, 28), None)


@pytest.mark.parametrize("name", DEEDS)
def test_for_somebody_erased_meanwhile_there_is_no_link(client: Client, name: str) -> None:
    row = fresh(client)
    Client.unscoped.all().delete()
    with pytest.raises(LinkUnknown):
        DEEDS[name](row)


def test_an_answered_exercise_has_no_part_in_a_pause(client: Client) -> None:
    make_assignment(client, state=Assignment.State.NOT_NOW)
    place.pause(client=client, until=date(2026, 12, 1))
    place.resume(client=client)
    assert Message.objects.count() == 0
