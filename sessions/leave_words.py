"""What pages say once time is blocked or leave is taken."""

from datetime import date, datetime, timedelta

from practice import clock
from sessions.leaving import off
from sessions.time_off import Left
from sessions.told import untold

MOST_NAMED = 6


def after_leave(left: Left) -> str:
    """Say what a leave did, and by reference who is to be told by the counsellor: no name is kept in a message."""
    said = off(left.row)
    counts = {"cancelled": left.cancelled, "moved": left.moved, "kept": left.kept}
    done = [_counted(len(sessions), word) for word, sessions in counts.items()]
    parts = [f"Your leave, {_days(said.first_on, said.last_on)}, is in your diary.", " ".join(filter(None, done))]
    references = sorted({session.client.reference for session in untold(left.changed)})
    if len(references) > MOST_NAMED:
        parts.append(f"No mail tells {len(references)} of these clients: please let them know yourself.")
    elif references:
        parts.append(f"No mail tells {_and(references)}: please let them know yourself.")
    elif left.changed:
        parts.append("Everybody concerned is told by mail.")
    return " ".join(filter(None, parts))


def looking_at(starts_at: datetime, ends_at: datetime, number: int) -> str:
    """Say which days a leave would have, and how many sessions stand in them."""
    first, last = clock.local(starts_at).date(), clock.local(ends_at - timedelta(seconds=1)).date()
    length = (last - first).days + 1
    stand = "One session stands" if number == 1 else f"{number} sessions stand"
    return (
        f"{_days(first, last)}: {length} day{'' if length == 1 else 's'}. {stand} in {'it' if length == 1 else 'them'}."
    )


def _days(first: date, last: date) -> str:
    """Return days in words: one, or from the first to the last."""
    end = f"{last:%A} {last.day} {last:%B %Y}"
    if first == last:
        return end
    return f"{first:%A} {first.day} {first:%B}{'' if first.year == last.year else f' {first.year}'} to {end}"


def _counted(number: int, done: str) -> str:
    return f"{number} session{'' if number == 1 else 's'} {done}." if number else ""


def _and(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
