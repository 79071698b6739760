"""Questions about exercises: the library, what a client has, what waits to be read, when a mail would leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import zip_longest
from typing import Any, Literal

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from clients.models import Client, ClientLink
from exercises.answer_fields import AnswerField
from exercises.closing import asked
from exercises.models import Answer, Assignment, ExerciseVersion, Mode, Sharing
from exercises.planning import MAIL_KIND, NUDGE_KIND
from exercises.timing import hour_of
from outbox.models import Message
from outbox.selectors import messages_for
from practice import clock
from practice.models import Practice, User
from sessions.models import ClientSession
from vault.errors import VaultError

State = Assignment.State
# Mails that a person may still release.
UNDECIDED = (Message.State.FAILED, Message.State.UNSURE)
PARTS = {"before_after": ("before", "after"), "circles": ("threat", "drive", "soothing")}
SendWhen = Literal["preferred", "now"]


@dataclass(frozen=True)
class Badge:
    """Where an assignment stands, in a word; `tone` is the badge's class."""

    label: str
    tone: str


@dataclass(frozen=True)
class Told:
    """One question and what came back: texts as they are; of a scale `words` is the number, `scale` its ends."""

    label: str
    words: list[str]
    scale: str = ""
    # Of what has parts (two boxes, before and after, three circles): what each of the words is.
    parts: list[str] = field(default_factory=list)

    @property
    def lines(self) -> list[tuple[str, str]]:
        """Return each of the words with its part's name, empty where it has none."""
        return list(zip_longest(self.parts, self.words, fillvalue=""))


@dataclass(frozen=True)
class Reply:
    """What a client sent. `is_damaged` where it does not open."""

    sharing: str = ""
    told: list[Told] = field(default_factory=list)
    is_damaged: bool = False

    @property
    def is_shared(self) -> bool:
        return self.sharing == Sharing.SHARED


# --- library ---------------------------------------------------------------------------------------
def current_versions() -> QuerySet[ExerciseVersion]:
    """Return the newest words of every exercise, in the order of the library; one query."""
    newest = ExerciseVersion.objects.filter(exercise=OuterRef("exercise")).order_by("-number").values("pk")[:1]
    return (
        ExerciseVersion.objects.filter(pk=Subquery(newest))
        .select_related("exercise")
        .order_by("exercise__position", "exercise__slug")
    )


# --- assignments -----------------------------------------------------------------------------------
def assignments(viewer: User) -> QuerySet[Assignment]:
    """Return the assignments of the viewer's clients with words, client and answer; nothing is opened."""
    return Assignment.visible_to(viewer).select_related("version__exercise", "client", "answer", "before")


def of_client(viewer: User, client: Client) -> QuerySet[Assignment]:
    """Return what a client was given, the newest first."""
    return assignments(viewer).filter(client=client).order_by("-assigned_at")


def to_review(viewer: User) -> QuerySet[Assignment]:
    """Return what came back and was not looked at yet, in the order in which it came."""
    waiting = assignments(viewer).filter(answered_at__isnull=False, reviewed_at=None)
    return waiting.order_by("answered_at")


def behind(link: ClientLink) -> Assignment | None:
    """Return what a client's link opens."""
    rows = Assignment.unscoped.select_related("version", "client__counsellor", "answer", "draft")  # no viewer: a link
    return rows.filter(pk=link.subject_id, client=link.client_id).first()


_QUIET = {State.WITHDRAWN: "Withdrawn", State.NOT_NOW: "Not this week", State.GONE_BY: "Gone by"}


def badge_of(assignment: Assignment) -> Badge:
    """Say where an assignment stands. A due day that has passed is no failing: the word stays quiet."""
    state = State(assignment.state)
    if state in _QUIET:
        return Badge(_QUIET[state], "soft")
    if state == State.ASSIGNED:
        is_ahead = assignment.due_on >= clock.today()
        return Badge("With the client", "wait") if is_ahead else Badge("Not yet answered", "soft")
    if state == State.TOO_MUCH:
        return Badge("Too much", "wait" if assignment.reviewed_at is None else "soft")
    if assignment.reviewed_at is not None:
        return Badge("Reviewed", "soft")
    answer: Answer | None = getattr(assignment, "answer", None)
    is_private = answer is not None and answer.sharing != Sharing.SHARED
    return Badge("Done, kept private" if is_private else "Answered", "ok")


