"""What the page of one assignment shows of its minutes, its reminders, the client's steps and its other days."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises.giving import give_due
from exercises.models import Assignment, Course
from outbox.models import Message
from tests.exercises.assigning import MONDAY
from tests.exercises.factories import assign, browser_of, make_assignment, make_version
from tests.exercises.pages import read
from tests.exercises.starting import repeat, start
from tests.factories import make_client, make_session

pytestmark = pytest.mark.django_db
State = Assignment.State


def page_of(assignment: Assignment) -> str:
    url = reverse("exercises:assignment", args=[assignment.pk])
    return read(browser_of(assignment.client.counsellor).get(url))


def test_it_shows_the_minutes_and_what_moves_with_the_session() -> None:
    client = make_client()
    session = make_session(client)
    text = page_of(make_assignment(client, before=session, follows_session=True, minutes=8))
    assert ("About 8" in text, "and moves with the next session" in text) == (True, True)


def test_it_shows_when_the_client_opened_and_began_it() -> None:
    text = page_of(make_assignment())
    assert ("<dt>Opened</dt>" in text, "<dt>Begun</dt>" in text) == (False, False)
    Assignment.unscoped.update(opened_at=timezone.now(), started_at=timezone.now())
    text = page_of(Assignment.unscoped.get())
    assert ("<dt>Opened</dt>" in text, "<dt>Begun</dt>" in text) == (True, True)


def test_reminders_are_shown_planned_and_sent_and_not_when_dropped() -> None:
    with time_machine.travel(MONDAY, tick=False):
        assignment = assign(make_client(), nudges=2, due_on=MONDAY.date() + timedelta(days=7))
        first, second = Message.objects.filter(kind="exercise_nudge").order_by("due_at")
        Message.objects.filter(pk=first.pk).update(state="sent", sent_at=first.due_at, dispatched_at=first.due_at)
        text = page_of(assignment)
        assert "Friendly reminders" in text
        for words in ("Thursday 26 November, 09:00", "Sunday 29 November, 09:00"):
            assert words in text
        Message.objects.filter(pk=second.pk).update(state="dropped")
        assert "Sunday 29 November, 09:00" not in page_of(assignment)


def test_without_reminders_it_says_so() -> None:
    assert "No reminder follows." in page_of(assign(make_client(), nudges=0))


@pytest.mark.parametrize(
    ("state", "badge"),
    [(State.TOO_MUCH, "Too much"), (State.GONE_BY, "Gone by")],
)
def test_too_much_and_gone_by_have_their_words(state: str, badge: str) -> None:
    answered_at = timezone.now() if state == State.TOO_MUCH else None
    text = page_of(make_assignment(state=state, answered_at=answered_at))
    assert (f">{badge}</span>" in text, "Nothing so far" in text) == (True, False)


def test_a_step_of_a_programme_leads_to_it() -> None:
    course = start(make_client(), ("together", 0))
    text = page_of(Assignment.unscoped.get())
    assert f'href="{reverse("exercises:course", args=[course.pk])}">Gentle weeks</a>' in text


def test_one_that_is_repeated_shows_its_other_days() -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        course = repeat(make_client())
        for _ in range(2):
            traveller.shift(timedelta(days=1))
            give_due(course.pk)
        text = page_of(Assignment.unscoped.get(occurrence="2026-11-24"))
    assert "Its other days" in text
    days = {each.occurrence: reverse("exercises:assignment", args=[each.pk]) for each in Assignment.unscoped.all()}
    assert [day for day, url in sorted(days.items()) if f'href="{url}"' in text] == ["2026-11-23", "2026-11-25"]
    assert f'href="{reverse("exercises:course", args=[course.pk])}">the same, repeated</a>' in text


@pytest.mark.parametrize("days", [1, 3])
def test_other_days_cost_one_query(days: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with time_machine.travel(MONDAY, tick=False) as traveller:
        course = repeat(make_client(), version=make_version())
        for _ in range(days):
            traveller.shift(timedelta(days=1))
            give_due(course.pk)
        browser = browser_of(Course.unscoped.get().client.counsellor)
        with django_assert_num_queries(8):
            browser.get(reverse("exercises:assignment", args=[Assignment.unscoped.get(state="assigned").pk]))
