"""Questions about exercises: the library, what a client has, what waits to be read, when a mail would leave."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Literal

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from clients.models import Client, ClientLink
from exercises.models import Answer, Assignment, ExerciseVersion, Sharing
from outbox.models import Message
from practice import clock
from practice.models import Practice, User
from sessions.models import ClientSession
from vault.errors import VaultError

State = Assignment.State
# Mails that a person may still release.
UNDECIDED = (Message.State.FAILED, Message.State.UNSURE)
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


def last_before(viewer: User, session: ClientSession) -> Assignment | None:
    """Return what a client was given last before a session."""
    given = of_client(viewer, session.client).filter(assigned_at__lt=session.starts_at)
    return given.exclude(state=State.WITHDRAWN).first()


def behind(link: ClientLink) -> Assignment | None:
    """Return what a client's link opens."""
    rows = Assignment.unscoped.select_related("version", "client__counsellor", "answer")  # no viewer: the link's own
    return rows.filter(pk=link.subject_id, client=link.client_id).first()


def badge_of(assignment: Assignment) -> Badge:
    """Say where an assignment stands. A due day that has passed is no failing: the word stays quiet."""
    answer: Answer | None = getattr(assignment, "answer", None)
    match assignment.state:
        case State.WITHDRAWN:
            return Badge("Withdrawn", "soft")
        case State.NOT_NOW:
            return Badge("Not this week", "soft")
        case State.ASSIGNED if assignment.due_on < clock.today():
            return Badge("Not yet answered", "soft")
        case State.ASSIGNED:
            return Badge("With the client", "wait")
    if assignment.reviewed_at is not None:
        return Badge("Reviewed", "soft")
    is_private = answer is not None and answer.sharing == Sharing.DONE_ONLY
    return Badge("Done, kept private" if is_private else "Answered", "ok")


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
    asked = [(question, values.get(question["name"])) for question in version.fields]
    return [_told(question, value) for question, value in asked if value not in (None, "", [])]


def _told(question: Mapping[str, Any], value: Any) -> Told:
    words = [str(each) for each in value] if isinstance(value, list) else [str(value)]
    is_scale = question["kind"] == "scale"
    ends = f"0 is {question['low']}, 10 is {question['high']}" if is_scale else ""
    return Told(question["label"], words, ends)


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
    moments = (_hour_of(today + timedelta(days=ahead), client.preferred_hour, practice) for ahead in (0, 1))
    return next((moment for moment in moments if moment >= now), clock.next_mail_moment(now, practice))


def _hour_of(day: date, hour: int, practice: Practice) -> datetime:
    """Return an hour of a day, or the allowed moment of that day which is nearest to it."""
    try:
        moment = clock.at(day, time(hour))
    except clock.NoSuchTime:
        moment = clock.at(day, time(hour + 1))
    allowed = clock.next_mail_moment(moment, practice)
    return allowed if clock.local(allowed).date() == day else clock.last_mail_moment(moment, practice)
