"""The client's deeds, by their link: open, answer, "not this week", "too much"; and reading what came back."""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

import outbox.services
from exercises import planning
from exercises.closing import asked
from exercises.models import Answer, Assignment, Course, Draft, Sharing
from exercises.timing import REST
from outbox.models import Message
from practice import clock, trail
from practice.models import User
from vault.linked import open_with_token, seal_with_token
from vault.sealing import Place

State = Assignment.State
# {field name: text, number, option, list of options, or {part: text or number}}
Values = Mapping[str, Any]


class NotWithClient(Exception):
    """The exercise is no longer with the client: answered, put off or withdrawn."""


@dataclass(frozen=True)
class Key:
    """The link by which a client is here: its row's id and its token, which is nowhere but in their mail."""

    link_id: UUID
    token: str


@transaction.atomic
def open_page(*, assignment: Assignment) -> None:
    """Note the first time that the client opened the page, by its button."""
    fresh = Assignment.unscoped.filter(pk=assignment.pk, opened_at=None)  # no viewer: the client, by their link
    if fresh.update(opened_at=timezone.now()):
        _record("exercise.open", assignment)


@transaction.atomic
def submit_answer(*, assignment: Assignment, sharing: str, values: Values, key: Key | None = None) -> Answer:
    """Keep what the client sent, once; a second time changes nothing and returns what was sent first.

    Where they only say that they did it, no word is kept. What they keep to themselves is sealed with `key` alone.
    The draft goes. Raise NotWithClient when it was withdrawn or put off; ValueError for a question that the exercise
    does not ask, or words to be kept without a key.
    """
    names = {field.name for field in asked(assignment.version)}
    if sharing not in Sharing.values or not names.issuperset(values) or (sharing == Sharing.KEPT and key is None):
        raise ValueError("This is not an answer to this exercise.")
    if not leave_client(assignment, State.DONE):
        return _sent_before(assignment)
    answer = Answer(
        id=uuid4(), assignment=assignment, client=assignment.client, sharing=sharing,
        values=dict(values) if sharing == Sharing.SHARED else {},
    )  # fmt: skip
    if sharing == Sharing.KEPT and key is not None:
        answer.kept, answer.kept_by_link = seal_kept(answer, values, key), key.link_id
    answer.save(force_insert=True)
    Draft.unscoped.filter(assignment=assignment).delete()  # no viewer: the client's own
    planning.drop_mail(assignment, "already answered")
    _record("exercise.answer", assignment, sharing=sharing)
    return answer


def _sent_before(assignment: Assignment) -> Answer:
    answer = Answer.unscoped.filter(assignment=assignment).first()  # no viewer: the client's own answer
    if answer is None:
        raise NotWithClient("This exercise is no longer open.")
    return answer


def seal_kept(row: Answer | Draft, values: Values, key: Key) -> bytes:
    """Seal what is kept to themselves under the link's key."""
    return seal_with_token(json.dumps(dict(values), ensure_ascii=False), token=key.token, place=_place(row))


def open_kept(row: Answer | Draft, key: Key) -> dict[str, Any]:
    """Return what was kept. Raise VaultError where another link has sealed it."""
    opened: dict[str, Any] = json.loads(open_with_token(bytes(row.kept or b""), token=key.token, place=_place(row)))
    return opened


def _place(row: Answer | Draft) -> Place:
    return Place(row._meta.label, "kept", row.pk, row.client_id)


@transaction.atomic
def decline_for_now(*, assignment: Assignment) -> None:
    """Say "not this week" for the client: planned mail is dropped, no reason is asked. Harmless the second time.

    A course that it belongs to rests for seven days, and then goes on by itself. What was written stays for the client.
    Raise NotWithClient when it was answered or withdrawn.
    """
    course = _lock_course(assignment)
    if not leave_client(assignment, State.NOT_NOW):
        if assignment.state != State.NOT_NOW:
            raise NotWithClient("This exercise is no longer open.")
        return
    planning.drop_mail(assignment, "not this week")
    if course is not None:
        course.rests_until = clock.today() + REST
        course.save(update_fields=["rests_until"])
    _record("exercise.not_now", assignment)


@transaction.atomic
def say_too_much(*, assignment: Assignment) -> None:
    """Say "this was too much" for the client. Its mail is dropped, a course is put on hold; harmless the second time.

    Also of one that was put off or has gone by meanwhile: whoever says so is heard. The counsellor is told on Today;
    nobody is woken (the page shows help at once). Raise NotWithClient when it was answered or withdrawn.
    """
    course = _lock_course(assignment)
    if not leave_client(assignment, State.TOO_MUCH, of=(State.ASSIGNED, State.NOT_NOW, State.GONE_BY)):
        if assignment.state != State.TOO_MUCH:
            raise NotWithClient("This exercise is no longer open.")
        return
    planning.drop_mail(assignment, "it was too much")
    if course is not None and course.is_running:
        course.state, course.held_why = Course.State.HELD, Course.Why.TOO_MUCH
        course.save(update_fields=["state", "held_why"])
    _record("exercise.too_much", assignment)


def _lock_course(assignment: Assignment) -> Course | None:
    """Lock the course before the assignment, as the sweep does, so that the two do not wait for each other."""
    if assignment.step_id is None:
        return None
    courses = Course.unscoped.select_for_update(no_key=True)  # no viewer: the client's own, by their link
    return courses.filter(steps=assignment.step_id).first()


@transaction.atomic
def open_answer(*, actor: User, assignment: Assignment) -> None:
    """Leave a trace that the client's words were read."""
    trail.record("answer.read", actor=actor, subject=assignment, reference=assignment.client.reference)


def leave_client(
    assignment: Assignment, state: Assignment.State, *, of: Collection[Assignment.State] = (State.ASSIGNED,)
) -> bool:
    """Move from "with the client" to another state, in one statement, so that of two deeds only one is done."""
    answered_at = timezone.now() if state in Assignment.ANSWERED else None
    with_client = Assignment.unscoped.filter(pk=assignment.pk, state__in=of)  # no viewer: the caller's own row
    # What was looked at before it came to this is to be looked at again.
    is_done = bool(with_client.update(state=state, answered_at=answered_at, reviewed_at=None))
    try:
        assignment.refresh_from_db(fields=["state", "answered_at"])
    except Assignment.DoesNotExist as error:  # the client was erased at this moment
        raise NotWithClient("This exercise is no longer open.") from error
    return is_done


def end_for(assignment: Assignment, reason: str) -> int:
    """End what was given, in the caller's transaction: what reached the client stays theirs, what did not is withdrawn.

    Return how many of its mails are on their way.
    """
    # The row before its mails, as an answer locks them that comes in at this moment.
    rows = Assignment.unscoped.select_for_update(no_key=True)  # no viewer: the caller's own row
    list(rows.filter(pk=assignment.pk).values_list("pk"))
    own = outbox.services.drop([assignment.pk], kind=planning.MAIL_KIND, reason=reason)
    planning.drop_nudges(assignment, reason)
    has_left = Message.objects.filter(kind=planning.MAIL_KIND, subject_id=assignment.pk).exclude(dispatched_at=None)
    if not has_left.exists():
        leave_client(assignment, State.WITHDRAWN)
    return own.on_their_way


def _record(deed: str, assignment: Assignment, **detail: trail.Plain) -> None:
    trail.record(deed, actor=None, subject=assignment, reference=assignment.client.reference, **detail)
