"""Laying what is ahead of a series out anew: the k-th session stays the k-th, whatever the new rule makes of its day.

Called by the deed (sessions/series.py), in its transaction and under its lock of the diary.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from itertools import islice

from sessions.diary import DiaryClash, plan_mail, step_aside
from sessions.hits import ground
from sessions.models import ClientSession, Series
from sessions.outlook import HORIZON, MOST, SKIP, Occurrence, look
from sessions.recurrence import Rule, days, nth_of, start_on
from sessions.series_rows import Choices, NothingToBook, SeriesHits, Terms, choice_for, put

# So many days of a rule are looked at: twice what one deed makes.
LOOKED_AT = MOST * 2


@dataclass
class _Layout:
    """What a rule makes of the places of a series: which stay as they were moved, which get a day, which wait."""

    seen: list[Occurrence] = field(default_factory=list)
    stays: list[tuple[int, date]] = field(default_factory=list)
    starts: list[tuple[int, date, datetime]] = field(default_factory=list)
    is_waiting: bool = False
    taking_place: int = 0


def shifted(rule: Rule, old: Series, chosen: ClientSession, going: Sequence[ClientSession]) -> Rule:
    """Return the new rule from the first session that goes by it, where it was typed for the chosen one."""
    assert chosen.occurrence_on is not None  # noqa: S101 - it belongs to a series
    shift = rule.first_on - chosen.occurrence_on
    first_on = first_day_of(going) + shift
    is_same = not shift and rule.rhythm == old.rhythm
    nth = rule.nth if rule.nth is None else old.nth if is_same else nth_of(first_on)
    return replace(rule, first_on=first_on, nth=nth, until_on=old.until_on)


def first_day_of(going: Sequence[ClientSession]) -> date:
    """Return the first of the days that the rule gave these sessions."""
    return min(row.occurrence_on for row in going if row.occurrence_on is not None)


def laid_out(
    new: Series, old: Series, rule: Rule, terms: Terms, going: Sequence[ClientSession], choices: Choices | None
) -> list[ClientSession]:
    """Give the sessions of a series their places by the new rule and return them; who is not among them has none.

    A session that was moved by itself keeps its time, and a place whose session was cancelled stays empty. Of a series
    by number each takes place: what is skipped is made up for at the end. Raise SeriesHits, NothingToBook.
    """
    places = _places_of(old, first_day_of(going))
    rows = {places[row.occurrence_on]: row for row in going if row.occurrence_on in places}
    stay = {place for place, row in rows.items() if not _is_usual(row, old)}
    gone = _gone(old, places)  # before the others step aside, and look cancelled too
    step_aside([row.pk for place, row in rows.items() if place not in stay])
    count = len(going) if old.count is not None else None
    layout = _layout(new, rule, terms, rows, stay, gone, count, choices)
    if layout.is_waiting:
        raise SeriesHits(layout.seen)
    if not layout.starts and not layout.stays:
        raise NothingToBook
    made = [_stayed(new, terms, day, rows[place]) for place, day in layout.stays]
    try:
        made += [put(new, terms, day, starts_at, rows.get(place)) for place, day, starts_at in layout.starts]
    except DiaryClash as clash:
        raise SeriesHits(layout.seen) from clash
    last = max([day for _, day in layout.stays] + [day for _, day, _ in layout.starts])
    new.planned_until = max(last, rule.first_on + HORIZON) if new.is_open else last
    new.save(update_fields=["planned_until"])
    return sorted(made, key=lambda session: session.starts_at)


def _layout(
    new: Series,
    rule: Rule,
    terms: Terms,
    rows: dict[int, ClientSession],
    stay: Collection[int],
    gone: Collection[int],
    count: int | None,
    choices: Choices | None,
) -> _Layout:
    layout, found = _Layout(), list(_days_of(new, rule))
    if not found:
        return layout
    on = ground(new.counsellor_id, found[0] - timedelta(days=7), found[-1] + timedelta(days=7))
    but = frozenset(row.pk for place, row in rows.items() if place not in stay)
    for place, day in enumerate(found):
        if count is not None and layout.taking_place >= count:
            break
        if place in stay:
            layout.stays.append((place, day))
            layout.taking_place += 1
        elif place not in gone:
            _settle(layout, place, look(on, day, terms.at, but), choices)
    return layout


def _settle(layout: _Layout, place: int, each: Occurrence, choices: Choices | None) -> None:
    choice = choice_for(each, choices)
    layout.seen.append(each)
    layout.is_waiting |= choice is None
    layout.taking_place += choice not in (None, SKIP)
    if choice not in (None, SKIP):
        layout.starts.append((place, each.on, choice if isinstance(choice, datetime) else each.starts_at))


def _days_of(new: Series, rule: Rule) -> list[date]:
    """Return the days that are looked at: of a series that goes on those up to HORIZON."""
    found = islice(days(rule), LOOKED_AT)
    return [day for day in found if not new.is_open or day <= rule.first_on + HORIZON]


def _places_of(old: Series, first: date) -> dict[date, int]:
    found = islice(days(Rule.of(old), after=first - timedelta(days=1)), LOOKED_AT)
    return {day: place for place, day in enumerate(found)}


def _gone(old: Series, places: dict[date, int]) -> set[int]:
    """Return the places whose sessions were cancelled by themselves."""
    rows = ClientSession.unscoped.filter(series=old, occurrence_on__in=places)  # no viewer: the caller holds the series
    cancelled = rows.filter(status__in=ClientSession.CANCELLED)
    return {places[day] for day in cancelled.values_list("occurrence_on", flat=True) if day is not None}


def _is_usual(row: ClientSession, old: Series) -> bool:
    """Say whether a session stands where its rule put it."""
    return row.occurrence_on is not None and row.starts_at == start_on(row.occurrence_on, old.clock_time)


def _stayed(new: Series, terms: Terms, day: date, row: ClientSession) -> ClientSession:
    """Let a session that was moved by itself go along with its series, at its own time."""
    columns = terms.columns()
    for name, value in {**columns, "series": new, "occurrence_on": day}.items():
        setattr(row, name, value)
    row.version += 1
    row.save(update_fields=[*columns, "series", "occurrence_on", "version"])
    plan_mail(row, is_told=True)
    return row
