"""A clock that only the test moves, from Monday 2 March 2026, 9:00 in London, in a practice that mails from 8 to 20."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, time, timedelta

import time_machine

from exercises import tasks
from outbox.sender import Tally, send_due
from tests.exercises.plans import LONDON
from tests.factories import make_practice

MONDAY_NINE = datetime(2026, 3, 2, 9, 0, tzinfo=LONDON)


class Clock:
    """Where the test stands in time."""

    def __init__(self, traveller: time_machine.Traveller) -> None:
        self.traveller = traveller

    def to(self, day: int, hour: int = 9, minute: int = 0) -> None:
        """Stand on a day after the Monday, some seconds after a minute, and let the worker look."""
        self.jump(day, hour, minute)
        tasks.sweep()

    def jump(self, day: int, hour: int = 9, minute: int = 0) -> None:
        """Stand there while the worker is down."""
        there = (MONDAY_NINE.replace(tzinfo=None) + timedelta(days=day)).replace(hour=hour, minute=minute, second=12)
        self.traveller.move_to(there.replace(tzinfo=LONDON))

    def send(self, day: int, hour: int = 9, minute: int = 0) -> Tally:
        """Stand there, let the worker look, and send what is due."""
        self.to(day, hour, minute)
        return send_due()


@contextmanager
def clock() -> Iterator[Clock]:
    """Travel to the Monday."""
    with time_machine.travel(MONDAY_NINE, tick=False) as traveller:
        make_practice(mail_from_time=time(8), mail_until_time=time(20))
        yield Clock(traveller)
