"""The demo's diary: sixteen weeks of sessions behind us with their notes, six weeks booked ahead."""

from datetime import date, datetime, time, timedelta

from clients.models import Client
from config.demo.cast import Person
from config.demo.settled import kind_for
from config.demo.stage import Stage
from config.demo.words import DRAFT, NOTES, PLACES, QUESTIONS
from notes.models import Note
from practice import clock
from sessions.models import ClientSession, SessionType
from sessions.outlook import Place
from sessions.recurrence import Rule
from sessions.series import Terms, book_series

Status = ClientSession.Status
LENGTH = timedelta(minutes=50)
WEEKS_BEHIND, WEEKS_AHEAD = 16, 6
ENDED_WEEKS_AGO = 5
# Whose sessions go on until somebody ends them, by client number.
GO_ON = {1, 5, 13}


def fill_diary(stage: Stage) -> None:
    """Lay out every client's sessions; those of today that lie ahead are booked like any other."""
    for person, client in stage.clients:
        sessions = [_past_session(stage, person, client, day) for day in _days(person)]
        past = [session for session in sessions if session is not None]
        ClientSession.unscoped.bulk_create(past)  # no viewer: the demo is built from nothing
        _write_notes(stage, person, client, past)
        _book_ahead(stage, person, client)


def _days(person: Person) -> list[date]:
    """Return the days of a client's usual time. Their weekday counts from today, so that today is never empty."""
    first = clock.today() - timedelta(weeks=WEEKS_BEHIND) + timedelta(days=person.weekday)
    last = WEEKS_BEHIND - ENDED_WEEKS_AGO if person.has_ended else WEEKS_BEHIND + WEEKS_AHEAD
    return [first + timedelta(weeks=week) for week in range(0, last, person.every_weeks)]


def _moment(person: Person, day: date) -> datetime:
    return clock.at(day, time(person.hour))


def _past_session(stage: Stage, person: Person, client: Client, day: date) -> ClientSession | None:
    starts_at = _moment(person, day)
    if starts_at > stage.now:
        return None
    roll = stage.dice.random()
    status = Status.ATTENDED
    if day == clock.today():
        status = Status.BOOKED
    elif roll < 0.05:  # noqa: PLR2004 - one in twenty
        status = Status.DID_NOT_ATTEND
    elif roll < 0.1:  # noqa: PLR2004 - and another
        status = Status.CANCELLED_BY_CLIENT
    session = ClientSession(
        client=client, counsellor=client.counsellor, starts_at=starts_at, ends_at=starts_at + LENGTH,
        mode=person.mode, place=stage.say(PLACES[person.mode]), status=status, booked_at=starts_at - timedelta(days=7),
    )  # fmt: skip
    stage.trace("session.book", client, session.booked_at, client.counsellor, session)
    return session


def _write_notes(stage: Stage, person: Person, client: Client, past: list[ClientSession]) -> None:
    """Sign a note for each attended session; leave the newest of some clients as a draft, of others unwritten."""
    attended = [session for session in past if session.status == Status.ATTENDED]
    number = int(client.reference[2:])
    notes = [_note(stage, session, NOTES[(index + number) % len(NOTES)]) for index, session in enumerate(attended)]
    if number % 5 == 0 and notes:
        notes.pop()
    elif number % 4 == 0 and notes:
        notes[-1].state, notes[-1].signed_at, notes[-1].text = Note.State.DRAFT, None, stage.say(DRAFT)
    if number in (1, 3, 7) and len(notes) > 1:
        notes[-2].is_for_supervision = True
        notes[-2].text += f"\n\n{person.preferred} asked to be rung on {person.phone} if the time has to change."
        notes[-2].supervision_question = stage.say(QUESTIONS[number % len(QUESTIONS)])
    Note.unscoped.bulk_create(notes)  # no viewer: the demo is built from nothing


def _note(stage: Stage, session: ClientSession, text: str) -> Note:
    signed_at = session.ends_at + timedelta(minutes=8)
    note = Note(
        session=session, client=session.client, author=session.counsellor, text=stage.say(text),
        state=Note.State.SIGNED, created_at=session.ends_at, updated_at=signed_at, signed_at=signed_at,
    )  # fmt: skip
    stage.trace("note.sign", session.client, signed_at, session.counsellor, note)
    return note


def _book_ahead(stage: Stage, person: Person, client: Client) -> None:
    """Book a client's usual time as a series, for some weeks or until somebody ends it."""
    ahead = [day for day in _days(person) if _moment(person, day) > stage.now]
    if person.has_ended or not ahead:
        return
    kind = SessionType.objects.get(name=kind_for(person))
    goes_on = int(client.reference[2:]) in GO_ON
    until_on = None if goes_on else clock.today() + timedelta(weeks=WEEKS_AHEAD)
    book_series(
        actor=client.counsellor, client=client, rule=Rule(ahead[0], interval=person.every_weeks, until_on=until_on),
        terms=Terms(
            Place(time(person.hour), LENGTH, kind.buffer), person.mode, stage.say(PLACES[person.mode]), kind,
            kind.fee_pence,
        ),
    )  # fmt: skip
