"""The counsellor's deeds on one exercise: assign, send again, withdraw, review."""

from datetime import date, datetime
from typing import NotRequired, TypedDict, Unpack
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from clients import links
from clients.models import Client
from exercises import planning, selectors
from exercises.answers import NotWithClient, leave_client
from exercises.models import Assignment, ExerciseVersion
from outbox import services as outbox
from outbox.services import DropResult
from practice import clock, trail
from practice.models import Practice, User
from vault.errors import VaultError

State = Assignment.State


class MayNotBeMailed(Exception):
    """The client has not agreed to e-mail, has stopped it, or has no address."""


class DueDayPast(Exception):
    """The day by which it is meant to be done lies behind us."""


class AlreadyWithClient(Exception):
    """The client has this exercise already and has not answered: a second mail about it would be pressure."""


class FormUsed(Exception):
    """The form's number belongs to another deed, or to other words than these."""


class MailWaits(Exception):
    """A mail of this exercise is planned already."""


class NothingToReview(Exception):
    """The client has sent nothing so far."""


class ReviewedElsewhere(Exception):
    """What was learned was written elsewhere since the form was opened; the assignment holds it as it stands."""


class Wish(TypedDict):
    """What a counsellor says of an exercise that they give. `minutes` None: as the exercise says; `nudges`: 0, 1, 2."""

    personal_line: str
    why: str
    plan_when: str
    plan_where: str
    due_on: date
    is_practised_together: bool
    follows_session: NotRequired[bool]
    minutes: NotRequired[int | None]
    nudges: NotRequired[int]


@transaction.atomic
def assign_exercise(
    *, actor: User, client: Client, version: ExerciseVersion, send_at: datetime, nonce: UUID, **wish: Unpack[Wish]
) -> Assignment:
    """Give a client an exercise and plan its mail. `nonce` becomes the row's id: a second submit changes nothing.

    With `follows_session` the due day moves along with the next session. Raise MayNotBeMailed, DueDayPast,
    AlreadyWithClient, FormUsed; ValueError without a personal line, a why and a plan (engagement goes with them:
    docs/exercises.md, "Before you send one").
    """
    if not (wish["personal_line"].strip() and wish["why"].strip() and wish["plan_when"].strip()):
        raise ValueError("An exercise needs a personal line, a why and a plan.")
    # Two submits of one form wait for each other here, so that the second finds what the first has made; and consent
    # is read from this row, which nobody can change until the mail is planned.
    client = Client.unscoped.select_for_update().get(pk=client.pk)  # no viewer: whoever holds the row passed the scope
    coming = selectors.next_session(actor, client)
    assignment = Assignment(id=nonce, client=client, version=version, assigned_by=actor, before=coming, **wish)
    assignment.follows_session = assignment.follows_session and coming is not None
    earlier = Assignment.unscoped.filter(pk=nonce).first()  # no viewer: looks for this very form's own row
    if earlier is not None:
        return _same_form(earlier, assignment)
    _may_assign(assignment)
    assignment.save(force_insert=True)
    planning.plan_mail(assignment, send_at)
    _record(
        "exercise.assign", assignment, actor,
        version=version.pk, due_on=wish["due_on"], is_practised_together=wish["is_practised_together"],
    )  # fmt: skip
    return assignment


def _same_form(earlier: Assignment, again: Assignment) -> Assignment:
    """Return what the form made before. Other words under its number are no second submit: they would be lost."""
    owners = (earlier.client_id, earlier.assigned_by_id) == (again.client_id, again.assigned_by_id)
    if not owners or _sent(earlier) != _sent(again):
        raise FormUsed("This form was sent before.")
    return earlier


def _sent(row: Assignment) -> tuple[object, ...] | None:
    """Return what was sent; None where it does not open."""
    try:
        return row.version_id, row.personal_line, row.why, row.plan_when, row.plan_where, row.due_on
    except VaultError:
        return None


def _may_assign(wish: Assignment) -> None:
    if not wish.client.may_be_mailed:
        raise MayNotBeMailed("This client may not be e-mailed.")
    if wish.due_on < clock.today():
        raise DueDayPast("This day has already passed.")
    with_client = Assignment.unscoped.filter(client=wish.client, state=State.ASSIGNED)  # no viewer: the client's own
    if with_client.filter(version__exercise_id=wish.version.exercise_id).exists():
        raise AlreadyWithClient("They have this exercise already and have not answered yet.")


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
    mails = selectors.mails_of(assignment)
    if not selectors.may_send_again(assignment, mails):
        raise MailWaits("A mail of this exercise is planned already.")
    for mail in mails:
        if mail.state in selectors.UNDECIDED:
            outbox.give_up(mail, reason="sent again by the counsellor")
    send_at = selectors.sending_moment(client, "now", Practice.current())
    planning.plan_mail(assignment, send_at, revision=1 + max(map(selectors.revision_of, mails), default=0))
    _record("exercise.send_again", assignment, actor)


@transaction.atomic
def withdraw_assignment(*, actor: User, assignment: Assignment) -> DropResult:
    """Take an exercise back: planned mail is dropped, its link closed. Harmless the second time.

    Raise NotWithClient once the client has answered.
    """
    if not leave_client(assignment, State.WITHDRAWN):
        if assignment.state != State.WITHDRAWN:
            raise NotWithClient("The client has answered already.")
        return DropResult(0, 0)
    result = planning.drop_mail(assignment, "exercise withdrawn")
    links.revoke(subject_id=assignment.pk)
    _record("exercise.withdraw", assignment, actor)
    return result


def mark_of(learned: str) -> str:
    """Return what a form carries along to say from which words it began; nobody reads them out of it."""
    return salted_hmac("exercises.learned", learned, algorithm="sha256").hexdigest()[:24]


@transaction.atomic
def review_answer(*, actor: User, assignment: Assignment, learned: str, seen: str | None = None) -> None:
    """Mark what came back as reviewed, with what was learned from it. The day of the first review stays.

    `seen` marks the words that the form began from. Raise NothingToReview before the client has sent anything,
    ReviewedElsewhere where other words stand there by now; VaultError where what was learned before does not open:
    words that nobody could read are not written over.
    """
    rows = Assignment.unscoped.select_for_update(no_key=True)  # no viewer: the caller's own row
    list(rows.filter(pk=assignment.pk).values_list("pk"))
    assignment.refresh_from_db()
    if assignment.answered_at is None:
        raise NothingToReview("The client has sent nothing so far.")
    is_same = assignment.learned == learned
    if assignment.reviewed_at is not None and is_same:
        return
    if seen is not None and not is_same and mark_of(assignment.learned) != seen:
        raise ReviewedElsewhere("Something else was written here meanwhile.")
    assignment.learned = learned
    assignment.reviewed_at = assignment.reviewed_at or timezone.now()
    assignment.save(update_fields=["learned", "reviewed_at"])
    _record("exercise.review", assignment, actor)


def _record(deed: str, assignment: Assignment, actor: User | None, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=assignment, reference=assignment.client.reference, **detail)