def mails_of(assignment: Assignment) -> list[Message]:
    """Return the mails that bring an exercise, the first one and those sent again; its nudges are not among them."""
    return [mail for mail in messages_for([assignment.pk])[assignment.pk] if mail.kind == MAIL_KIND]


def nudges_of(assignment: Assignment) -> list[Message]:
    """Return the friendly reminders of an exercise, planned and sent, the first one first."""
    mails = messages_for([assignment.pk])[assignment.pk]
    return [mail for mail in reversed(mails) if mail.kind == NUDGE_KIND and mail.state != Message.State.DROPPED]


def other_days(viewer: User, assignment: Assignment) -> list[Assignment]:
    """Return the other comings of an exercise that is repeated on days of the week, the newest first."""
    if assignment.step is None or assignment.step.mode != Mode.WEEKDAYS:
        return []
    same = assignments(viewer).filter(step=assignment.step).exclude(pk=assignment.pk).defer("answer__values")
    return list(same.order_by("-assigned_at"))


def may_send_again(assignment: Assignment, mails: Sequence[Message]) -> bool:
    """Say whether one more mail of an exercise can be planned: it is with the client, and no earlier one waits."""
    return assignment.is_open and not any(mail.is_waiting for mail in mails)


def revision_of(mail: Message) -> int:
    """Return which of an exercise's mails this is, the first being 1."""
    return int(mail.key.rpartition(":")[2])


def reply_of(assignment: Assignment) -> Reply | None:
    """Open what came back for an assignment; None while nothing has."""
    answer: Answer | None = getattr(assignment, "answer", None)
    if answer is None:
        return None
    try:
        return Reply(answer.sharing, told(assignment.version, answer.values))
    except VaultError:
        return Reply(answer.sharing, is_damaged=True)


def told(version: ExerciseVersion, values: Mapping[str, Any]) -> list[Told]:
    """Return the questions that were answered, in the exercise's order, with their answers."""
    answered = [(question, values.get(question.name)) for question in asked(version)]
    return [_told(question, value) for question, value in answered if value not in (None, "", [], {})]


def _told(question: AnswerField, value: Any) -> Told:
    match question.kind:
        case "pair":
            ends = (("left", question.left), ("right", question.right))
            return Told(
                question.label,
                [str(value[part]) for part, _ in ends if value.get(part)],
                parts=[label for part, label in ends if value.get(part)],
            )
        case "before_after" | "circles":
            parts = [part for part in PARTS[question.kind] if value.get(part) is not None]
            names = [part.capitalize() for part in parts]
            return Told(question.label, [str(value[part]) for part in parts], parts=names)
        case "scale":
            return Told(question.label, [str(value)], f"0 is {question.low}, 10 is {question.high}")
    return Told(question.label, [str(each) for each in value] if isinstance(value, list) else [str(value)])


# --- days and hours --------------------------------------------------------------------------------
def next_session(viewer: User, client: Client) -> ClientSession | None:
    """Return the client's next booked session."""
    booked = ClientSession.visible_to(viewer).filter(
        client=client, status__in=ClientSession.AHEAD, starts_at__gt=timezone.now()
    )
    return booked.order_by("starts_at").first()


def usual_due_day(session: ClientSession | None, first: date) -> date:
    """Return the day before the next session, else a week from now; never before `first`, the day of the mail."""
    if session is None:
        return max(clock.today() + timedelta(days=7), first)
    return max(clock.local(session.starts_at).date() - timedelta(days=1), first)


def sending_moment(client: Client, when: SendWhen, practice: Practice) -> datetime:
    """Return when a mail would leave: at the client's preferred hour (today while it is ahead), or straight away.

    Both keep to the hours in which the practice's mail may leave.
    """
    now = timezone.now()
    if when == "now" or client.preferred_hour is None:
        return clock.next_mail_moment(now, practice)
    today = clock.today()
    moments = (hour_of(today + timedelta(days=ahead), client.preferred_hour, practice) for ahead in (0, 1))
    return next((moment for moment in moments if moment >= now), clock.next_mail_moment(now, practice))
