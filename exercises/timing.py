"""When practice comes: pure rules over a course, what was given of it, and the sessions around it. No row is read here.

Days are the practice's calendar days; moments are aware. The rules, in words:

- A step comes at the hour that the client prefers, within the practice's mail hours; nothing on a day that is gone,
  save a step that comes once: that one is made up for, one a day.
- "Not this week" counts for seven days: nothing of the course comes before they are over, and then it goes on.
- A pause, a hold and the end of the work stop every step.
- Of a repeated exercise a day that was missed stays missed; two never come on one day.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from uuid import UUID

from exercises.models.assignment import Assignment
from exercises.models.programme import REPEATING, Mode
from practice import clock
from practice.models import Practice

ONCE = "once"
REST = timedelta(days=7)
# A coming that is bound to a session (two days after it, say) is made up for only this much later.
STILL_FITS = timedelta(days=2)
USUAL_HOUR = 9
DAY = timedelta(days=1)
# A session counts as over by then, also one of two people.
OVER_AFTER = timedelta(hours=2)
# Nothing is meant for the last minutes of the mail hours: the minute's sweep, and a try or two, need room before them.
LATEST = timedelta(minutes=30)


@dataclass(frozen=True)
class Step:
    """One step as the rules see it. `weekdays`: 0 is Monday."""

    position: int
    mode: str
    days: int = 0
    on_date: date | None = None
    weekdays: tuple[int, ...] = ()

    @property
    def is_repeating(self) -> bool:
        return self.mode in REPEATING


@dataclass(frozen=True)
class Given:
    """One coming of a step: the day on which it was given; from which day on it counts as settled (None: not yet).

    `is_at_work`: the client wrote in it within the last day, so it is not swept aside.
    """

    position: int
    occurrence: str
    on: date
    settled_on: date | None = None
    is_at_work: bool = False


@dataclass(frozen=True)
class Meeting:
    """A session that is to take place, or took place: cancelled ones and missed ones are left out by the caller."""

    id: UUID
    on: date
    starts_at: datetime


@dataclass(frozen=True)
class Plan:
    """A course: its steps in order, its first and last day, until when it rests, and what came of it so far."""

    steps: Sequence[Step]
    starts_on: date
    until_on: date | None = None
    rests_until: date | None = None
    given: Sequence[Given] = ()

    def of(self, step: Step) -> list[Given]:
        """Return what was given of a step."""
        return [each for each in self.given if each.position == step.position]


@dataclass(frozen=True)
class Around:
    """What the rules need to know of the client and the practice."""

    now: datetime
    practice: Practice
    hour: int | None = None
    paused_until: date | None = None
    meetings: Sequence[Meeting] = field(default_factory=tuple)

    @property
    def today(self) -> date:
        return clock.local(self.now).date()

    @property
    def first_day(self) -> date:
        """Return the first day on which anything may come."""
        return max(self.today, self.paused_until or self.today)


@dataclass(frozen=True)
class Due:
    """The next coming of a step: which, and the moment from which on it is given."""

    position: int
    occurrence: str
    at: datetime


def settled(on: date, answered_at: datetime | None, state: str, rests_until: date | None) -> date | None:
    """Return from which day on something given on a day counts as settled; None while it is with the client.

    "Not this week" counts once its seven days are over, or when the counsellor goes on before (nothing rests then).
    What was withdrawn or has gone by keeps nothing waiting.
    """
    if answered_at is None:
        return None if state == Assignment.State.ASSIGNED else on
    answered_on = clock.local(answered_at).date()
    if state == Assignment.State.NOT_NOW:
        return min(answered_on + REST, rests_until or answered_on)
    return answered_on


def next_due(plan: Plan, around: Around) -> Due | None:
    """Return what comes next, which may be due already; None where nothing can be said to come.

    That is so where it waits for the client, or for a session that is not booked, or where all has come.
    """
    dues = [due for step in plan.steps if (due := _due(step, plan, around)) is not None]
    return min(dues, key=lambda due: (due.at, due.position), default=None)


def due_without_waiting(plan: Plan, around: Around) -> Due | None:
    """Return what comes sooner if nobody waits for an answer or a rest: by tomorrow, where it takes something away."""
    today = around.today
    given = [
        each if each.settled_on is not None and each.settled_on <= today else replace(each, settled_on=today)
        for each in plan.given
    ]
    due, sooner = next_due(plan, around), next_due(replace(plan, given=given, rests_until=None), around)
    is_with_client = any(each.settled_on is None for each in plan.given)
    if sooner is None or (is_with_client and clock.local(sooner.at).date() > today + DAY):
        return None
    return sooner if due is None or sooner.at < due.at else None


def is_finished(plan: Plan, around: Around) -> bool:
    """Return whether a course has run its length: nothing more comes, and what came once is settled."""
    last = plan.until_on
    is_over = last is not None and last < around.today
    once = [step for step in plan.steps if not step.is_repeating]
    if not once:
        return is_over
    settled = {each.position for each in plan.given if each.settled_on is not None and each.settled_on <= around.today}
    return is_over or {step.position for step in once} <= settled


def _due(step: Step, plan: Plan, around: Around) -> Due | None:
    if step.mode == Mode.WEEKDAYS:
        return _repeat(step, plan, around)
    if step.mode == Mode.AFTER_SESSION:
        return _after_session(step, plan, around)
    if plan.of(step):
        return None
    day = _day_of(step, plan, around)
    return None if day is None else _when(step, ONCE, day, plan, around)


# --- what comes once ---------------------------------------------------------------------------------
def _day_of(step: Step, plan: Plan, around: Around) -> date | None:
    """Return the day of a step that comes once; None while it waits."""
    if step.mode == Mode.ON_DATE:
        return step.on_date
    before = _the_one_before(step, plan)
    came = [] if before is None else plan.of(before)
    if before is not None and not came:
        return None
    if step.mode == Mode.BEFORE_SESSION:
        return _before_session(came[-1].on + DAY if came else plan.starts_on, plan, around)
    from_on = _counts_from(step, came[-1]) if came else plan.starts_on
    return None if from_on is None else from_on + timedelta(days=step.days)


def _counts_from(step: Step, before: Given) -> date | None:
    """Return the day from which a step's days count; None while the one before is not settled."""
    return before.settled_on if step.mode in (Mode.WHEN_DONE, Mode.DONE_PLUS) else before.on


