"""`manage.py vault_shred`: after a restore, erase again the clients whom the erasure journal lists."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from clients import journal, replay
from vault.errors import VaultError


class Command(BaseCommand):
    help = "Look at the erasure journal (--list), or erase again whom a restored backup brought back (--replay)."

    def add_arguments(self, parser: Any) -> None:
        what = parser.add_mutually_exclusive_group(required=True)
        what.add_argument("--list", action="store_true", help="show who was erased, and whether they are back")
        what.add_argument("--replay", action="store_true", help="erase again whom a restore brought back")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["replay"]:
                self._replay()
            else:
                self._list()
        except OSError as error:
            raise CommandError(f"The erasure journal {settings.ERASURE_JOURNAL} cannot be used: {error}.") from error
        except VaultError as error:
            raise CommandError(f"{error} Nothing more was erased: put the keys right, then run this again.") from error
        except DatabaseError as error:
            raise CommandError("The database could not be used: run `manage.py prepare`, then this again.") from error

    def _list(self) -> None:
        journal.catch_up()
        book, back = journal.read(), set(replay.alive())
        for line in book.lines:
            state = "IS BACK: run vault_shred --replay" if line.reference in back else "erased"
            self.stdout.write(f"{line.reference}  {line.erased_at:%Y-%m-%d %H:%M} UTC  {state}")
        self.stdout.write(f"{len(book.lines)} in the journal, {len(back)} back.")
        self._refuse(book.damaged, [])

    def _replay(self) -> None:
        done = replay.replay()
        for reference in done.erased:
            self.stdout.write(f"{reference}  erased again")
        self.stdout.write(f"{len(done.erased)} erased again, {len(done.gone)} were not there.")
        self._refuse(done.damaged, done.refused)

    def _refuse(self, damaged: list[int], refused: list[str]) -> None:
        troubles = []
        if damaged:
            lines = ", ".join(map(str, damaged))
            troubles.append(f"these lines cannot be read: {lines}; put them right from another copy, or remove them")
        if refused:
            troubles.append(f"these references belong to other clients here: {', '.join(refused)}; nothing was erased")
        if troubles:
            where = settings.ERASURE_JOURNAL
            raise CommandError(f"The erasure journal {where}: {'; '.join(troubles)}. All others were dealt with.")
