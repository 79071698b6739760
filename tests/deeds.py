"""Every service that leaves a row in the trail, each with a deed that it really does: for tests/test_deeds.py.

A function arranges and returns the deed itself. A service that records and is not here fails the test.
"""

from collections.abc import Callable
from datetime import time, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction
from django.utils import timezone

from clients import erasure, journal, replay
from clients import services as clients
from clients.models import AskedBy, Client, ErasureRequest
from exercises import answers
from exercises import services as exercises
from notes import files
from notes import services as notes
from outbox import services as outbox
from outbox.models import Message
from practice import keys, members, mfa, sign_ins, trail_export
from practice import services as practice
from practice.models import User
from practice.roles import Role
from sessions import arrangements, feeds, reminding, replies, series, time_off, undoing, waiting
from sessions import services as sessions
from sessions.arrangements import Rules
from sessions.models import Agreement, ClientSession, DiaryRules, Series, SessionType
from sessions.outlook import Place
from sessions.recurrence import Rule
from supervision import handing_over
from supervision import services as supervision
from tests.exercises.factories import assign, make_assignment, make_version
from tests.factories import make_client, make_practice, make_session, make_user, make_waiting
from tests.notes.factories import make_file, make_note, make_past_session
from tests.practice.rows import make_invitation, make_message
from tests.sessions.time import make_leave, make_time_off
from tests.supervision.factories import item_of, make_flagged_note, make_pack
from vault import rotation

Deed = Callable[[], object]
DEEDS: dict[str, Callable[[], Deed]] = {}


def deed(service: str) -> Callable[[Callable[[], Deed]], Callable[[], Deed]]:
    def enter(arrange: Callable[[], Deed]) -> Callable[[], Deed]:
        DEEDS[service] = arrange
        return arrange

    return enter


def _inside_a_view(service: Callable[..., object], **values: object) -> object:
    """Do what writes nothing but its row, and leaves the transaction to its caller."""
    with transaction.atomic():
        return service(**values)


# --- the diary ------------------------------------------------------------------------------------------
@deed("sessions.feeds.make_feed")
def _make_feed() -> Deed:
    return partial(feeds.make_feed, actor=make_user(), naming="initials")


@deed("sessions.feeds.revoke_feed")
def _revoke_feed() -> Deed:
    counsellor = make_user()
    feed, _ = feeds.make_feed(actor=counsellor, naming="reference")
    return partial(feeds.revoke_feed, actor=counsellor, feed=feed)


# --- the practice ---------------------------------------------------------------------------------------
@deed("practice.services.create_practice")
def _create_practice() -> Deed:
    return partial(
        practice.create_practice,
        name="Willow",
        owner_name="Alder",
        owner_email="a@beside.test",
        password="a quiet place",
    )  # fmt: skip


@deed("practice.services.change_practice")
def _change_practice() -> Deed:
    row = make_practice()
    names = ("nation", "contact_line", "mail_from_time", "mail_until_time", "retention_years")
    kept = {name: getattr(row, name) for name in names if hasattr(row, name)}
    return partial(practice.change_practice, actor=make_user(Role.ADMIN), practice=row, name="Elm", **kept)


@deed("practice.services.invite_member")
def _invite_member() -> Deed:
    return partial(practice.invite_member, actor=make_user(Role.ADMIN), email="n@beside.test", role=Role.COUNSELLOR)


@deed("practice.services.accept_invitation")
def _accept_invitation() -> Deed:
    invitation, _ = make_invitation(make_user(Role.ADMIN))
    return partial(practice.accept_invitation, invitation=invitation, name="Hazel", password="a quiet place to be")


@deed("practice.services.resume_mail")
def _resume_mail() -> Deed:
    outbox.pause("refused")
    return partial(practice.resume_mail, actor=make_user(Role.ADMIN))


@deed("practice.services.release_mail")
def _release_mail() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(practice.release_mail, actor=actor, message=make_message(Message.State.FAILED, kind="exercise"))


