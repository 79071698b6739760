"""Builds the demo practice in one transaction."""

from datetime import timedelta
from uuid import uuid4

from django.db import transaction

from clients.erasure import ask_erasure, set_hold
from clients.models import AskedBy, Client
from config.demo.between import let_practice_run
from config.demo.diary import fill_diary
from config.demo.practice_work import give_exercises
from config.demo.replies import wait_for_answers
from config.demo.settled import finish, settle
from config.demo.stage import Stage, admit_everybody, set_up
from config.demo.words import LETTER, LETTER_ABOUT, LETTER_NAME
from notes.files import add_file
from notes.models import Attachment, Note
from outbox.models import Message
from practice import trail
from practice.clock import today
from sessions.models import ClientSession
from sessions.services import REMINDER
from supervision.services import prepare_pack, release_pack
from vault.services import warm


@transaction.atomic
def build(canary: str = "") -> Stage:
    """Make everything. `canary` goes into every field that holds something said in confidence."""
    stage = set_up(canary)
    admit_everybody(stage)
    warm(client.pk for _, client in stage.clients)
    settle(stage)
    fill_diary(stage)
    finish(stage)
    give_exercises(stage)
    let_practice_run(stage)
    wait_for_answers(stage)
    _mail_of_last_week(stage)
    _mail_in_trouble(stage)
    _release_a_pack(stage)
    _asked_to_erase(stage)
    _keep_a_letter(stage)
    for entry in sorted(stage.audit, key=lambda entry: entry.at):
        trail.append(entry, at=entry.at)
    return stage


def _mail_of_last_week(stage: Stage) -> None:
    """Let the reminders of the last two weeks have left."""
    since = stage.now - timedelta(weeks=2)
    recent = ClientSession.unscoped.filter(starts_at__range=(since, stage.now))  # no viewer: the demo is built whole
    for session in recent.select_related("client"):
        if not session.client.may_be_mailed:
            continue
        left_at = session.starts_at - timedelta(hours=24)
        Message.objects.create(
            **_of(session), state=Message.State.SENT, smtp_reply="250 OK", due_at=left_at, sent_at=left_at,
            dispatched_at=left_at, attempts=1, expires_at=session.starts_at,
            sent_copy={"to": session.client.email, "subject": "Reminder", "text": stage.say("This is a reminder.")},
        )  # fmt: skip


def _mail_in_trouble(stage: Stage) -> None:
    """Give the admin something to decide: one mail that was refused, one of which nobody knows."""
    people = [client for _, client in stage.clients if client.may_be_mailed]
    states = [
        (Message.State.FAILED, "the mail server refused it", "550 No such user here"),
        (Message.State.UNSURE, "the connection was lost while sending", "line lost: SMTPServerDisconnected"),
    ]
    for client, (state, reason, reply) in zip(people, states, strict=False):
        tried_at = stage.now - timedelta(hours=3)
        row = ClientSession.unscoped.filter(client=client, starts_at__gt=stage.now)  # no viewer: built whole
        session = row.order_by("-starts_at")[0]
        Message.objects.filter(subject_id=session.pk).update(
            state=state, reason=reason, smtp_reply=reply, due_at=tried_at, dispatched_at=tried_at, attempts=1
        )


def _release_a_pack(stage: Stage) -> None:
    counsellor = stage.members["counsellor@beside.test"]
    flagged = Note.visible_to(counsellor).filter(is_for_supervision=True).order_by("session__starts_at")
    pack = prepare_pack(actor=counsellor, notes=list(flagged[:2]))
    release_pack(actor=counsellor, pack=pack)


def _keep_a_letter(stage: Stage) -> None:
    """Put a file on the first client's record, as if it had been added some weeks ago."""
    client = stage.clients[0][1]
    content = stage.say(LETTER).encode()
    letter = add_file(
        actor=client.counsellor, client=client, nonce=uuid4(), pieces=[content], size=len(content), kind="text",
        name=f"{LETTER_NAME}{stage.canary}.txt", description=stage.say(LETTER_ABOUT),
    )  # fmt: skip
    added_at = stage.now - timedelta(weeks=3)
    Attachment.unscoped.filter(pk=letter.pk).update(added_at=added_at)  # no viewer: the demo is built whole


def _asked_to_erase(stage: Stage) -> None:
    """Let somebody whose work has ended ask to be erased, and keep somebody else's record for a court."""
    (ended,) = [client for person, client in stage.clients if person.has_ended]
    ask_erasure(
        actor=ended.counsellor, client=ended, asked_by=AskedBy.CLIENT, received_on=today() - timedelta(days=3),
        note=stage.say("She rang, and wrote the same day from the address that we have."),
    )  # fmt: skip
    discreet = next(client for _, client in stage.clients if client.is_discreet)
    set_hold(actor=discreet.counsellor, client=discreet, reason=stage.say("Her solicitor asks us to keep everything."))


def _of(session: ClientSession) -> dict[str, object]:
    client: Client = session.client
    return {
        "kind": REMINDER, "subject_id": session.pk, "owner_id": client.pk, "reference": client.reference,
        "key": f"{REMINDER}:{session.pk}:lead:24h:1",
    }  # fmt: skip
