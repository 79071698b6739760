"""What the demo's clients have said by the link to their next session, and wait for."""

from datetime import datetime, timedelta

from config.demo.stage import Stage
from practice import clock
from sessions.models import ClientReply, ClientSession
from sessions.slots import free_slots

Kind = ClientReply.Kind


def wait_for_answers(stage: Stage) -> None:
    """Let one client ask for another time and one to be rung: of the counsellor whom a newcomer signs in as."""
    counsellor = stage.members["counsellor@beside.test"]
    ahead = ClientSession.visible_to(counsellor).filter(starts_at__gt=stage.now + timedelta(days=2))
    asks, talks = list(ahead.select_related("client").order_by("starts_at")[1:3])
    first = clock.local(asks.starts_at).date() + timedelta(days=1)
    wishes = free_slots(counsellor, length=asks.length, buffer=asks.buffer, first=first, most=2)
    _say(stage, asks, Kind.MOVE, "Either would be easier; the school has changed its hours.", wishes)
    _say(stage, talks, Kind.TALK, "I may be ten minutes late. Could you ring me about it?")


def _say(stage: Stage, session: ClientSession, kind: str, words: str, wishes: list[datetime] | None = None) -> None:
    said_at = stage.now - timedelta(hours=2)
    reply = ClientReply.unscoped.create(  # no viewer: the demo is built from nothing
        session=session, client=session.client, kind=kind, words=stage.say(words), said_at=said_at,
        wishes=[each.isoformat() for each in wishes or []],
    )  # fmt: skip
    stage.trace("reply.ask", session.client, said_at, None, reply)
