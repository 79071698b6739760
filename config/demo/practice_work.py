"""What the demo's clients were given between sessions, what came back, and the mail that went with it."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from clients.models import Client
from config.demo.stage import Stage
from config.demo.words import ANSWERS, LEARNED, LINES, PAIRS, WHENS, WHERES, WHYS
from exercises.answer_fields import AnswerField
from exercises.closing import asked
from exercises.models import Answer, Assignment, ExerciseVersion, Sharing
from exercises.planning import MAIL_KIND
from exercises.selectors import current_versions
from exercises.services import assign_exercise
from outbox.models import Message
from practice import clock
from practice.clock import next_mail_moment
from practice.models import Practice

State = Assignment.State

# By client number: what is with them or came back lately. Everybody who may be mailed has an older one too.
LATELY = {
    1: "answered", 2: "reviewed", 3: "done_only", 5: "not_now", 6: "sent", 7: "planned", 8: "withdrawn",
    10: "answered", 11: "planned", 13: "answered", 14: "sent",
}  # fmt: skip


def give_exercises(stage: Stage) -> None:
    """Build assignments in every state, each with its mail."""
    versions = list(current_versions())
    for _, client in stage.clients:
        number = int(client.reference[2:])
        if not client.may_be_mailed:
            continue
        _older(stage, client, versions[number % len(versions)], days_ago=30)
        _lately(stage, client, versions[(number + 2) % len(versions)], LATELY.get(number, ""))


def _lately(stage: Stage, client: Client, version: ExerciseVersion, what: str) -> None:
    match what:
        case "answered":
            past_answer(stage, client, version, days_ago=4, is_reviewed=False)
        case "reviewed":
            past_answer(stage, client, version, days_ago=9, is_reviewed=True)
        case "done_only":
            past_answer(stage, client, version, days_ago=3, is_reviewed=False, sharing=Sharing.DONE_ONLY)
        case "not_now":
            past_row(stage, client, version, 5, State.NOT_NOW, answered_days_ago=2)
        case "withdrawn":
            row = past_row(stage, client, version, 12, State.WITHDRAWN)
            Message.objects.filter(subject_id=row.pk).update(
                state=Message.State.DROPPED, reason="exercise withdrawn", sent_at=None, sent_copy=None, smtp_reply=""
            )
        case "sent" | "planned":
            _open(stage, client, version, is_now=what == "sent")


def _older(stage: Stage, client: Client, version: ExerciseVersion, *, days_ago: int) -> None:
    past_answer(stage, client, version, days_ago=days_ago, is_reviewed=True)


def _open(stage: Stage, client: Client, version: ExerciseVersion, *, is_now: bool) -> None:
    """Assign as a counsellor does: the mail of some leaves at the first tick, of others tomorrow."""
    moment = stage.now if is_now else stage.now + timedelta(days=1)
    assign_exercise(
        actor=client.counsellor, client=client, version=version, due_on=clock.today() + timedelta(days=6),
        send_at=next_mail_moment(moment, Practice.current()), is_practised_together=True, nonce=uuid4(),
        **words_for(stage),
    )  # fmt: skip


def past_answer(
    stage: Stage, client: Client, version: ExerciseVersion, *, days_ago: int, is_reviewed: bool,
    sharing: str = Sharing.SHARED, lasted: int = 5, given: dict[str, Any] | None = None,
) -> Assignment:  # fmt: skip
    """Make an assignment that came back, `lasted` days after it was given; `given` are some of its answers."""
    row = past_row(stage, client, version, days_ago + lasted, State.DONE, answered_days_ago=days_ago)
    values = {**_values(stage, version), **(given or {})} if sharing == Sharing.SHARED else {}
    answered_at = row.answered_at or stage.now
    Answer.unscoped.create(  # no viewer: the demo is built from nothing
        assignment=row, client=client, sharing=sharing, values=values, sent_at=answered_at
    )
    stage.trace("exercise.answer", client, answered_at, None, row)
    if is_reviewed:
        row.reviewed_at = answered_at + timedelta(days=2)
        row.learned = stage.say(stage.dice.choice(LEARNED))
        row.save(update_fields=["reviewed_at", "learned"])
    return row


def past_row(
    stage: Stage, client: Client, version: ExerciseVersion, days_ago: int, state: str,
    answered_days_ago: int | None = None,
) -> Assignment:  # fmt: skip
    """Make an assignment of the past, with the mail that took it to the client."""
    assigned_at = stage.now - timedelta(days=days_ago)
    answered_at = None if answered_days_ago is None else stage.now - timedelta(days=answered_days_ago)
    row = Assignment.unscoped.create(  # no viewer: the demo is built from nothing
        client=client, version=version, assigned_by=client.counsellor, state=state, is_practised_together=True,
        assigned_at=assigned_at, answered_at=answered_at,
        opened_at=answered_at, started_at=answered_at, due_on=clock.local(assigned_at).date() + timedelta(days=6),
        **words_for(stage),
    )  # fmt: skip
    Message.objects.create(
        kind=MAIL_KIND, subject_id=row.pk, owner_id=client.pk, reference=client.reference, attempts=1,
        key=f"{MAIL_KIND}:{row.pk}:give:1", state=Message.State.SENT, smtp_reply="250 OK", due_at=assigned_at,
        expires_at=assigned_at + timedelta(days=14), dispatched_at=assigned_at, sent_at=assigned_at,
        sent_copy={"to": client.email, "subject": "Something from Sam", "text": stage.say("Hello.")},
    )  # fmt: skip
    stage.trace("exercise.assign", client, assigned_at, client.counsellor, row)
    return row


def words_for(stage: Stage) -> dict[str, Any]:
    """Return what a counsellor sends with an exercise."""
    pick = stage.dice.choice
    return {
        "personal_line": stage.say(pick(LINES)),
        "why": stage.say(pick(WHYS)),
        "plan_when": stage.say(pick(WHENS)),
        "plan_where": stage.say(pick(WHERES)),
    }


def _values(stage: Stage, version: ExerciseVersion) -> dict[str, object]:
    """Answer every question of an exercise in its own kind."""
    return {question.name: _value(stage, question) for question in asked(version) if question.has_answer}


def _value(stage: Stage, question: AnswerField) -> object:
    dice = stage.dice
    match question.kind:
        case "text" | "long_text":
            return stage.say(dice.choice(ANSWERS[question.name]))
        case "scale":
            return dice.randint(3, 9)
        case "choice":
            return dice.choice(question.options)
        case "pair":
            return dict(zip(("left", "right"), map(stage.say, dice.choice(PAIRS)), strict=True))
        case "before_after" | "circles":
            parts = ("before", "after") if question.kind == "before_after" else ("threat", "drive", "soothing")
            return {part: dice.randint(2, 8) for part in parts}
        case _:
            return list(question.options[:1])
