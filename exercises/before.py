"""Practice before a session: what a client was given since they last came, and what came back of it."""

from dataclasses import dataclass, field

from django.db.models import Q

from clients.selectors import Opened, opened
from exercises.answers import open_answer
from exercises.models import Assignment, ExerciseVersion
from exercises.reviewing import waiting_besides
from exercises.selectors import Badge, Reply, badge_of, of_client, reply_of
from exercises.watch import COUNTING
from practice.models import User
from sessions.models import ClientSession

State = Assignment.State


@dataclass(frozen=True)
class Line:
    """One exercise, and where it stands."""

    assignment: Assignment
    badge: Badge

    @property
    def version(self) -> ExerciseVersion:
        return self.assignment.version


@dataclass(frozen=True)
class Before:
    """The latest practice in full, the others as lines; `besides` counts more answers of it that wait to be read."""

    latest: Line
    reply: Reply | None
    learned: Opened
    besides: int
    others: list[Line] = field(default_factory=list)

    @property
    def assignment(self) -> Assignment:
        return self.latest.assignment


def since_previous(viewer: User, session: ClientSession) -> list[Assignment]:
    """Return what a client was given or has answered between two sessions, what came back last first; two queries.

    Answers from further back that nobody has looked at come along, and stay on the page on which they are reviewed.
    What was withdrawn is left out.
    """
    held = ClientSession.visible_to(viewer).filter(client=session.client_id, status__in=COUNTING)
    previous = held.filter(starts_at__lt=session.starts_at).order_by("-starts_at").values_list("starts_at", flat=True)
    since = previous.first()
    given = of_client(viewer, session.client).filter(assigned_at__lt=session.starts_at)
    given = given.exclude(state=State.WITHDRAWN)
    if since is not None:
        is_unread = Q(answered_at__isnull=False, reviewed_at=None)
        has_come = Q(assigned_at__gte=since) | Q(answered_at__gte=since) | Q(reviewed_at__gte=since)
        given = given.filter(has_come | is_unread)
    answered_first = (lambda row: row.answered_at is not None, lambda row: row.answered_at or row.assigned_at)
    return sorted(given, key=lambda row: tuple(part(row) for part in answered_first), reverse=True)


def before_session(viewer: User, session: ClientSession) -> Before | None:
    """Return the practice before a session; None where there was none.

    An answer with words in it leaves the trace of being read.
    """
    given = since_previous(viewer, session)
    if not given:
        return None
    latest, *others = given
    reply = reply_of(latest)
    if reply is not None and reply.told:
        open_answer(actor=viewer, assignment=latest)
    return Before(
        Line(latest, badge_of(latest)),
        reply,
        opened(latest, "learned"),
        waiting_besides(viewer, latest),
        [Line(each, badge_of(each)) for each in others],
    )
