"""When practice that has not begun would come: the rules of exercises/timing.py, asked beforehand."""

from collections.abc import Sequence
from datetime import date

from clients.models import Client
from exercises.courses import StepWish
from exercises.giving import around_of
from exercises.timing import Due, Plan, Step, next_due
from exercises.watch import meetings_of
from practice.models import Practice


def first_coming(client: Client, wishes: Sequence[StepWish], starts_on: date, until_on: date | None) -> Due | None:
    """Return what of these steps would come first, by its place among them; None where nothing can be said to."""
    steps = [
        Step(number, wish.mode, wish.days, wish.on_date, tuple(wish.weekdays))
        for number, wish in enumerate(wishes, start=1)
    ]
    around = around_of(client, Practice.current(), meetings_of([client.pk])[client.pk])
    return next_due(Plan(steps, starts_on, until_on), around)
