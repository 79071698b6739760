"""After a restore: erase again whom the erasure journal lists."""

from dataclasses import dataclass, field

from django.db import transaction
from django.utils import timezone

import outbox.services
import vault.files
from clients import erasure, journal
from clients.journal import Line
from clients.models import Client, Tombstone
from practice import keeping, trail
from practice.models import User
from vault.services import destroy_data_key


class WrongClient(Exception):
    """The journal's line and the client with this id have different references: the journal is another practice's."""


@dataclass
class Replay:
    """What became of the journal's lines, by reference; `damaged` are the numbers of lines that cannot be read."""

    erased: list[str] = field(default_factory=list)
    gone: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    damaged: list[int] = field(default_factory=list)


def replay() -> Replay:
    """Erase again every client whom the journal lists and a restore brought back; each in a transaction of their own.

    Lines after a damaged one are replayed as well. Raise OSError where the journal cannot be read.
    """
    book = journal.read()
    done = Replay(damaged=book.damaged)
    for line in book.lines:
        try:
            (done.erased if erase_again(line) else done.gone).append(line.reference)
        except WrongClient:
            done.refused.append(line.reference)
    erasure.afterwards()
    return done


def alive() -> list[str]:
    """Return the references of those whom the journal lists and who are there all the same. Raise OSError."""
    lines = journal.read().lines
    rows = Client.unscoped.filter(pk__in=[line.client_id for line in lines])  # no viewer: whether they are there
    there = set(rows.values_list("pk", flat=True))
    return [line.reference for line in lines if line.client_id in there]


@transaction.atomic
def erase_again(line: Line) -> bool:
    """Erase one client whom a restore brought back; False where there is nothing of them. Raise WrongClient.

    Neither a legal hold nor the rule is asked: both were before, and a copy from an earlier day knows nothing of it.
    """
    client = Client.unscoped.select_for_update().filter(pk=line.client_id).first()  # no viewer: who was erased
    if client is None:
        _sweep(line)
        return False
    if client.reference != line.reference:
        raise WrongClient
    stone = erasure.tombstone_for(client, asked_by=line.asked_by, received_on=line.received_on)
    stone.is_rule_considered, stone.replayed_at = line.is_rule_considered, timezone.now()
    Tombstone.unscoped.filter(pk=client.pk).delete()  # no viewer: a copy that holds both, by whatever accident
    by = User.objects.filter(pk=line.erased_by).first() if line.erased_by else None
    erasure.bury(client, stone, erased_at=line.erased_at, erased_by=by)
    trail.record(
        "client.erase", actor=None, subject=client, reference=client.reference, is_replayed=True,
        first_erased_at=line.erased_at,
    )  # fmt: skip
    return True


def _sweep(line: Line) -> None:
    """Take what may stand apart from the client's row: a key table, mails or files restored from another day."""
    outbox.services.forget_owner(line.client_id)
    keeping.forget_owner(line.client_id)
    vault.files.remove_all(line.client_id)
    destroy_data_key(line.client_id)
