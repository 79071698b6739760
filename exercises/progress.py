"""How practice has gone for one client: charts, what came back of late, and what got in the way."""

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.utils import timezone

from clients.models import Client
from exercises.answers import open_answer
from exercises.charts import Chart
from exercises.models import Assignment
from exercises.patterns import charts_of, history, shared_answer
from exercises.selectors import Badge, badge_of, of_client
from practice import clock
from practice.models import User
from sessions.models import ClientSession
from vault.errors import VaultError

SHOWN = 12
State = Assignment.State
# Each barrier that a client may tick (exercises/closing.py), as it stands in a sentence.
_BARRIERS = {
    "It slipped my mind": "it slipped their mind",
    "There wasn't much time": "there wasn't much time",
    "Hard feelings came up": "hard feelings came up",
    "It didn't suit me": "it didn't suit them",
    "Something else": "something else got in the way",
}
_TIMES = ("", "once", "twice", "three times", "four times", "five times", "six times")


@dataclass(frozen=True)
class Came:
    """One answer of the list: where it stands and, where it was shared, what the closing questions brought."""

    assignment: Assignment
    badge: Badge
    how_far: str = ""
    helpful: str = ""
    in_my_day: str = ""
    in_the_way: tuple[str, ...] = ()
    is_damaged: bool = False


@dataclass(frozen=True)
class Progress:
    """All that the page shows. `damaged` counts answers that did not open; `earlier` those before the list."""

    charts: list[Chart]
    came: list[Came]
    in_the_way: str
    in_my_day: str
    earlier: int
    damaged: int

    @property
    def is_empty(self) -> bool:
        return not self.came


def progress_of(viewer: User, client: Client) -> Progress:
    """Return how practice has gone. Each answer of the list whose words open leaves the trace of being read."""
    answered = list(of_client(viewer, client).filter(answered_at__isnull=False).order_by("-answered_at"))
    found = history(answered)
    came = [_came(viewer, each) for each in answered[:SHOWN]]
    return Progress(
        charts_of(found, marks=_session_days(viewer, client)),
        came,
        _barriers(came),
        _days(came),
        len(answered) - len(came),
        found.damaged,
    )


def _came(viewer: User, given: Assignment) -> Came:
    badge, answer = badge_of(given), shared_answer(given)
    if answer is None:
        return Came(given, badge)
    try:
        values = answer.values
    except VaultError:
        return Came(given, badge, is_damaged=True)
    if values:
        open_answer(actor=viewer, assignment=given)
    helpful, barriers = values.get("helpful"), values.get("in_the_way") or []
    return Came(
        given,
        badge,
        str(values.get("how_far") or ""),
        "" if helpful is None else str(helpful),
        str(values.get("in_my_day") or ""),
        tuple(str(each) for each in ([barriers] if isinstance(barriers, str) else barriers)),
    )


def _session_days(viewer: User, client: Client) -> list[date]:
    """Return the days of the sessions that took place."""
    rows = ClientSession.visible_to(viewer).filter(client=client, starts_at__lte=timezone.now())
    held = rows.exclude(status__in=(*ClientSession.CANCELLED, ClientSession.Status.DID_NOT_ATTEND))
    return [clock.local(at).date() for at in held.order_by("starts_at").values_list("starts_at", flat=True)]


def _barriers(came: list[Came]) -> str:
    """Say in a sentence what got in the way, the most frequent first; empty where nothing was ticked."""
    counts = Counter(barrier for each in came for barrier in each.in_the_way)
    told = [f"{_BARRIERS.get(barrier, f'“{barrier}”')} {_times(count)}" for barrier, count in counts.most_common()]
    return f"What got in the way: {_joined(told)}." if told else ""


def _days(came: list[Came]) -> str:
    """Say in a sentence how often it has shown up in their day; empty where nobody said."""
    counts = Counter(each.in_my_day for each in came if each.in_my_day)
    told = [
        f"{words} {_times(counts[option])}"
        for option, words in (("Yes", "yes"), ("A little", "a little"), ("Not so far", "not so far"))
        if counts[option]
    ]
    return f"Has it shown up in their day? {_joined(told).capitalize()}." if told else ""


def _times(count: int) -> str:
    return _TIMES[count] if count < len(_TIMES) else f"{count} times"


def _joined(parts: list[str]) -> str:
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
