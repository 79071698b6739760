"""Deeds on exercises: publish, assign, withdraw, answer, put off, review."""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone

from clients import links
from clients.models import Client
from exercises import library, selectors
from exercises.models import Answer, Assignment, Exercise, ExerciseVersion, Sharing
from outbox import services as outbox
from outbox.selectors import messages_for
from outbox.services import DropResult, Wanted
from practice import clock, trail
from practice.models import Practice, User

MAIL_KIND = "exercise"
# A mail that is this much later than its day helps nobody any more.
MAIL_LASTS = timedelta(days=7)
State = Assignment.State
# {field name: text, number from 0 to 10, option, or list of options}
Values = Mapping[str, Any]


class MayNotBeMailed(Exception):
    """The client has not agreed to e-mail, has stopped it, or has no address."""


class DueDayPast(Exception):
    """The day by which it is meant to be done lies behind us."""


class AlreadyWithClient(Exception):
    """The client has this exercise already and has not answered: a second mail about it would be pressure."""


class FormUsed(Exception):
    """The form's number belongs to another deed."""


class NotWithClient(Exception):
    """The exercise is no longer with the client: answered, put off or withdrawn."""


class MailWaits(Exception):
    """A mail of this exercise is planned already."""


class NothingToReview(Exception):
    """The client has sent nothing so far."""


@transaction.atomic
def publish_shipped() -> list[ExerciseVersion]:
    """Publish what ships. Words that changed become a new version; return the versions that are new."""
    published = (_publish(text) for text in library.shipped())
    return [version for version in published if version is not None]


def _publish(text: library.ExerciseText) -> ExerciseVersion | None:
    exercise, _ = Exercise.objects.update_or_create(
        slug=text.slug, defaults={"way": text.way, "position": text.position}
    )
    newest = exercise.versions.order_by("-number").first()
    words = text.words()
    if newest is not None and all(getattr(newest, name) == value for name, value in words.items()):
        return None
    return exercise.versions.create(number=newest.number + 1 if newest else 1, **words)


@transaction.atomic
def assign_exercise(
    *,
    actor: User,
    client: Client,
    version: ExerciseVersion,
    personal_line: str,
    why: str,
    plan_when: str,
    plan_where: str,
    due_on: date,
    send_at: datetime,
    is_practised_together: bool,
    nonce: UUID,
) -> Assignment:
    """Give a client an exercise and plan its mail. `nonce` becomes the row's id: a second submit changes nothing.

    Raise MayNotBeMailed, DueDayPast, AlreadyWithClient, FormUsed; ValueError without a personal line, a
    why and a plan (engagement goes with the reason and the plan: docs/exercises.md, "Before you send one").
    """
    if not (personal_line.strip() and why.strip() and plan_when.strip()):
        raise ValueError("An exercise needs a personal line, a why and a plan.")
    # Two submits of one form wait for each other here, so that the second finds what the first has made; and consent
    # is read from this row, which nobody can change until the mail is planned.
    client = Client.unscoped.select_for_update().get(pk=client.pk)  # no viewer: whoever holds the row passed the scope
    assignment = Assignment(
        id=nonce, client=client, version=version, assigned_by=actor, before=selectors.next_session(actor, client),
        personal_line=personal_line, why=why, plan_when=plan_when, plan_where=plan_where,
        is_practised_together=is_practised_together, due_on=due_on,
    )  # fmt: skip
    earlier = Assignment.unscoped.filter(pk=nonce).first()  # no viewer: looks for this very form's own row
    if earlier is not None:
        return _same_form(earlier, assignment)
    _may_assign(assignment)
    assignment.save(force_insert=True)
    _plan_mail(assignment, send_at)
    trail.record(
        "exercise.assign", actor=actor, subject=assignment, reference=client.reference,
        version=version.pk, due_on=due_on, is_practised_together=is_practised_together,
    )  # fmt: skip
    return assignment


def _same_form(earlier: Assignment, again: Assignment) -> Assignment:
    if (earlier.client_id, earlier.assigned_by_id) != (again.client_id, again.assigned_by_id):
        raise FormUsed("This form was used before. Please open it anew.")
    return earlier


def _may_assign(wish: Assignment) -> None:
    if not wish.client.may_be_mailed:
        raise MayNotBeMailed("This client may not be e-mailed.")
    if wish.due_on < clock.today():
        raise DueDayPast("This day has already passed.")
    with_client = Assignment.unscoped.filter(client=wish.client, state=State.ASSIGNED)  # no viewer: the client's own
    if with_client.filter(version__exercise_id=wish.version.exercise_id).exists():
        raise AlreadyWithClient("They have this exercise already and have not answered yet.")


def _plan_mail(assignment: Assignment, send_at: datetime, *, revision: int = 1) -> None:
    client = assignment.client
    lasts_until = clock.start_of(assignment.due_on + timedelta(days=1)) + MAIL_LASTS
    expires_at = max(lasts_until, send_at + MAIL_LASTS)
    outbox.plan(
        MAIL_KIND,
        subject_id=assignment.pk,
        owner_id=client.pk,
        reference=client.reference,
        wanted=[Wanted(rule="give", revision=revision, due_at=send_at, expires_at=expires_at)],
    )


