"""Which session of the agreed number one is ("4 of 12"), and when it is time to look back together.

What counts: sessions from the agreed day on that took place or are to, and those that the client did not attend. A
cancelled session does not count, by whomever and however late: the agreement is about sessions, a late cancellation
about its fee.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from clients.models import Client
from practice import clock
from sessions.models import Agreement, ClientSession, DiaryRules

_WORDS = {1: "One", 2: "Two", 3: "Three", 4: "Four", 5: "Five", 6: "Six", 7: "Seven", 8: "Eight", 9: "Nine"}


@dataclass(frozen=True)
class Numbered:
    """The number of a session among those agreed; `review_before` as the practice's rules have it."""

    number: int
    agreed: int
    review_before: int

    @property
    def left(self) -> int:
        """Return how many are left after this one; below zero where more took place than were agreed."""
        return self.agreed - self.number

    @property
    def is_review_near(self) -> bool:
        return self.left <= self.review_before

    @property
    def nudge(self) -> str:
        """Return a quiet word where it is time to review; else nothing."""
        if not self.is_review_near:
            return ""
        if self.left < 0:
            return f"More than the {self.agreed} agreed: a good moment to agree anew."
        if self.left == 0:
            return f"The last of {self.agreed} agreed: a good moment to review."
        sessions = "session" if self.left == 1 else "sessions"
        return f"{_WORDS.get(self.left, self.left)} {sessions} left of {self.agreed}: a good moment to review."

    def __str__(self) -> str:
        return f"{self.number} of {self.agreed}"


@dataclass(frozen=True)
class Standing:
    """How far an agreement has come."""

    agreed: int
    counts_from: date
    held: int
    ahead: int


def numbers_of(sessions: Iterable[ClientSession]) -> dict[UUID, Numbered]:
    """Return the number of each session that counts towards an agreement, by id; three queries, or one for none.

    The caller holds the sessions, and sees no more of others than how many there were before.
    """
    asked = list(sessions)
    agreed = _agreements(each.client_id for each in asked)
    if not agreed:
        return {}
    review_before = DiaryRules.current().review_before
    numbers: dict[UUID, Numbered] = {}
    wanted = {each.pk for each in asked}
    for client_id, counted in _counted(agreed).items():
        for number, session in enumerate(counted, start=1):
            if session.pk in wanted:
                numbers[session.pk] = Numbered(number, agreed[client_id].sessions, review_before)
    return numbers


def number_of(session: ClientSession) -> Numbered | None:
    """Return a session's number; None where none was agreed or it does not count."""
    return numbers_of([session]).get(session.pk)


def agreement_of(client: Client) -> Agreement | None:
    """Return what was agreed with a client."""
    return _agreements([client.pk]).get(client.pk)


def standing_of(client: Client) -> Standing | None:
    """Return how many of the agreed sessions have begun and how many are still to come; two queries, or one."""
    agreed = _agreements([client.pk])
    if not agreed:
        return None
    counted = _counted(agreed)[client.pk]
    held = sum(session.has_begun for session in counted)
    return Standing(agreed[client.pk].sessions, agreed[client.pk].counts_from, held, len(counted) - held)


def _agreements(clients: Iterable[UUID]) -> dict[UUID, Agreement]:
    rows = Agreement.unscoped.filter(client_id__in=set(clients))  # no viewer: the caller holds their rows
    return {row.client_id: row for row in rows}


def _counted(agreed: dict[UUID, Agreement]) -> dict[UUID, list[ClientSession]]:
    """Return the sessions that count, in order, by client; nothing sealed among their columns."""
    since = min(each.counts_from for each in agreed.values())
    rows = ClientSession.unscoped.filter(client_id__in=agreed)  # no viewer: the caller holds their rows
    rows = rows.filter(starts_at__gte=clock.start_of(since)).exclude(status__in=ClientSession.CANCELLED)
    found: dict[UUID, list[ClientSession]] = defaultdict(list)
    for row in rows.only("client_id", "starts_at").order_by("starts_at", "pk"):
        if clock.local(row.starts_at).date() >= agreed[row.client_id].counts_from:
            found[row.client_id].append(row)
    return found