@deed("practice.services.drop_mail")
def _drop_mail() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(practice.drop_mail, actor=actor, message=make_message(Message.State.FAILED))


@deed("practice.members.change_role")
def _change_role() -> Deed:
    return partial(members.change_role, actor=make_user(Role.ADMIN), member=make_user(), role=Role.SOLO)


@deed("practice.members.let_go")
def _let_go() -> Deed:
    return partial(members.let_go, actor=make_user(Role.ADMIN), member=make_user())


@deed("practice.members.bring_back")
def _bring_back() -> Deed:
    return partial(
        members.bring_back,
        actor=make_user(Role.ADMIN),
        member=make_user(is_active=False, left_at=timezone.now()),
    )


@deed("practice.members.revoke_invitation")
def _revoke_invitation() -> Deed:
    actor = make_user(Role.ADMIN)
    return partial(members.revoke_invitation, actor=actor, invitation=make_invitation(actor)[0])


@deed("practice.mfa.reset_second_factor")
def _reset_second_factor() -> Deed:
    member = make_user()
    Authenticator.objects.create(user=member, type=Authenticator.Type.TOTP, data={"secret": "sealed"})
    return partial(mfa.reset_second_factor, actor=make_user(Role.ADMIN), member=member)


@deed("practice.mfa.note_refused")
def _note_refused() -> Deed:
    return partial(_inside_a_view, mfa.note_refused, user=make_user(), is_signed_in=False, by="app")


def _signed_in(user: User) -> UserSession:
    return UserSession.objects.create(user=user, ip="192.0.2.0", user_agent="", session_key=uuid4().hex)


@deed("practice.sign_ins.end_one")
def _end_one() -> Deed:
    user = make_user()
    return partial(sign_ins.end_one, actor=user, sign_in=_signed_in(user))


@deed("practice.sign_ins.end_the_others")
def _end_the_others() -> Deed:
    user = make_user()
    _signed_in(user)
    return partial(sign_ins.end_the_others, actor=user, keep=None)


@deed("practice.keys.look_at_keys")
def _look_at_keys() -> Deed:
    rotation.begin()
    return partial(keys.look_at_keys, actor=make_user(Role.ADMIN))


@deed("practice.trail_export.export_trail")
def _export_trail() -> Deed:
    chosen = dict.fromkeys(("member", "first_day", "last_day"))
    return partial(trail_export.export_trail, actor=make_user(Role.ADMIN), reference="", deed="", **chosen)


# --- clients --------------------------------------------------------------------------------------------
@deed("clients.services.admit_client")
def _admit_client() -> Deed:
    return partial(clients.admit_client, actor=make_user(), name="Marigold", email="m@example.org", may_email="yes")


@deed("clients.services.change_client")
def _change_client() -> Deed:
    client = make_client()
    return partial(
        clients.change_client, actor=client.counsellor, client=client, version=client.version, email="new@example.org"
    )


@deed("clients.services.open_record")
def _open_record() -> Deed:
    client = make_client()
    return partial(clients.open_record, actor=client.counsellor, client=client)


@deed("clients.services.stop_mail")
def _stop_mail() -> Deed:
    return partial(clients.stop_mail, client=make_client())


@deed("clients.services.start_mail")
def _start_mail() -> Deed:
    return partial(clients.start_mail, client=make_client(mail_stopped_at=timezone.now()))


def _asked_for() -> ErasureRequest:
    client = make_client()
    return erasure.ask_erasure(
        actor=client.counsellor, client=client, asked_by=AskedBy.CLIENT, received_on=timezone.localdate()
    )


@deed("clients.erasure.ask_erasure")
def _ask_erasure() -> Deed:
    client = make_client()
    return partial(
        erasure.ask_erasure,
        actor=client.counsellor, client=client, asked_by=AskedBy.CLIENT, received_on=timezone.localdate(),
    )  # fmt: skip


