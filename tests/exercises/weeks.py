"""Twelve weeks of a practice's life: who does what when, and a worker that looks, save on a day when it is down."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import time_machine
from django.utils import timezone

import sessions.tasks
from clients.models import Client
from exercises import tasks
from exercises.answers import submit_answer
from exercises.models import Assignment
from outbox.models import Message
from outbox.sender import send_due
from practice import clock
from sessions.models import ClientSession
from tests.exercises.plans import LONDON
from tests.factories import make_client, make_session

FIRST, LAST = date(2026, 2, 2), date(2026, 4, 26)
# When the worker looks, besides after each deed: at each moment at which something may be due, and between them.
LOOKS = [time(2), *[time(hour) for hour in (6, 7, 8, 9, 10, 12, 14, 17, 18)], time(19, 30), time(22)]


def when(text: str) -> datetime:
    """Return a moment of 2026 by the wall clock: "2 Feb 09:05"."""
    return datetime.strptime(f"2026 {text}", "%Y %d %b %H:%M").replace(tzinfo=LONDON)


@dataclass
class Weeks:
    """The clients by their names, what they and their counsellors do, and the days on which the worker is down."""

    traveller: time_machine.Traveller
    clients: dict[str, Client] = field(default_factory=dict)
    script: list[tuple[datetime, Callable[[], object]]] = field(default_factory=list)
    down_on: set[date] = field(default_factory=set)
    looks: int = 0

    def client(self, name: str, hour: int | None = None) -> Client:
        """Admit a client, with a counsellor of their own."""
        self.clients[name] = make_client(preferred_hour=hour)
        return self.clients[name]

    def at(self, text: str, deed: Callable[[], object]) -> None:
        """Let something be done at a moment."""
        self.script.append((when(text), deed))

    def live(self) -> None:
        """Let the weeks pass. After each deed, and at LOOKS, the worker looks, some seconds later."""
        looks = [(datetime.combine(day, hour, tzinfo=LONDON), None) for day in _days() for hour in LOOKS]
        for moment, deed in sorted([*looks, *self.script], key=lambda each: each[0]):
            self.traveller.move_to(moment + timedelta(seconds=12))
            if deed is not None:
                deed()
            if moment.date() not in self.down_on:
                self.look()

    def look(self) -> None:
        tasks.sweep()
        if clock.local(timezone.now()).hour in (6, 14):
            sessions.tasks.sweep()  # looks far ahead, and says nothing of exercises
        send_due()
        self.looks += 1

    def left(self, name: str) -> list[str]:
        """Return the exercise mails that left to a client: when, which exercise, and whether it was a nudge."""
        rows = {row.pk: row for row in Assignment.unscoped.select_related("version__exercise")}
        sent = Message.objects.filter(kind__startswith="exercise", owner_id=self.clients[name].pk, state="sent")
        return [
            f"{clock.local(mail.sent_at):%a %d %b %H:%M %Z}  {rows[mail.subject_id].version.exercise.slug}"
            + (" (nudge)" if mail.kind == "exercise_nudge" else "")
            for mail in sent.order_by("sent_at", "kind")
            if mail.sent_at is not None
        ]

    # --- what people do ------------------------------------------------------------------------------------
    def sees(self, name: str, *days: str) -> None:
        """Book sessions of a client."""
        for day in days:
            make_session(self.clients[name], when(day))

    def session(self, name: str, day: str) -> ClientSession:
        rows = ClientSession.unscoped.select_related("client", "counsellor", "series")
        return rows.get(client=self.clients[name], starts_at=when(day))

    def latest(self, name: str, slug: str = "") -> Assignment:
        rows = Assignment.unscoped.filter(client=self.clients[name]).select_related("client", "version", "step")
        return (rows.filter(version__exercise__slug=slug) if slug else rows).latest("assigned_at")

    def answers(self, name: str, slug: str = "") -> None:
        """Let a client say that they did what they have, or one exercise."""
        rows = Assignment.unscoped.filter(client=self.clients[name], state=Assignment.State.ASSIGNED)
        for row in rows.filter(version__exercise__slug=slug) if slug else rows:
            submit_answer(assignment=row, sharing="done_only", values={})


def _days() -> list[date]:
    return [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]
