"""The rows of a series: which days are booked, and by which rows.

Called by the deeds (sessions/series.py), in their transaction and under their lock of the diary.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

import outbox.services
from practice import clock
from sessions.diary import DiaryClash, held_free, plan_mail, write_status
from sessions.hits import ground
from sessions.models import ClientSession, Series, SessionType
from sessions.outlook import HORIZON, KEEP, MOST, SKIP, Occurrence, Place, look, outlook
from sessions.recurrence import Rule, days
from sessions.reminders import next_revision
from sessions.settling import settle_moves

Status = ClientSession.Status
# A day's own choice: skip it, keep it, or the moment to which that one session moves.
Choices = Mapping[date, str | datetime]


class SeriesHits(Exception):
    """Days run into something of which nobody has said yet what becomes of it. Carries the outlook as it is now."""

    def __init__(self, occurrences: Sequence[Occurrence]) -> None:
        super().__init__("The series runs into something.")
        self.occurrences = list(occurrences)


class NothingToBook(Exception):
    """Every day of the series would be skipped, or it has none."""


@dataclass(frozen=True)
class Terms:
    """How each session of a series is held. `place` in words; `fee_pence` None for none."""

    at: Place
    mode: str
    place: str = ""
    session_type: SessionType | None = None
    fee_pence: int | None = None

    def columns(self) -> dict[str, object]:
        """Return what a series and its sessions have in common."""
        return {
            "mode": self.mode, "place": self.place, "session_type": self.session_type, "fee_pence": self.fee_pence,
            "buffer": self.at.buffer,
        }  # fmt: skip

    @classmethod
    def of(cls, series: Series) -> "Terms":
        """Return a series' own terms. Raise VaultError where the place does not open."""
        at = Place(series.clock_time, series.length, series.buffer)
        return cls(at, series.mode, series.place, series.session_type, series.fee_pence)


def booked(
    series: Series,
    rule: Rule,
    terms: Terms,
    *,
    count: int | None,
    choices: Choices | None,
) -> list[ClientSession]:
    """Book what the rule asks for. Raise SeriesHits, NothingToBook."""
    ahead = outlook(series.counsellor, rule, terms.at, count=count)
    starts = _settled(ahead, choices)
    if count is not None:
        starts = [*starts, *_made_up_for(series, rule, terms, ahead, count - len(starts))][:count]
    if not starts:
        raise NothingToBook
    try:
        made = [put(series, terms, day, starts_at, None) for day, starts_at in starts]
    except DiaryClash as clash:
        raise SeriesHits(ahead) from clash
    series.planned_until = max(ahead[-1].on, rule.first_on + HORIZON) if series.is_open else ahead[-1].on
    series.save(update_fields=["planned_until"])
    return made


def _made_up_for(
    series: Series, rule: Rule, terms: Terms, ahead: Sequence[Occurrence], missing: int
) -> list[tuple[date, datetime]]:
    """Return as many days more as are missing where days were skipped that nobody thought of skipping."""
    if missing <= 0 or not ahead:
        return []
    more = replace(rule, first_on=ahead[-1].on)
    beyond = outlook(series.counsellor, more, terms.at, count=missing + 1)
    return [(each.on, each.starts_at) for each in beyond[1:] if not each.is_hit][:missing]


def _settled(ahead: Iterable[Occurrence], choices: Choices | None) -> list[tuple[date, datetime]]:
    """Return the days and moments to book. Raise SeriesHits where a day waits for a word, or its word is void."""
    found: list[tuple[date, datetime]] = []
    ahead = list(ahead)
    for each in ahead:
        choice = choice_for(each, choices)
        if choice is None:
            raise SeriesHits(ahead)
        if isinstance(choice, datetime):
            found.append((each.on, choice))
        elif choice == KEEP:
            found.append((each.on, each.starts_at))
    return found


def choice_for(each: Occurrence, choices: Choices | None) -> str | datetime | None:
    """Return what becomes of a day: KEEP, SKIP, another moment; None where nobody has said it, or not in earnest."""
    if not each.is_hit:
        return KEEP
    if choices is None:
        return SKIP
    choice = choices.get(each.on)
    return None if choice == KEEP and not each.may_be_kept else choice


def put(series: Series, terms: Terms, day: date, starts_at: datetime, row: ClientSession | None) -> ClientSession:
    """Book one session of a series, or give a row of its its place. Raise DiaryClash, PastSession.

    Who had confirmed a time has confirmed it still where it stays the same.
    """
    session = row or ClientSession(client=series.client, counsellor_id=series.counsellor_id)
    is_moved = (session.starts_at, session.ends_at) != (starts_at, starts_at + terms.at.length)
    session.series, session.occurrence_on = series, day
    session.starts_at, session.ends_at = starts_at, starts_at + terms.at.length
    if is_moved:
        session.status = Status.BOOKED
    for name, value in terms.columns().items():
        setattr(session, name, value)
    if row is not None:
        session.revision = next_revision(row) if is_moved else row.revision
        session.version = row.version + 1
    with held_free(session):
        session.save(force_insert=row is None)
    plan_mail(session, is_told=True)
    if row is not None:
        settle_moves(session)
    return session


def rolled(series: Series, until: date) -> list[ClientSession]:
    """Book the days of an open series up to this one, by its own rules."""
    terms = Terms.of(series)
    made: list[ClientSession] = []
    since = max(series.planned_until, clock.today())
    on = ground(series.counsellor_id, since, until + timedelta(days=7))
    for day in days(Rule.of(series), after=since):
        if day > until or len(made) >= MOST:
            break
        each = look(on, day, terms.at)
        is_skipped = each.clash is not None or (each.is_hit and series.on_holiday == Series.OnHoliday.SKIP)
        if not is_skipped:
            made.append(put(series, terms, day, each.starts_at, None))
    return made


def cancel_rows(sessions: Sequence[ClientSession], by: str) -> None:
    """Cancel these sessions and drop their mail; the client hears of it by the series' notice."""
    for session in sessions:
        write_status(session, by)
        outbox.services.drop([session.pk], reason="session cancelled")
        plan_mail(session, is_told=True)
        settle_moves(session)