@deed("clients.erasure.decline_erasure")
def _decline_erasure() -> Deed:
    request = _asked_for()
    why = ErasureRequest.Why.values[0]
    return partial(erasure.decline_erasure, actor=request.client.counsellor, request=request, why=why)


@deed("clients.erasure.erase_client")
def _erase_client() -> Deed:
    client = _asked_for().client
    make_note(make_past_session(client=client), is_signed=True)
    make_assignment(client)
    return partial(erasure.erase_client, actor=client.counsellor, client=client, is_rule_considered=True)


@deed("clients.erasure.set_hold")
def _set_hold() -> Deed:
    client = make_client()
    return partial(erasure.set_hold, actor=client.counsellor, client=client, reason="A court has asked.")


@deed("clients.erasure.lift_hold")
def _lift_hold() -> Deed:
    client = make_client()
    held = erasure.set_hold(actor=client.counsellor, client=client, reason="A court has asked.")
    return partial(erasure.lift_hold, actor=client.counsellor, client=held)


@deed("clients.replay.erase_again")
def _erase_again() -> Deed:
    client = make_client()
    make_assignment(client)
    line = journal.Line(
        client_id=client.pk, reference=client.reference, data_key_id=None, erased_at=timezone.now(), erased_by=None,
        asked_by=AskedBy.CLIENT, received_on=timezone.localdate(), is_rule_considered=True,
    )  # fmt: skip
    return partial(replay.erase_again, line)


# --- sessions -------------------------------------------------------------------------------------------
@deed("sessions.services.book_session")
def _book_session() -> Deed:
    client = make_client()
    return partial(
        sessions.book_session,
        actor=client.counsellor, client=client, starts_at=timezone.now() + timedelta(days=3),
        length=timedelta(minutes=50), mode="phone",
    )  # fmt: skip


@deed("sessions.services.move_session")
def _move_session() -> Deed:
    session = make_session()
    later = session.starts_at + timedelta(days=1)
    return partial(
        sessions.move_session, actor=session.counsellor, session=session, starts_at=later, length=session.length
    )


@deed("sessions.services.cancel_session")
def _cancel_session() -> Deed:
    session = make_session()
    by = next(iter(session.CANCELLED))
    return partial(sessions.cancel_session, actor=session.counsellor, session=session, by=by)


@deed("sessions.services.mark_outcome")
def _mark_outcome() -> Deed:
    session = make_session(starts_at=timezone.now() - timedelta(hours=3))
    return partial(sessions.mark_outcome, actor=session.counsellor, session=session, outcome="attended")


@deed("sessions.services.confirm_session")
def _confirm_session() -> Deed:
    return partial(sessions.confirm_session, session=make_session())


@deed("sessions.services.change_details")
def _change_details() -> Deed:
    session = make_session()
    return partial(
        sessions.change_details,
        actor=session.counsellor, session=session, version=1, mode="phone", place="", session_type=None,
        buffer=timedelta(0), fee_pence=None,
    )  # fmt: skip


@deed("sessions.undoing.undo")
def _undo() -> Deed:
    session = make_session()
    later = session.starts_at + timedelta(days=1)
    moved = sessions.move_session(actor=session.counsellor, session=session, starts_at=later, length=session.length)
    change = undoing.change_of(moved)
    assert change is not None
    return partial(undoing.undo, actor=session.counsellor, change=change)


@deed("sessions.time_off.block_time")
def _block_time() -> Deed:
    now = timezone.now()
    return partial(time_off.block_time, actor=make_user(), starts_at=now, ends_at=now + timedelta(hours=1), label="Gym")


@deed("sessions.time_off.change_block")
def _change_block() -> Deed:
    row = make_time_off(make_user())
    return partial(
        time_off.change_block,
        actor=row.counsellor, row=row, version=1, starts_at=row.starts_at, ends_at=row.ends_at + timedelta(hours=1),
    )  # fmt: skip