def _the_one_before(step: Step, plan: Plan) -> Step | None:
    """Return the step that this one waits for: the nearest above it that comes once."""
    above = [each for each in plan.steps if each.position < step.position and not each.is_repeating]
    return max(above, key=lambda each: each.position, default=None)


def _before_session(earliest: date, plan: Plan, around: Around) -> date | None:
    """Return the day before the next session whose day before has not gone by, nor lies before `earliest`."""
    first = _earliest(earliest, plan, around)
    if first == around.today and clock.local(_allowed_now(around)).date() != first:
        first += DAY  # this evening's hours are over
    days = (meeting.on - DAY for meeting in around.meetings if meeting.starts_at > around.now)
    return min((day for day in days if day >= first), default=None)


# --- what comes again and again -----------------------------------------------------------------------
def _after_session(step: Step, plan: Plan, around: Around) -> Due | None:
    came = {each.occurrence for each in plan.of(step)}
    for meeting in sorted(around.meetings, key=lambda each: each.starts_at):
        day = meeting.on + timedelta(days=step.days)
        if meeting.on < plan.starts_on or str(meeting.id) in came or _earliest(day, plan, around) > day + STILL_FITS:
            continue
        due = _when(step, str(meeting.id), day, plan, around)
        # On the session's own day only once it is over: nobody writes about a session to come.
        over_at = meeting.starts_at + OVER_AFTER
        return due if due is None or due.at >= over_at else _within(_later(due, over_at, around), plan)
    return None


def _later(due: Due, moment: datetime, around: Around) -> Due:
    """Return it at this moment, or at the client's hour of the next day where the mail hours are over by then."""
    allowed = clock.next_mail_moment(moment, around.practice)
    if clock.local(allowed).date() > clock.local(moment).date():
        allowed = hour_of(clock.local(allowed).date(), around.hour, around.practice)
    return Due(due.position, due.occurrence, allowed)


def _repeat(step: Step, plan: Plan, around: Around) -> Due | None:
    """Return the next of the days that has not gone by, unless the client is in the middle of the last one."""
    came = {each.on for each in plan.of(step)}
    if any(each.is_at_work for each in plan.of(step)):
        came |= {around.today}
    first = max(plan.starts_on, plan.rests_until or plan.starts_on, around.first_day)
    for ahead in range(8):
        day = first + timedelta(days=ahead)
        if day in came or day.weekday() not in step.weekdays:
            continue
        moment = hour_of(day, around.hour, around.practice)
        if clock.local(max(moment, _allowed_now(around))).date() != day:
            continue  # too late for today: the evening is no time for a mail
        return _within(Due(step.position, day.isoformat(), max(moment, _not_before(plan, around))), plan)
    return None


# --- the moment -----------------------------------------------------------------------------------------
def _earliest(day: date, plan: Plan, around: Around) -> date:
    return max(day, plan.starts_on, plan.rests_until or day, around.first_day)


def _when(step: Step, occurrence: str, day: date, plan: Plan, around: Around) -> Due | None:
    """Return when a step comes whose day has come: at the client's hour, or straight away where that has passed."""
    last = max((each.on for each in plan.given), default=None)
    is_bound = step.mode in (Mode.TOGETHER, Mode.BEFORE_SESSION)
    if last is not None and not is_bound and last >= _earliest(day, plan, around):
        day = last + DAY  # one a day: after a pause there is no flood
    day = _earliest(day, plan, around)
    moment = hour_of(day, around.hour, around.practice)
    if day == around.today and moment < around.now:
        moment = _allowed_now(around)
    return _within(Due(step.position, occurrence, moment), plan)


def _allowed_now(around: Around) -> datetime:
    return clock.next_mail_moment(around.now, around.practice)


def _not_before(plan: Plan, around: Around) -> datetime:
    return clock.start_of(max(plan.starts_on, around.first_day))


def _within(due: Due, plan: Plan) -> Due | None:
    """Leave out what would come after the last day."""
    return None if plan.until_on is not None and clock.local(due.at).date() > plan.until_on else due


def hour_of(day: date, hour: int | None, practice: Practice) -> datetime:
    """Return an hour of a day, or the nearest to it that leaves the mail time to go out; without an hour the usual."""
    opens = clock.next_mail_moment(clock.start_of(day), practice)
    closes = clock.last_mail_moment(clock.lenient_at(day, time.max), practice)
    moment = clock.lenient_at(day, time(USUAL_HOUR if hour is None else hour))
    return max(opens, min(moment, closes - LATEST))


# --- nudges -----------------------------------------------------------------------------------------------
def nudge_days(given_on: date, due_on: date, count: int) -> list[date]:
    """Return the days of the nudges: one on the day before the last, of two one halfway as well.

    Never on the day on which it was given, never after the day by which it is best done, never two on one day: where
    the days are too few there are fewer nudges.
    """
    if count < 1 or due_on <= given_on:
        return []
    last = due_on - DAY if due_on - DAY > given_on else due_on
    halfway = given_on + (last - given_on) // 2
    return [last] if count == 1 or halfway in (given_on, last) else [halfway, last]
