"""The checker: what was planned, what a mail server took, how often somebody was killed."""

from collections import Counter
from collections.abc import Sequence

from outbox.models import Message
from outbox.sender import SENDERS
from tests.outbox.rows import State
from tests.outbox.sink import Sink


def is_settled() -> bool:
    """Say whether every row has come to an end."""
    return not Message.objects.filter(state__in=(State.PLANNED, State.LEASED)).exists()


def check(rows: Sequence[Message], sink: Sink, *, kills: int, is_parked: bool, ticks: int = 1) -> None:
    """Hold the promises against what happened. A mail of which nobody knows is `unsure`, never silent.

    `ticks` is how many ran at once in what was killed, each with its connections.
    """
    lines = kills * ticks * SENDERS
    copies = Counter(sink.labels())
    states = dict(Message.objects.values_list("reference", "state"))
    unsure = {reference for reference, state in states.items() if state == State.UNSURE}
    extra = sum(copies.values()) - len(copies)

    assert set(states.values()) <= {State.SENT, State.UNSURE}
    assert {reference for reference in states if reference not in copies} <= unsure  # none lost
    assert len(unsure) <= lines
    for row in rows:
        ids = {mail.message_id for mail in sink.taken if mail.label == row.reference}
        assert ids <= {f"{row.message_id}@beside.test"}  # a copy is the same mail
    if is_parked:
        assert extra == 0
    else:
        assert extra <= lines  # one for each open connection
        assert max(copies.values()) <= 1 + min(kills, 1)
