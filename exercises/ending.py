"""The deed of ending the work with a client, with everything that hangs on it: it stands here, above the diary."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

import clients.ending
import sessions.ending
from clients.ending import WorkEnded
from clients.handing_over import HandedOver
from clients.models import Client
from exercises.answers import end_for
from exercises.models import Assignment, Course
from practice import trail
from practice.models import User

__all__ = ["Ended", "HandedOver", "WorkEnded", "end_work"]


@dataclass(frozen=True)
class Ended:
    """What came of it: sessions cancelled, programmes ended, mails that had left by then."""

    cancelled: int
    courses: int
    on_their_way: int


@transaction.atomic
def end_work(*, actor: User, client: Client) -> Ended:
    """End the work with a client: booked sessions are cancelled, series and programmes end, no mail leaves any more.

    What reached them stays theirs until its link runs out. The record stays, and is kept for the practice's time.
    Locks the diary, the client, their sessions and series, their courses. Raise WorkEnded, HandedOver.
    """
    client = clients.ending.locked_to_end(client)
    cancelled = sessions.ending.leave_diary(client)
    ended = _end_courses(client)
    with_them = Assignment.unscoped.filter(client=client, state=Assignment.State.ASSIGNED)  # no viewer: as above
    on_their_way = sum(end_for(each, "work has ended") for each in list(with_them.select_related("client")))
    left = clients.ending.close(client)
    for session in cancelled:
        trail.record("session.cancel", actor=actor, subject=session, reference=client.reference, by=session.status)
    for course in ended:
        trail.record("course.end", actor=actor, subject=course, reference=client.reference)
    trail.record(
        "client.end", actor=actor, subject=client, reference=client.reference,
        sessions_cancelled=len(cancelled), courses_ended=len(ended),
    )  # fmt: skip
    return Ended(len(cancelled), len(ended), max(left, on_their_way))


def _end_courses(client: Client) -> list[Course]:
    open_ones = Course.unscoped.filter(  # no viewer: the caller holds the client
        client=client, state__in=(Course.State.RUNNING, Course.State.HELD)
    )
    ended = list(open_ones.order_by("pk").select_for_update(no_key=True))
    for course in ended:
        course.state, course.held_why, course.closed_at = Course.State.ENDED, "", timezone.now()
        course.save(update_fields=["state", "held_why", "closed_at"])
    return ended
