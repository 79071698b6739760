"""Courses for tests of pages, made directly; their steps come when the test says so."""

from typing import Any

from clients.models import Client
from exercises.models import Course, CourseStep, Mode, Programme
from practice import clock
from tests.exercises.factories import make_version
from tests.factories import make_client


def make_course(client: Client | None = None, *, title: str = "Five weeks", **fields: Any) -> Course:
    """Return a running programme of one step that is still to come; with `programme=None` an exercise daily."""
    client = client or make_client()
    values: dict[str, Any] = {
        "started_by": client.counsellor, "personal_line": "For the walk home.", "why": "You spoke of it.",
        "plan_when": "after supper", "starts_on": clock.today(), **fields,
    }  # fmt: skip
    if "programme" not in values:
        number = Programme.objects.count()
        values["programme"] = Programme.objects.create(slug=f"programme-{number}", title=title)
    course = Course.unscoped.create(client=client, **values)
    repeats = {"mode": Mode.WEEKDAYS, "weekdays": list(range(7))}
    how: dict[str, Any] = {"mode": Mode.DONE_PLUS, "days": 5} if values["programme"] else repeats
    version = make_version("step-of-course", title="A step")
    CourseStep.unscoped.create(course=course, client=client, position=1, version=version, **how)
    return course