@deed("sessions.time_off.take_leave")
def _take_leave() -> Deed:
    choices = _cancelled_and_moved(make_user())
    today = timezone.localdate()
    return partial(
        time_off.take_leave,
        actor=choices[0].session.counsellor, first_on=today, last_on=today + timedelta(days=9), choices=choices,
    )  # fmt: skip


@deed("sessions.time_off.change_leave")
def _change_leave() -> Deed:
    today = timezone.localdate()
    row = make_leave(make_user(), today, today)
    return partial(
        time_off.change_leave,
        actor=row.counsellor, row=row, version=1, first_on=today, last_on=today + timedelta(days=9),
        choices=_cancelled_and_moved(row.counsellor),
    )  # fmt: skip


@deed("sessions.time_off.remove_time_off")
def _remove_time_off() -> Deed:
    row = make_time_off(make_user())
    return partial(time_off.remove_time_off, actor=row.counsellor, row=row)


def _cancelled_and_moved(counsellor: User) -> list[time_off.Choice]:
    """Return what is chosen for two sessions, in two and in three days."""
    one, two = (make_session(make_client(counsellor), timezone.now() + timedelta(days=days)) for days in (2, 3))
    later = two.starts_at + timedelta(days=20)
    return [
        time_off.Choice(one, one.version, time_off.Do.CANCEL),
        time_off.Choice(two, two.version, time_off.Do.MOVE, later),
    ]


def _booked_series(client: Client | None = None) -> Series:
    client = client or make_client()
    first = timezone.localdate() + timedelta(days=8)
    place = Place(time(10), timedelta(minutes=50))
    return series.book_series(
        actor=client.counsellor, client=client, rule=Rule(first), terms=series.Terms(place, "phone"), count=3
    )


def _first_of(row: Series) -> ClientSession:
    first = ClientSession.visible_to(row.counsellor).filter(series=row).order_by("starts_at").first()
    assert first is not None
    return first


@deed("sessions.series.book_series")
def _book_series() -> Deed:
    return partial(_booked_series, make_client())


@deed("sessions.series.change_series")
def _change_series() -> Deed:
    row = _booked_series()
    later = Place(time(14), timedelta(minutes=50))
    return partial(
        series.change_series,
        actor=row.counsellor, session=_first_of(row), scope=series.ALL, version=1, rule=Rule(row.first_on),
        terms=series.Terms(later, "phone"),
    )  # fmt: skip


@deed("sessions.series.cancel_series")
def _cancel_series() -> Deed:
    row = _booked_series()
    by = ClientSession.Status.CANCELLED_BY_COUNSELLOR
    return partial(
        series.cancel_series, actor=row.counsellor, session=_first_of(row), scope=series.ALL, version=1, by=by
    )


@deed("sessions.series.roll_series")
def _roll_series() -> Deed:
    row = _booked_series()
    row.count, row.planned_until = None, timezone.localdate()
    row.save(update_fields=["count", "planned_until"])
    ClientSession.unscoped.filter(series=row).delete()
    return partial(series.roll_series, row)


@deed("sessions.reminding.set_rules")
def _set_rules() -> Deed:
    client = make_client()
    make_session(client)
    return partial(reminding.set_rules, actor=client.counsellor, client=client, rules=["48h"])


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


# --- exercises ------------------------------------------------------------------------------------------
@deed("exercises.services.assign_exercise")
def _assign_exercise() -> Deed:
    return partial(assign, make_client(), version=make_version())


@deed("exercises.services.send_again")
def _send_again() -> Deed:
    assignment = make_assignment()
    return partial(exercises.send_again, actor=assignment.assigned_by, assignment=assignment)


@deed("exercises.services.withdraw_assignment")
def _withdraw() -> Deed:
    assignment = make_assignment()
    return partial(exercises.withdraw_assignment, actor=assignment.assigned_by, assignment=assignment)


