"""Which courses the sweep has to look at: asked each minute, so it reads bare columns, many courses at a time."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.utils import timezone

from clients.models import Client
from exercises.models import Assignment, Course, CourseStep
from exercises.models.assignment import AT_WORK
from exercises.timing import Around, Given, Meeting, Plan, Step, is_finished, next_due, settled
from practice import clock
from practice.models import Practice
from sessions.models import ClientSession

BATCH = 500
# What took place, or is to: a session that was missed or cancelled is followed by nothing.
COUNTING = (*ClientSession.AHEAD, ClientSession.Status.ATTENDED)
# Longer than any step waits after a session.
_BACK = timedelta(days=100)


def to_look_at() -> list[UUID]:
    """Return the running courses of which something is due, or which are over; four queries for each 500."""
    practice = Practice.objects.first()
    if practice is None:
        return []
    running = Course.unscoped.filter(state=Course.State.RUNNING)  # no viewer: the sweep serves everybody
    courses = list(
        running.order_by("started_at").values(
            "pk", "client", "starts_on", "until_on", "rests_until", "client__state", "client__preferred_hour",
            "client__paused_until",
        )
    )  # fmt: skip
    found: list[UUID] = []
    for start in range(0, len(courses), BATCH):
        found += _in_batch(courses[start : start + BATCH], practice)
    return found


def _in_batch(courses: Sequence[Mapping[str, Any]], practice: Practice) -> list[UUID]:
    now = timezone.now()
    plans = _plans(courses)
    meetings = meetings_of({course["client"] for course in courses})
    found = []
    for course in courses:
        around = Around(
            now, practice, course["client__preferred_hour"], course["client__paused_until"],
            tuple(meetings[course["client"]]),
        )  # fmt: skip
        plan = plans[course["pk"]]
        due = next_due(plan, around)
        is_over = course["client__state"] == Client.State.ENDED or is_finished(plan, around)
        if is_over or (due is not None and due.at <= now):
            found.append(course["pk"])
    return found


def _plans(courses: Sequence[Mapping[str, Any]]) -> dict[UUID, Plan]:
    ids = [course["pk"] for course in courses]
    rows = CourseStep.unscoped.filter(course__in=ids).order_by("position")  # no viewer: the sweep serves everybody
    steps: dict[UUID, list[Step]] = defaultdict(list)
    for course, position, mode, days, on_date, weekdays in rows.values_list(
        "course", "position", "mode", "days", "on_date", "weekdays"
    ):
        steps[course].append(Step(position, mode, days, on_date, tuple(weekdays)))
    given = _given(ids, {course["pk"]: course["rests_until"] for course in courses})
    return {
        each["pk"]: Plan(
            steps[each["pk"]], each["starts_on"], each["until_on"], each["rests_until"], given[each["pk"]]
        )
        for each in courses
    }  # fmt: skip


def _given(ids: list[UUID], rests: dict[UUID, Any]) -> dict[UUID, list[Given]]:
    rows = Assignment.unscoped.filter(step__course__in=ids).order_by("assigned_at")  # no viewer: the sweep
    found: dict[UUID, list[Given]] = defaultdict(list)
    since = timezone.now() - AT_WORK
    for course, position, occurrence, assigned_at, answered_at, state, saved_at in rows.values_list(
        "step__course", "step__position", "occurrence", "assigned_at", "answered_at", "state", "draft__saved_at"
    ):
        on = clock.local(assigned_at).date()
        last: datetime | None = saved_at  # no draft, no time
        is_at_work = state == Assignment.State.ASSIGNED and last is not None and last > since
        settled_on = settled(on, answered_at, state, rests[course])
        found[course].append(Given(position, occurrence, on, settled_on, is_at_work))
    return found


def meetings_of(client_ids: Iterable[UUID]) -> dict[UUID, list[Meeting]]:
    """Return each client's sessions of the last months and to come, that take or took place; one query."""
    found: dict[UUID, list[Meeting]] = defaultdict(list)
    rows = ClientSession.unscoped.filter(client__in=list(client_ids), status__in=COUNTING)  # no viewer: the sweep
    for pk, client_id, starts_at in rows.filter(starts_at__gt=timezone.now() - _BACK).values_list(
        "pk", "client", "starts_at"
    ):
        found[client_id].append(Meeting(pk, clock.local(starts_at).date(), starts_at))
    return found
