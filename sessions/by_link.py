"""What a client sees of their session by its link, and what they may do about it. Nothing here writes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from clients.models import ClientLink
from clients.selectors import opened
from practice import clock
from sessions import notices
from sessions.models import ClientReply, ClientSession, DiaryRules

# The way into a video call is shown so long before the start, and until the end.
JOIN_BEFORE = timedelta(minutes=15)
OFFERED = 15


@dataclass(frozen=True)
class Doors:
    """What a client may do about a session now."""

    confirm: bool
    move: bool
    cancel: bool
    talk: bool


@dataclass(frozen=True)
class Where:
    """How and where it is held. `opens_at` is when the way in will be shown; None where nothing waits.

    `text` is a place, or what leads into a call; empty where the client knows it.
    """

    mode: str
    text: str = ""
    opens_at: datetime | None = None
    is_damaged: bool = False

    @property
    def is_link(self) -> bool:
        return self.text.startswith(("https://", "http://"))


def behind(link: ClientLink) -> ClientSession | None:
    """Return the session that a client's link opens."""
    rows = ClientSession.unscoped.select_related("client__counsellor")  # no viewer: the link's own
    return rows.filter(pk=link.subject_id, client=link.client_id).first()


def doors(session: ClientSession, rules: DiaryRules, now: datetime) -> Doors:
    """Return what may be done by the link. Within the practice's notice a client does not cancel alone."""
    is_on = session.status in ClientSession.AHEAD and session.ends_at > now
    is_ahead = is_on and session.starts_at > now
    is_in_time = session.starts_at - now >= rules.late_within
    return Doors(
        confirm=is_ahead, move=is_ahead, cancel=is_ahead and rules.clients_may_cancel and is_in_time, talk=is_on
    )


def where(session: ClientSession, now: datetime) -> Where:
    """Return how to get there, as far as it is shown now; a discreet client's place is the usual one."""
    if session.mode == ClientSession.Mode.PHONE:
        return Where(session.mode)
    place = opened(session, "place")
    if place.is_damaged:
        return Where(session.mode, is_damaged=True)
    if session.mode == ClientSession.Mode.IN_PERSON:
        return Where(session.mode, "" if session.client.is_discreet else place.text)
    opens_at = session.starts_at - JOIN_BEFORE
    if place.text and now < opens_at:
        return Where(session.mode, opens_at=opens_at)
    return Where(session.mode, place.text)


def has_moved(session: ClientSession) -> bool:
    """Say whether it has another time by now than the client was told last; one query."""
    told = notices.told_of(session).starts_at
    return told is not None and int(told.timestamp()) != int(session.starts_at.timestamp())


def spread(slots: Iterable[datetime]) -> list[datetime]:
    """Return a few of the free times: of each day the first, the last and one between, so that several days show."""
    days = [list(of_day) for _, of_day in groupby(sorted(slots), key=lambda slot: clock.local(slot).date())]
    few = [sorted({of_day[0], of_day[len(of_day) // 2], of_day[-1]}) for of_day in days]
    return [slot for of_day in few for slot in of_day][:OFFERED]


def waiting(session: ClientSession) -> dict[str, ClientReply]:
    """Return what the client has asked about a session and nobody has answered, by kind."""
    replies = ClientReply.unscoped.filter(session=session, state=ClientReply.State.OPEN)  # no viewer: the client's own
    return {reply.kind: reply for reply in replies}


def wishes_of(reply: ClientReply) -> list[datetime]:
    """Return the starts that would suit the client, in order."""
    return sorted(datetime.fromisoformat(each) for each in reply.wishes)
