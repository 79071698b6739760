"""Questions about courses: which a client has, and what each is called on a page."""

from django.db.models import QuerySet

from clients.models import Client
from exercises.models import Assignment, Course
from practice.models import User


def courses_of(viewer: User, client: Client) -> QuerySet[Course]:
    """Return a client's courses with their programme and steps, the newest first; nothing is opened, two queries."""
    rows = Course.visible_to(viewer).filter(client=client).select_related("programme", "client")
    return rows.prefetch_related("steps__version").order_by("-started_at")


def open_courses(viewer: User, client: Client) -> list[Course]:
    """Return those that run or are on hold."""
    return list(courses_of(viewer, client).filter(state__in=(Course.State.RUNNING, Course.State.HELD)))


def title_of(course: Course) -> str:
    """Return a programme's title, or that of the exercise which is repeated."""
    if course.programme is not None:
        return course.programme.title
    return next((step.version.title for step in course.steps.all()), "")


def still_with(viewer: User, client: Client) -> list[Assignment]:
    """Return what is with a client, unanswered, by itself or of a course."""
    rows = Assignment.visible_to(viewer).filter(client=client, state=Assignment.State.ASSIGNED)
    return list(rows.select_related("version", "client").order_by("assigned_at"))
