"""`manage.py vault_rotate`: rewrap the data keys under the newest master key, while the site runs."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from practice.keys import make_key, retire_keys, rewrap_keys
from vault.errors import VaultError
from vault.rotation import BATCH
from vault.startup import check_ring

# The old key is all that opens the data while the new one stands in a single file.
ONE_BY_ONE = (
    "One after the other: --make-key; put a copy of the new key away, apart from the backups; vault_check; --retire."
)


class Command(BaseCommand):
    help = "Rewrap all data keys under the newest master key. May be stopped and run again at any time."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--make-key", action="store_true", help="first put a new key at the front of the key file")
        parser.add_argument("--retire", action="store_true", help="in the end drop the older keys from the key file")
        parser.add_argument("--batch", type=int, default=BATCH, help="data keys in one transaction (%(default)s)")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch takes a number from 1 on.")
        if options["make_key"] and options["retire"]:
            raise CommandError(ONE_BY_ONE)
        try:
            check_ring()
            self._rotate(is_new=options["make_key"], is_last=options["retire"], batch=options["batch"])
        except VaultError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            why = type(error).__name__
            raise CommandError(f"The database did not answer as it should ({why}). Run this again.") from error

    def _rotate(self, *, is_new: bool, is_last: bool, batch: int) -> None:
        if is_new:
            self.stdout.write(f"new master key {make_key(actor=None)}: processes read the file again by themselves")
            self.stdout.write("Put a copy of it away now, apart from the backups; then vault_check, then --retire.")
        done = rewrap_keys(actor=None, batch=batch)
        self.stdout.write(f"rewrapped under master key {done.under}: {done.count} data keys")
        for key_id in done.damaged:
            self.stderr.write(f"data key {key_id} does not open, and stays as it is")
        if done.damaged:
            raise CommandError("Some data keys do not open: `manage.py vault_check` names what they belong to.")
        if is_last:
            self._retire()

    def _retire(self) -> None:
        dropped = retire_keys(actor=None)
        if dropped:
            self.stdout.write(f"dropped from the key file: {', '.join(dropped)}")
            self.stdout.write(
                "Erasures are final once every copy of these keys is destroyed, and each key table dumped under them."
            )
        else:
            self.stdout.write("the key file holds no older key")
