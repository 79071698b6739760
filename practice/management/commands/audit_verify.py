"""`manage.py audit_verify`: walk the audit trail and name every row that is not as it was written."""

from argparse import ArgumentParser
from collections.abc import Iterator
from itertools import islice
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from practice import anchor, trail
from practice.anchor import Anchor
from practice.chain import findings
from practice.models import AuditHead
from vault.errors import VaultError

SAID_AT_MOST = 50
RESTORED = "If an older backup was loaded, say so: manage.py audit_verify --accept-restore"


class Command(BaseCommand):
    help = (
        "Walk the audit trail and name every row that was changed, removed, put in or moved. Exits 1 if there is one."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--anchor", metavar="NUMBER:CODE", help="compare with an anchor that you noted down elsewhere, too"
        )
        parser.add_argument(
            "--accept-restore",
            action="store_true",
            help="an older backup was loaded: lay the anchor at the trail's end as it is now, with a row that says so",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        noted = self._noted(options["anchor"])
        wrong = self._say(_wrong_rows())
        wrong += self._say(_unlike(noted, "the anchor that you gave")) if noted else 0
        loose = list(_loose_anchor())
        if options["accept_restore"] and not wrong and loose:
            self._accept(loose)
        else:
            wrong += self._say(iter(loose))
        if wrong:
            raise SystemExit(1)
        anchor.move_on()
        self._say_where()

    def _noted(self, words: str | None) -> Anchor | None:
        try:
            return anchor.parse(words) if words is not None else None
        except ValueError as error:
            raise CommandError("--anchor takes a number and a code, as this command prints them: 1284:ab12…") from error

    def _say(self, found: Iterator[str]) -> int:
        """Write a line for each finding, up to a limit, and return how many there are."""
        said = 0
        for line in islice(found, SAID_AT_MOST):
            self.stderr.write(line)
            said += 1
        more = sum(1 for _ in found)
        if more:
            self.stderr.write(f"And {more:,} more.")
        return said + more

    def _accept(self, loose: list[str]) -> None:
        for line in loose:
            self.stdout.write(line)
        trail.record("trail.verify", actor=None, subject=AuditHead.objects.get(), what="restore accepted")
        anchor.lay_anew()
        self.stdout.write("A restore was accepted: the trail says so, and the anchor was laid anew.")

    def _say_where(self) -> None:
        head = AuditHead.objects.first()
        if head is None:
            self.stdout.write("The trail has not begun.")
            return
        self.stdout.write(f"The trail is as it was written: {head.number:,} rows.")
        self.stdout.write(f"It stands at {head.number}:{bytes(head.mac).hex()}")


def _wrong_rows() -> Iterator[str]:
    try:
        yield from findings(AuditHead.objects.first())
    except VaultError as error:
        yield f"The trail's own key does not open, so no row can be checked. {error}"


def _loose_anchor() -> Iterator[str]:
    try:
        known = anchor.read()
    except ValueError:
        yield f"The anchor {anchor.path()} cannot be understood. {RESTORED}"
        return
    if known is not None:
        name = f"the anchor of {known.written_at:%d %B %Y, %H:%M} UTC"
        yield from (f"{line} {RESTORED}" for line in _unlike(known, name))


def _unlike(known: Anchor, name: str) -> Iterator[str]:
    """Say where the trail is not the one that an anchor was laid in."""
    if anchor.holds(known):
        return
    head = AuditHead.objects.first()
    last = head.number if head is not None else 0
    if last < known.number:
        yield f"The trail ends at {last:,}, and {name} stands at {known.number:,}: its end was cut off."
    else:
        yield f"No. {known.number:,} is not the row of {name}: the trail was replaced from there or before."
