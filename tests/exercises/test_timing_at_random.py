"""Any course, any sessions, answers, rests, pauses, and a worker that looks when it happens to: what always holds."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from itertools import pairwise
from uuid import uuid4

from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as budget
from hypothesis import strategies as st

from exercises.models.programme import REPEATING, WITH_DAYS, Mode
from exercises.timing import REST, Around, Due, Given, Meeting, Plan, Step, hour_of, is_finished, next_due, nudge_days
from practice import clock
from practice.models import Practice

# Late winter and early autumn, so that the weeks go over both changes of the clocks.
STARTS = [date(2026, 3, 12), date(2026, 10, 8)]
DAY = timedelta(days=1)
PROGRAMMED = [mode for mode in Mode if mode != Mode.WEEKDAYS]
HOURS = [(time(8), time(20)), (time(9, 30), time(17, 15)), (time(0), time.max), (time(11), time(13))]
FOR_ALL = budget(
    max_examples=90, deadline=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.too_slow],
)  # fmt: skip


# --- courses at random -------------------------------------------------------------------------------------
@st.composite
def courses(draw: st.DrawFn) -> Plan:
    """Draw a programme, or one exercise on days of the week."""
    start = draw(st.sampled_from(STARTS))
    steps = []
    is_repetition = draw(st.booleans())
    for position in range(1, (1 if is_repetition else draw(st.integers(1, 6))) + 1):
        mode = Mode.WEEKDAYS if is_repetition else draw(st.sampled_from(PROGRAMMED))
        steps.append(
            Step(
                position,
                mode,
                draw(st.integers(0, 6)) if mode in WITH_DAYS else 0,
                start + draw(st.integers(-5, 30)) * DAY if mode == Mode.ON_DATE else None,
                tuple(draw(st.sets(st.integers(0, 6), min_size=1))) if mode == Mode.WEEKDAYS else (),
            )
        )
    return Plan(steps, start, draw(st.none() | st.integers(0, 40).map(lambda days: start + days * DAY)))


@dataclass
class World:
    """A client with a course, and a clock that only goes on."""

    plan: Plan
    practice: Practice
    hour: int | None
    now: datetime
    meetings: list[Meeting]
    paused_until: date | None = None
    came: list[tuple[Step, Due, datetime]] = field(default_factory=list)

    @property
    def around(self) -> Around:
        return Around(self.now, self.practice, self.hour, self.paused_until, tuple(self.meetings))

    @property
    def today(self) -> date:
        return clock.local(self.now).date()

    def look(self) -> None:
        """Give what is due, as the sweep does, and check each that comes."""
        for _ in range(len(self.plan.steps) + 1):
            due = next_due(self.plan, self.around)
            if due is None or due.at > self.now:
                return
            step = self.plan.steps[due.position - 1]
            self.may_come(step, due)
            self.came.append((step, due, self.now))
            self.plan = replace(self.plan, given=[*self.plan.given, Given(step.position, due.occurrence, self.today)])
        raise AssertionError("no end of what comes in one go")

    def may_come(self, step: Step, due: Due) -> None:
        assert self.practice.mail_from_time <= clock.local(self.now).time() <= self.practice.mail_until_time
        assert due.occurrence not in [each.occurrence for each in self.plan.of(step)]
        assert step.is_repeating or not self.plan.of(step)
        assert self.today >= self.plan.starts_on
        assert self.paused_until is None or self.today >= self.paused_until
        assert self.plan.rests_until is None or self.today >= self.plan.rests_until
        assert self.plan.until_on is None or self.today <= self.plan.until_on
        earlier = [moment for other, _, moment in self.came if other == step]
        assert all(clock.local(moment).date() < self.today for moment in earlier)
        if step.mode == Mode.WEEKDAYS:
            assert (self.today.weekday() in step.weekdays, due.occurrence) == (True, self.today.isoformat())
        if step.mode in (Mode.WHEN_DONE, Mode.DONE_PLUS, Mode.EVERY, Mode.TOGETHER):
            self.comes_after_the_one_before(step)

    def comes_after_the_one_before(self, step: Step) -> None:
        above = [each for each in self.plan.steps if each.position < step.position and each.mode not in REPEATING]
        if not above:
            return
        (before,) = self.plan.of(above[-1])
        if step.mode in (Mode.WHEN_DONE, Mode.DONE_PLUS):
            assert before.settled_on is not None
            assert before.settled_on + step.days * DAY <= self.today
        else:
            assert before.on + step.days * DAY <= self.today


# --- what happens -------------------------------------------------------------------------------------------
def wait(world: World, number: int) -> None:
    world.now += timedelta(minutes=7 + 13 * number)


def sleep(world: World, number: int) -> None:
    world.now += timedelta(hours=20 + 2 * number)


def answer(world: World, number: int) -> None:
    _settle(world, number, world.today)


def not_this_week(world: World, number: int) -> None:
    _settle(world, number, world.today + REST)
    world.plan = replace(world.plan, rests_until=world.today + REST)


def _settle(world: World, number: int, on: date) -> None:
    waiting = [each for each in world.plan.given if each.settled_on is None]
    if waiting:
        chosen = waiting[number % len(waiting)]
        rest = [each for each in world.plan.given if each is not chosen]
        world.plan = replace(world.plan, given=[*rest, replace(chosen, settled_on=on)])


def pause(world: World, number: int) -> None:
    world.paused_until = world.today + number * DAY


def book(world: World, number: int) -> None:
    world.meetings.append(_meeting(world.now + timedelta(hours=5 * number + 1)))


def move(world: World, number: int) -> None:
    _drop_one(world, number, lambda each: replace(_meeting(each.starts_at + timedelta(hours=9 * number)), id=each.id))


def cancel(world: World, number: int) -> None:
    _drop_one(world, number, lambda each: None)


def _drop_one(world: World, number: int, put: Callable[[Meeting], Meeting | None]) -> None:
    ahead = [each for each in world.meetings if each.starts_at > world.now]
    if ahead:
        chosen = ahead[number % len(ahead)]
        instead = put(chosen)
        world.meetings = [each for each in world.meetings if each is not chosen] + ([instead] if instead else [])


def _meeting(starts_at: datetime) -> Meeting:
    return Meeting(uuid4(), clock.local(starts_at).date(), starts_at)


DEEDS = [wait, wait, sleep, sleep, sleep, answer, answer, not_this_week, pause, book, move, cancel]


def world_of(plan: Plan, hours: tuple[time, time], hour: int | None) -> World:
    practice = Practice(mail_from_time=hours[0], mail_until_time=hours[1])
    return World(plan, practice, hour, clock.start_of(plan.starts_on) - timedelta(hours=3), [])


# --- what holds ------------------------------------------------------------------------------------------------
@given(
    plan=courses(),
    hours=st.sampled_from(HOURS),
    hour=st.none() | st.integers(0, 23),
    deeds=st.lists(st.tuples(st.sampled_from(DEEDS), st.integers(0, 30)), min_size=10, max_size=60),
)
@FOR_ALL
def test_whatever_happens_each_coming_keeps_to_the_rules(
    plan: Plan, hours: tuple[time, time], hour: int | None, deeds: list[tuple[Callable[[World, int], None], int]]
) -> None:
    world = world_of(plan, hours, hour)
    for deed, number in deeds:
        deed(world, number)
        world.look()
    assert max(Counter((step.position, due.occurrence) for step, due, _ in world.came).values(), default=1) == 1


@given(plan=courses(), hours=st.sampled_from(HOURS), hour=st.none() | st.integers(0, 23))
@FOR_ALL
def test_with_nothing_in_the_way_each_step_comes_on_its_very_day(
    plan: Plan, hours: tuple[time, time], hour: int | None
) -> None:
    """With a session each week, every answer at once, and a worker that looks some seconds after each moment."""
    world = world_of(replace(plan, until_on=None), hours, hour)
    first = clock.start_of(plan.starts_on) + timedelta(days=6, hours=15)
    world.meetings = [_meeting(first + timedelta(days=7 * week)) for week in range(16)]
    last = world.now + timedelta(days=90)
    while world.now < last and not is_finished(world.plan, world.around):
        due = next_due(world.plan, world.around)
        tomorrow = clock.start_of(world.today + DAY)
        world.now = (tomorrow if due is None else max(world.now, min(due.at, tomorrow))) + timedelta(seconds=12)
        world.look()
        answer(world, 0)
    once = [step for step, _, _ in world.came if not step.is_repeating]
    assert {step.position for step in once} == {step.position for step in plan.steps if not step.is_repeating}
    days = [clock.local(moment).date() for step, _, moment in world.came if step.mode == Mode.WEEKDAYS]
    for step in plan.steps:
        if step.mode == Mode.WEEKDAYS:
            every = {plan.starts_on + number * DAY for number in range((world.today - plan.starts_on).days)}
            assert {each for each in every if each.weekday() in step.weekdays} <= set(days)


@given(plan=courses(), hours=st.sampled_from(HOURS), hour=st.none() | st.integers(0, 23), minutes=st.integers(0, 90000))
@FOR_ALL
def test_what_comes_next_is_meant_for_a_moment_in_mail_hours(
    plan: Plan, hours: tuple[time, time], hour: int | None, minutes: int
) -> None:
    world = world_of(plan, hours, hour)
    world.now += timedelta(minutes=minutes)
    world.meetings = [_meeting(world.now + timedelta(days=days, hours=5)) for days in (-2, 1, 4)]
    due = next_due(plan, world.around)
    assert due is None or hours[0] <= clock.local(due.at).time() <= hours[1]


@given(
    given_on=st.dates(date(2026, 1, 1), date(2026, 12, 1)), days=st.integers(-3, 40), count=st.integers(0, 2),
    hour=st.none() | st.integers(0, 23), hours=st.sampled_from(HOURS),
)  # fmt: skip
@FOR_ALL
def test_nudges_keep_to_their_number_and_their_days(
    given_on: date, days: int, count: int, hour: int | None, hours: tuple[time, time]
) -> None:
    found = nudge_days(given_on, given_on + days * DAY, count)
    assert len(found) <= count
    assert all(before < after for before, after in pairwise(found))
    assert all(given_on < day <= given_on + days * DAY for day in found)
    practice = Practice(mail_from_time=hours[0], mail_until_time=hours[1])
    moments = [clock.local(hour_of(day, hour, practice)) for day in found]
    assert [moment.date() for moment in moments] == found
    assert all(hours[0] <= moment.time() <= hours[1] for moment in moments)