@transaction.atomic
def send_again(*, actor: User, assignment: Assignment) -> None:
    """Plan one more mail for an exercise that is still with the client; it brings a link of its own.

    It leaves straight away, within the practice's hours. Earlier mails that wait for a decision are given up in its
    favour. Locks client and assignment, so that two clicks plan one mail. Raise NotWithClient, MayNotBeMailed,
    MailWaits; VaultError where the address does not open.
    """
    # An answer that comes in meanwhile refers to the client, which NO KEY lets it: else the two would deadlock.
    clients = Client.unscoped.select_for_update(no_key=True)  # no viewer: the caller's own row
    client = clients.get(pk=assignment.client_id)
    rows = Assignment.unscoped.select_related("client").select_for_update(of=("self",))  # no viewer: the caller's own
    assignment = rows.get(pk=assignment.pk)
    if not assignment.is_open:
        raise NotWithClient("This exercise is no longer with the client.")
    if not client.may_be_mailed:
        raise MayNotBeMailed("This client may not be e-mailed.")
    mails = messages_for([assignment.pk])[assignment.pk]
    if not selectors.may_send_again(assignment, mails):
        raise MailWaits("A mail of this exercise is planned already.")
    for mail in mails:
        if mail.state in selectors.UNDECIDED:
            outbox.give_up(mail, reason="sent again by the counsellor")
    send_at = selectors.sending_moment(client, "now", Practice.current())
    _plan_mail(assignment, send_at, revision=1 + max(map(selectors.revision_of, mails), default=0))
    _record("exercise.send_again", assignment, actor)


@transaction.atomic
def withdraw_assignment(*, actor: User, assignment: Assignment) -> DropResult:
    """Take an exercise back: planned mail is dropped, its link closed. Harmless the second time.

    Raise NotWithClient once the client has answered.
    """
    if not _leave_client(assignment, State.WITHDRAWN):
        if assignment.state != State.WITHDRAWN:
            raise NotWithClient("The client has answered already.")
        return DropResult(0, 0)
    result = outbox.drop([assignment.pk], kind=MAIL_KIND, reason="exercise withdrawn")
    links.revoke(subject_id=assignment.pk)
    _record("exercise.withdraw", assignment, actor)
    return result


@transaction.atomic
def submit_answer(*, assignment: Assignment, sharing: str, values: Values) -> Answer:
    """Keep what the client sent, once; a second time changes nothing and returns what was sent first.

    Where they only say that they did it, no word is kept. Raise NotWithClient when it was withdrawn or put off;
    ValueError for a question that the exercise does not ask.
    """
    asked = {field["name"] for field in assignment.version.fields}
    if sharing not in Sharing.values or not asked.issuperset(values):
        raise ValueError("This is not an answer to this exercise.")
    if not _leave_client(assignment, State.DONE):
        return _sent_before(assignment)
    answer = Answer.unscoped.create(  # no viewer: the client's own answer
        assignment=assignment,
        client=assignment.client,
        sharing=sharing,
        values=dict(values) if sharing == Sharing.SHARED else {},
    )
    outbox.drop([assignment.pk], kind=MAIL_KIND, reason="already answered")
    _record("exercise.answer", assignment, None, sharing=sharing)
    return answer


def _sent_before(assignment: Assignment) -> Answer:
    answer = Answer.unscoped.filter(assignment=assignment).first()  # no viewer: the client's own answer
    if answer is None:
        raise NotWithClient("This exercise is no longer open.")
    return answer


@transaction.atomic
def decline_for_now(*, assignment: Assignment) -> None:
    """Say "not this week" for the client: planned mail is dropped, no reason is asked. Harmless the second time.

    Raise NotWithClient when it was answered or withdrawn.
    """
    if not _leave_client(assignment, State.NOT_NOW):
        if assignment.state != State.NOT_NOW:
            raise NotWithClient("This exercise is no longer open.")
        return
    outbox.drop([assignment.pk], kind=MAIL_KIND, reason="not this week")
    _record("exercise.not_now", assignment, None)


@transaction.atomic
def review_answer(*, actor: User, assignment: Assignment, learned: str) -> None:
    """Mark what came back as reviewed, with what was learned from it. The day of the first review stays.

    Raise NothingToReview before the client has sent anything; VaultError where what was learned before does not open:
    words that nobody could read are not written over.
    """
    assignment.refresh_from_db()
    if assignment.answered_at is None:
        raise NothingToReview("The client has sent nothing so far.")
    is_same = assignment.learned == learned
    if assignment.reviewed_at is not None and is_same:
        return
    assignment.learned = learned
    assignment.reviewed_at = assignment.reviewed_at or timezone.now()
    assignment.save(update_fields=["learned", "reviewed_at"])
    _record("exercise.review", assignment, actor)


@transaction.atomic
def open_answer(*, actor: User, assignment: Assignment) -> None:
    """Leave a trace that the client's words were read."""
    trail.record("answer.read", actor=actor, subject=assignment, reference=assignment.client.reference)


def _leave_client(assignment: Assignment, state: Assignment.State) -> bool:
    """Move from "with the client" to another state, in one statement, so that of two deeds only one is done."""
    answered_at = None if state == State.WITHDRAWN else timezone.now()
    with_client = Assignment.unscoped.filter(pk=assignment.pk, state=State.ASSIGNED)  # no viewer: the caller's own row
    is_done = bool(with_client.update(state=state, answered_at=answered_at))
    try:
        assignment.refresh_from_db(fields=["state", "answered_at"])
    except Assignment.DoesNotExist as error:  # the client was erased at this moment
        raise NotWithClient("This exercise is no longer open.") from error
    return is_done


def _record(deed: str, assignment: Assignment, actor: User | None, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=assignment, reference=assignment.client.reference, **detail)
