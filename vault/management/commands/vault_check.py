"""`manage.py vault_check`: does everything open? Keys in use, canary, every sealed value and every sealed file."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from vault.errors import VaultError
from vault.inventory import Tally, Trouble, check_files, check_keys, check_values, count_rowless
from vault.keyring import ring
from vault.models import Canary
from vault.startup import check_ring
from vault.uses import check_uses, keys_in_use


class Command(BaseCommand):
    help = "Check the master keys against the canary, and open every sealed value once. Shows nothing that it opened."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--quick", action="store_true", help="keys and canary only")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            wrong = self._check_ring()
            if not options["quick"]:
                wrong += self._check_all()
        except VaultError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError("The database has no keys to check yet: run `manage.py migrate` first.") from error
        if wrong:
            raise CommandError("Not all is well: " + "; ".join(wrong) + ".")

    def _check_ring(self) -> list[str]:
        """Print the keys in use and the state of the canary; return what is wrong. Raise KeyRingError on a wrong ring.

        With a wrong ring nothing would open: there is no point in opening everything.
        """
        keys, counts = ring(), keys_in_use()
        for name in (*keys, *sorted(counts.keys() - set(keys))):
            state = "in the ring" if name in keys else "MISSING from the ring"
            self.stdout.write(f"master key {name}: {counts.get(name, 0)} data keys, {state}")
        check_uses(keys)
        try:
            check_ring()
        except VaultError as error:
            self.stdout.write("canary: DOES NOT OPEN")
            return [str(error).rstrip(".")]
        self.stdout.write("canary: opens" if Canary.objects.exists() else "canary: none yet")
        return []

    def _check_all(self) -> list[str]:
        """Open everything; print each trouble as it is found, then the counts. Return what is wrong."""
        tally, damaged, orphans = Tally(), 0, 0
        for check in (check_keys, check_values, check_files):
            for trouble in check(tally):
                self._say(trouble)
                damaged += not trouble.is_orphan
                orphans += trouble.is_orphan
        self.stdout.write(f"opened: {tally.keys} data keys, {tally.values} sealed values, {tally.files} sealed files")
        if rowless := count_rowless():
            self.stdout.write(f"files without a row: {rowless}; the sweep takes them in time")
        counted = ((damaged, "damaged"), (orphans, "without their owner's key"))
        return [f"{count} {what}" for count, what in counted if count]

    def _say(self, trouble: Trouble) -> None:
        self.stdout.write(f"{'NO KEY' if trouble.is_orphan else 'DAMAGED'}: {trouble}")