@deed("exercises.answers.submit_answer")
def _submit_answer() -> Deed:
    return partial(
        answers.submit_answer, assignment=make_assignment(), sharing="shared", values={"line": "You again"}
    )


@deed("exercises.answers.decline_for_now")
def _decline() -> Deed:
    return partial(answers.decline_for_now, assignment=make_assignment())


@deed("exercises.services.review_answer")
def _review() -> Deed:
    assignment = make_assignment(state="done", answer={"line": "You again"})
    return partial(exercises.review_answer, actor=assignment.assigned_by, assignment=assignment, learned="It is tired.")


@deed("exercises.answers.open_answer")
def _open_answer() -> Deed:
    assignment = make_assignment(state="done", answer={"line": "You again"})
    return partial(answers.open_answer, actor=assignment.assigned_by, assignment=assignment)


# --- notes ----------------------------------------------------------------------------------------------
@deed("notes.services.save_draft")
def _save_draft() -> Deed:
    session = make_past_session()
    return partial(notes.save_draft, actor=session.counsellor, session=session, text="We sat.", version=0)


@deed("notes.services.sign_note")
def _sign_note() -> Deed:
    note = make_note()
    return partial(notes.sign_note, actor=note.author, note=note, version=note.version)


@deed("notes.services.save_and_sign")
def _save_and_sign() -> Deed:
    session = make_past_session()
    return partial(notes.save_and_sign, actor=session.counsellor, session=session, text="We sat.", version=0)


@deed("notes.services.open_note")
def _open_note() -> Deed:
    note = make_note()
    return partial(notes.open_note, actor=note.author, note=note)


@deed("notes.services.flag_for_supervision")
def _flag() -> Deed:
    note = make_note()
    return partial(notes.flag_for_supervision, actor=note.author, note=note, is_for_supervision=True, question="Why?")


@deed("notes.files.add_file")
def _add_file() -> Deed:
    return partial(make_file, make_client())


@deed("notes.files.open_content")
def _open_content() -> Deed:
    attachment = make_file()
    return partial(_inside_a_view, files.open_content, actor=attachment.client.counsellor, attachment=attachment)


@deed("notes.files.remove_file")
def _remove_file() -> Deed:
    attachment = make_file()
    return partial(files.remove_file, actor=attachment.client.counsellor, attachment=attachment)


# --- supervision ----------------------------------------------------------------------------------------
@deed("supervision.services.prepare_pack")
def _prepare_pack() -> Deed:
    return partial(make_pack, make_flagged_note())


@deed("supervision.services.open_pack")
def _open_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.open_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.change_item")
def _change_item() -> Deed:
    pack = make_pack()
    return partial(supervision.change_item, actor=pack.prepared_by, item=item_of(pack), text="Words.", question="Why?")


@deed("supervision.services.remove_item")
def _remove_item() -> Deed:
    pack = make_pack()
    return partial(supervision.remove_item, actor=pack.prepared_by, item=item_of(pack))


@deed("supervision.services.discard_pack")
def _discard_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.discard_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.release_pack")
def _release_pack() -> Deed:
    pack = make_pack()
    return partial(supervision.release_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.services.export_pack")
def _export_pack() -> Deed:
    pack = make_pack(is_released=True)
    return partial(supervision.export_pack, actor=pack.prepared_by, pack=pack)


@deed("supervision.handing_over.hand_over")
def _hand_over() -> Deed:
    client = make_client()
    make_session(client)
    return partial(handing_over.hand_over, actor=client.counsellor, client=client, to=make_user(), is_told=True)


@deed("supervision.handing_over.hand_over_all")
def _hand_over_all() -> Deed:
    client = make_client()
    return partial(
        handing_over.hand_over_all,
        actor=make_user(Role.ADMIN), clients=[client], to=make_user(), is_told=True, cancels_clashing=False,
    )  # fmt: skip
