"""Compassion practice: the sweep of each minute, over a large practice in which nothing is due."""

from datetime import timedelta
from typing import Any

from bench.ground import Figure, hand_over, side_by_side, start

COURSES, STEPS, CLIENTS, ROUNDS = 1000, 10, 50, 7


def fill(counsellor: Any) -> None:
    """Let programmes of ten steps run for a practice's clients, each with three that were answered."""
    from uuid import uuid4

    from django.utils import timezone

    from exercises.models import Assignment, Course, CourseStep, Mode
    from practice import clock
    from tests.exercises.factories import make_version
    from tests.factories import make_client

    clients = [make_client(counsellor) for _ in range(CLIENTS)]
    version, today, now = make_version(), clock.today(), timezone.now()
    words = {"personal_line": "Gently.", "why": "You asked.", "plan_when": "mornings"}
    courses = [
        Course(client=clients[n % CLIENTS], started_by=counsellor, starts_on=today - timedelta(days=9), **words)
        for n in range(COURSES)
    ]
    Course.unscoped.bulk_create(courses)
    steps = [
        CourseStep(
            course=course, client=course.client, position=n, version=version, days=0 if n == 1 else 4,
            mode=Mode.TOGETHER if n == 1 else Mode.DONE_PLUS,
        )
        for course in courses
        for n in range(1, STEPS + 1)
    ]  # fmt: skip
    CourseStep.unscoped.bulk_create(steps, batch_size=500)
    Assignment.unscoped.bulk_create(
        [
            Assignment(
                id=uuid4(), client=step.client, version=version, assigned_by=counsellor, step=step, occurrence="once",
                due_on=today, state="done", answered_at=now - timedelta(days=1), reviewed_at=now,
                assigned_at=now - timedelta(days=9 - 3 * step.position + 3), **words,
            )
            for step in steps
            if step.position <= 3  # noqa: PLR2004 - three that were answered
        ],
        batch_size=500,
    )  # fmt: skip


def _rows() -> int:
    """Read the same rows and do nothing with them."""
    from exercises.models import Assignment, Course, CourseStep

    read = list(Course.unscoped.select_related("client__counsellor")), list(CourseStep.unscoped.all())
    return len(read[0]) + len(read[1]) + len(list(Assignment.unscoped.defer(*Assignment.Privacy.sealed)))


def _measured() -> list[Figure]:
    from exercises import following, giving
    from tests.factories import make_user

    counsellor = make_user()
    fill(counsellor)
    assert giving.sweep() == 0
    sweep, follow, rows = side_by_side(ROUNDS, giving.sweep, following.follow_sessions, _rows)
    return [
        Figure(
            "practice", f"a minute's sweep over {COURSES:,} running courses, nothing due, beside reading their rows",
            f"{(sweep + follow) * 1000:.0f} ms", f"{rows * 1000:.0f} ms", f"{(sweep + follow) / rows:.1f}×",
        )
    ]  # fmt: skip


if __name__ == "__main__":
    start()
    hand_over(_measured())
