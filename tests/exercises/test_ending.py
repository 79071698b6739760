"""Ending the work with a client: what stops, what stays, and that it can be taken up again."""

from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.ending import take_up_again
from clients.models import Client
from exercises import ending
from exercises.courses import StepWish, Words, start_course
from exercises.giving import sweep
from exercises.models import Assignment, Course, Mode
from outbox.models import Message
from practice import clock
from sessions.models import ClientSession, Series
from sessions.outlook import Place
from sessions.recurrence import Rule
from sessions.series import Terms, book_series
from sessions.services import cancel_session
from sessions.undoing import CannotUndo, change_of, undo
from tests.exercises.factories import assign, browser_of, deeds, make_assignment, make_version
from tests.factories import make_client, make_session, make_waiting
from tests.practice.rows import make_message

pytestmark = pytest.mark.django_db


def daily(client: Client) -> Course:
    step = StepWish(make_version("daily"), Mode.WEEKDAYS, weekdays=range(7))
    return start_course(
        actor=client.counsellor, client=client, steps=[step], words=Words("Gently.", "You asked.", "mornings"),
        starts_on=clock.today(), nonce=uuid4(),
    )  # fmt: skip


def weekly(client: Client) -> Series:
    terms = Terms(Place(time(15), timedelta(minutes=50), timedelta(0)), "in_person")
    return book_series(
        actor=client.counsellor, client=client, rule=Rule(clock.today() + timedelta(days=9)), terms=terms
    )


def end(client: Client) -> ending.Ended:
    return ending.end_work(actor=client.counsellor, client=client)


def test_sessions_series_and_programmes_end_and_no_mail_is_left_to_leave() -> None:
    client = make_client()
    session, course = make_session(client), daily(client)
    given = assign(client)
    make_waiting(client)

    done = end(client)

    client.refresh_from_db()
    session.refresh_from_db()
    course.refresh_from_db()
    assert (client.state, client.ended_at is not None) == (Client.State.ENDED, True)
    assert session.status == ClientSession.Status.CANCELLED_BY_COUNSELLOR
    assert (course.state, done.courses, done.cancelled) == (Course.State.ENDED, 1, 1)
    assert not Message.objects.filter(owner_id=client.pk, state=Message.State.PLANNED).exists()
    # Its mail had not left, so there is nothing that could stay with the client.
    assert Assignment.unscoped.get(pk=given.pk).state == Assignment.State.WITHDRAWN
    assert deeds()[-3:] == ["session.cancel", "course.end", "client.end"]


def test_nothing_is_given_and_no_series_rolls_afterwards() -> None:
    client = make_client()
    series = weekly(client)
    course = daily(client)
    given = Assignment.unscoped.filter(step__course=course).count()

    end(client)
    sweep()

    assert Series.unscoped.get(pk=series.pk).ended_at is not None
    assert Assignment.unscoped.filter(step__course=course).count() == given


def test_what_was_begun_stays_as_it_is() -> None:
    client = make_client()
    begun = make_session(client, starts_at=timezone.now() - timedelta(minutes=10))

    end(client)

    begun.refresh_from_db()
    assert begun.status == ClientSession.Status.BOOKED


def test_what_has_reached_the_client_stays_theirs() -> None:
    given = make_assignment()
    make_message(kind="exercise", subject_id=given.pk, state="sent", dispatched_at=timezone.now())

    end(given.client)

    given.refresh_from_db()
    assert given.state == Assignment.State.ASSIGNED


def test_twice_is_refused_and_nothing_is_doubled() -> None:
    client = make_client()
    end(client)

    with pytest.raises(ending.WorkEnded):
        end(client)
    assert deeds().count("client.end") == 1


def test_an_earlier_deed_of_the_diary_cannot_be_taken_back_afterwards() -> None:
    client = make_client()
    session = make_session(client)
    cancel_session(actor=client.counsellor, session=session, by=ClientSession.Status.CANCELLED_BY_COUNSELLOR)
    session.refresh_from_db()
    change = change_of(session)
    assert change is not None
    end(client)

    with pytest.raises(CannotUndo):
        undo(actor=client.counsellor, change=change)


def test_it_can_be_taken_up_again_and_books_nothing() -> None:
    client = make_client()
    session = make_session(client)
    end(client)

    take_up_again(actor=client.counsellor, client=client)
    take_up_again(actor=client.counsellor, client=client)

    client.refresh_from_db()
    session.refresh_from_db()
    assert (client.state, client.ended_at) == (Client.State.ACTIVE, None)
    assert session.is_cancelled
    assert deeds().count("client.take_up") == 1


# --- the page -----------------------------------------------------------------------------------------
def page(client: Client, **data: Any) -> Any:
    return browser_of(client.counsellor).post(reverse("exercises:end_work", args=[client.pk]), data)


def test_the_page_names_what_ends_before_it_does() -> None:
    client = make_client()
    make_session(client)
    daily(client)

    shown = browser_of(client.counsellor).get(reverse("exercises:end_work", args=[client.pk])).content.decode()

    assert "which will be cancelled" in shown
    assert "A quiet minute" in shown
    client.refresh_from_db()
    assert client.state == Client.State.ACTIVE


def test_a_press_ends_it_and_a_second_one_is_harmless() -> None:
    client = make_client()
    make_session(client)

    first, second = page(client), page(client)

    assert [first.url, second.url] == [reverse("clients:record", args=[client.pk])] * 2
    client.refresh_from_db()
    assert client.state == Client.State.ENDED
