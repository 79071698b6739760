"""What is best done before the next session follows that session when it moves: its day, its nudges, a course's end.

Sessions know nothing of exercises, so the sweep looks each minute.
"""

from datetime import date, datetime, timedelta
from typing import TypeVar

from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from exercises import planning
from exercises.models import Assignment, Course
from outbox.models import Message
from practice import clock
from sessions.models import ClientSession

_EVE = timedelta(days=1)
OPEN = (Course.State.RUNNING, Course.State.HELD)
_Row = TypeVar("_Row", Assignment, Course)


def follow_sessions() -> int:
    """Move what hangs on a session that has moved; return how many that was. A due day never lies before its mail."""
    return sum(map(_follow, _strays())) + sum(map(_follow_with_end, _courses()))


def _strays() -> list[Assignment]:
    mail = Message.objects.filter(kind=planning.MAIL_KIND, subject_id=OuterRef("pk")).order_by("due_at")
    rows = Assignment.unscoped.filter(  # no viewer: the sweep serves everybody
        state=Assignment.State.ASSIGNED, follows_session=True
    )
    rows = _with_coming(rows).annotate(leaves_at=Subquery(mail.values("due_at")[:1]))
    return [row for row in rows.select_related("client") if (row.before_id, row.due_on) != _wanted(row)]


def _wanted(row: Assignment) -> tuple[object, date]:
    """Return the session ahead, and the day before it, of a row that was read with both."""
    first = clock.local(row.leaves_at or row.assigned_at).date()  # type: ignore[attr-defined]  # annotated
    return row.coming, max(_eve_of(row.coming_at), first)  # type: ignore[attr-defined]  # annotated


def _with_coming(rows: QuerySet[_Row]) -> QuerySet[_Row]:
    """Annotate the client's next session, and leave out who has none: then all stays as it is.

    So it does once the session has begun before which it was meant: what was not done then is asked for no more.
    """
    begun = rows.filter(before__starts_at__lte=timezone.now()).exclude(before__status__in=ClientSession.CANCELLED)
    rows = rows.exclude(pk__in=begun.values("pk"))
    ahead = ClientSession.unscoped.filter(  # no viewer: the sweep serves everybody
        client=OuterRef("client"), status__in=ClientSession.AHEAD, starts_at__gt=timezone.now()
    ).order_by("starts_at", "pk")
    coming = rows.annotate(coming=Subquery(ahead.values("pk")[:1]), coming_at=Subquery(ahead.values("starts_at")[:1]))
    return coming.filter(coming__isnull=False)


def _eve_of(starts_at: datetime) -> date:
    return clock.local(starts_at).date() - _EVE


@transaction.atomic
def _follow(stray: Assignment) -> int:
    before_id, due_on = _wanted(stray)
    rows = Assignment.unscoped.filter(pk=stray.pk, state=Assignment.State.ASSIGNED)  # no viewer: the sweep
    if not rows.update(before=before_id, due_on=due_on):
        return 0
    stray.due_on = due_on
    planning.plan_nudges(stray)
    return 1


def _courses() -> list[Course]:
    """Return those that run until a session which has not begun, on hold too: it may move meanwhile."""
    ahead = Q(before__starts_at__gt=timezone.now()) | Q(before__status__in=ClientSession.CANCELLED)
    rows = Course.unscoped.filter(ahead, state__in=OPEN, closed_at=None)  # no viewer: the sweep serves everybody
    return list(_with_coming(rows))


def _follow_with_end(course: Course) -> int:
    coming, until_on = course.coming, max(_eve_of(course.coming_at), course.starts_on)  # type: ignore[attr-defined]  # annotated
    if until_on not in (course.until_on, max(until_on, clock.today())):
        until_on = clock.today()  # moved here by a slip, perhaps, and to be moved back: that ends nothing yet
    if (course.before_id, course.until_on) == (coming, until_on):
        return 0
    rows = Course.unscoped.filter(pk=course.pk, state__in=OPEN)  # no viewer: the sweep serves everybody
    return rows.update(before=coming, until_on=until_on)
