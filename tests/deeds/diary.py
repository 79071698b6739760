"""Deeds around the diary: feeds, waiting list, replies, arrangements."""

from datetime import time, timedelta
from functools import partial
from typing import Any

from django.utils import timezone

from practice.roles import Role
from sessions import arrangements, feeds, replies, waiting
from sessions.arrangements import Rules
from sessions.models import Agreement, DiaryRules, SessionType
from tests.deeds.registry import Deed, deed
from tests.factories import make_client, make_session, make_user, make_waiting


@deed("sessions.feeds.make_feed")
def _make_feed() -> Deed:
    return partial(feeds.make_feed, actor=make_user(), naming="initials")


@deed("sessions.feeds.revoke_feed")
def _revoke_feed() -> Deed:
    counsellor = make_user()
    feed, _ = feeds.make_feed(actor=counsellor, naming="reference")
    return partial(feeds.revoke_feed, actor=counsellor, feed=feed)


@deed("sessions.waiting.wait")
def _wait() -> Deed:
    client = make_client()
    return partial(waiting.wait, actor=client.counsellor, client=client, urgency="soon", note="Not before ten.")


@deed("sessions.waiting.change_waiting")
def _change_waiting() -> Deed:
    entry = make_waiting()
    return partial(waiting.change_waiting, actor=entry.client.counsellor, entry=entry, urgency="soon")


@deed("sessions.waiting.stop_waiting")
def _stop_waiting() -> Deed:
    entry = make_waiting()
    return partial(waiting.stop_waiting, actor=entry.client.counsellor, entry=entry)


@deed("sessions.replies.ask_to_move")
def _ask_to_move() -> Deed:
    session = make_session()
    wishes = [session.starts_at + timedelta(days=1)]
    return partial(replies.ask_to_move, session=session, revision=1, wishes=wishes, words="After four")


@deed("sessions.replies.ask_for_contact")
def _ask_for_contact() -> Deed:
    return partial(replies.ask_for_contact, session=make_session(), revision=1, words="About the stairs")


@deed("sessions.replies.agree_reply")
def _agree_reply() -> Deed:
    session = make_session()
    later = session.starts_at + timedelta(days=1)
    reply = replies.ask_to_move(session=session, revision=1, wishes=[later])
    return partial(replies.agree_reply, actor=session.counsellor, reply=reply, starts_at=later)


@deed("sessions.replies.see_reply")
def _see_reply() -> Deed:
    session = make_session()
    reply = replies.ask_for_contact(session=session, revision=1)
    return partial(replies.see_reply, actor=session.counsellor, reply=reply)


@deed("sessions.replies.open_words")
def _open_words() -> Deed:
    session = make_session()
    reply = replies.ask_for_contact(session=session, revision=1, words="About the stairs")
    return partial(replies.open_words, actor=session.counsellor, replies=[reply])


@deed("sessions.arrangements.change_rules")
def _change_rules() -> Deed:
    rules = {field: getattr(DiaryRules(), field) for field in Rules.__annotations__}
    return partial(arrangements.change_rules, actor=make_user(Role.ADMIN), **{**rules, "offers_slots": True})


def _type() -> dict[str, Any]:
    return {
        "name": "Pair", "length": timedelta(minutes=80), "buffer": timedelta(0), "mode": "in_person", "place": "",
        "fee_pence": 9000,
    }  # fmt: skip


@deed("sessions.arrangements.add_type")
def _add_type() -> Deed:
    return partial(arrangements.add_type, actor=make_user(Role.ADMIN), **_type())


@deed("sessions.arrangements.change_type")
def _change_type() -> Deed:
    kind = SessionType.objects.create(name="Single")
    return partial(arrangements.change_type, actor=make_user(Role.ADMIN), kind=kind, **_type())


@deed("sessions.arrangements.archive_type")
def _archive_type() -> Deed:
    kind = SessionType.objects.create(name="Single")
    return partial(arrangements.archive_type, actor=make_user(Role.ADMIN), kind=kind)


@deed("sessions.arrangements.restore_type")
def _restore_type() -> Deed:
    kind = SessionType.objects.create(name="Single", is_archived=True)
    return partial(arrangements.restore_type, actor=make_user(Role.ADMIN), kind=kind)


@deed("sessions.arrangements.change_hours")
def _change_hours() -> Deed:
    return partial(arrangements.change_hours, actor=make_user(), spans=[(0, time(9), time(17))])


@deed("sessions.arrangements.agree")
def _agree() -> Deed:
    client = make_client()
    return partial(
        arrangements.agree, actor=client.counsellor, client=client, sessions=12, counts_from=timezone.localdate()
    )


@deed("sessions.arrangements.clear_agreement")
def _clear_agreement() -> Deed:
    client = make_client()
    Agreement.unscoped.create(client=client, sessions=12, counts_from=timezone.localdate())
    return partial(arrangements.clear_agreement, actor=client.counsellor, client=client)
