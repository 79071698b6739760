"""What Today shows of practice between sessions: what was too much, answers to read, programmes that stand still."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from exercises.models import Assignment, Course
from exercises.running import title_of
from exercises.selectors import Badge, badge_of, to_review
from practice.models import User
from practice.panels import Panel
from sessions.models import ClientSession
from sessions.selectors import name_of
from vault.services import warm

SHOWN = 8
# So long Today says that a client has stopped a programme, unless they have come to a session since.
SAID_FOR = timedelta(days=14)
_STOPPED = "They have stopped it, and nothing more of it comes. That may be worth a word when you meet."
_NO_MAIL = "They have stopped e-mails, so nothing of it reaches them. It can be ended, or done together."
_HELD = "On hold since it was too much. It goes on, or ends, when you say so."
State = Assignment.State


@dataclass(frozen=True)
class Row:
    """One thing that waits. `detail` stands under the name and before `at`; `words` are a sentence on what to do."""

    url: str
    client: Client
    detail: str
    badge: Badge
    at: datetime | None = None
    words: str = ""
    icon: str = "leaf"

    @property
    def name(self) -> str:
        return name_of(self.client)


def today_panel(viewer: User, subject: object) -> Panel | None:
    """Show what was too much, then what came back, the longest first, then programmes that stand still.

    Answers to one exercise that is repeated are one row. Nothing where nothing waits.
    """
    waiting = list(to_review(viewer).select_related("step__course").defer("answer__values"))
    too_much = [each for each in waiting if each.state == State.TOO_MUCH]
    told_of = {each.step.course_id for each in too_much if each.step is not None}
    rows = [_too_much(each) for each in too_much]
    rows += _answers(each for each in waiting if each.state != State.TOO_MUCH)
    rows += [_standing_still(each) for each in _still(viewer) if each.pk not in told_of]
    if not rows:
        return None
    warm(row.client.pk for row in rows[:SHOWN])
    context = {"rows": rows[:SHOWN], "more": len(rows) - len(rows[:SHOWN])}
    return Panel("exercises/_today_panel.html", context, needs=len(rows))


def _too_much(given: Assignment) -> Row:
    is_held = given.step is not None and given.step.course.state == Course.State.HELD
    held = " Nothing more of it comes until you say so." if is_held else ""
    return Row(
        reverse("exercises:assignment", args=[given.pk]),
        given.client,
        f"It was too much: {given.version.title},",
        badge_of(given),
        given.answered_at,
        f"Perhaps ring before the next session.{held}",
        "heart",
    )


def _answers(waiting: Iterable[Assignment]) -> Iterator[Row]:
    """Give a row for each exercise of a client, in the order in which its first answer came."""
    groups: dict[object, list[Assignment]] = {}
    for each in waiting:
        groups.setdefault((each.client_id, each.version.exercise_id), []).append(each)
    for rows in groups.values():
        last = rows[-1]
        if len(rows) == 1:
            url = reverse("exercises:assignment", args=[last.pk])
            yield Row(url, last.client, f"{last.version.title},", badge_of(last), last.answered_at)
        else:
            url = reverse("exercises:review_all", args=[last.client_id, last.version.exercise.slug])
            badge = Badge(f"{len(rows)} to read", "ok")
            yield Row(url, last.client, f"{last.version.title}: {_counted(rows)}, the last", badge, last.answered_at)


def _counted(rows: list[Assignment]) -> str:
    """Say how many answers there are; "not this week" is one, and is named where there is no other."""
    later = sum(each.state == State.NOT_NOW for each in rows)
    if later == len(rows):
        return f"“not this week” {later} times"
    return f"{len(rows)} answers"


def _still(viewer: User) -> QuerySet[Course]:
    """Return programmes that stand still for a reason of the client's; one query and one for their steps."""
    open_ones = Q(state__in=(Course.State.RUNNING, Course.State.HELD))
    is_held = Q(state=Course.State.HELD, held_why=Course.Why.TOO_MUCH)
    stopped = Q(is_ended_by_client=True, closed_at__gt=timezone.now() - SAID_FOR) & ~_met_since()
    rows = Course.visible_to(viewer).filter(client__state=Client.State.ACTIVE)
    rows = rows.filter(is_held | open_ones & Q(client__mail_stopped_at__isnull=False) | stopped)
    return rows.select_related("programme", "client").prefetch_related("steps__version").order_by("started_at")


def _met_since() -> Exists:
    held = ClientSession.unscoped.filter(client=OuterRef("client"))  # no viewer: of courses that are the viewer's
    held = held.exclude(status__in=ClientSession.CANCELLED)
    return Exists(held.filter(starts_at__gt=OuterRef("closed_at"), starts_at__lt=timezone.now()))


def _standing_still(course: Course) -> Row:
    url, title = reverse("exercises:course", args=[course.pk]), title_of(course)
    if course.state == Course.State.ENDED:
        return Row(url, course.client, f"{title},", Badge("Stopped by them", "soft"), course.closed_at, _STOPPED)
    if course.client.mail_stopped_at is not None:
        return Row(
            url, course.client, f"{title},", Badge("E-mails stopped", "soft"), course.client.mail_stopped_at, _NO_MAIL
        )
    return Row(url, course.client, title, Badge("On hold", "wait"), None, _HELD)
