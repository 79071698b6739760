"""`manage.py prepare`: bring database, keys, static files and shipped exercises up to date. Safe to run again."""

import base64
import os
import secrets
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from clients import journal, replay
from config.startup import check_mail_server_or_exit
from exercises.publishing import publish_shipped
from vault.errors import VaultError
from vault.startup import check_ring, ensure_canary, was_written_with_keys


class Command(BaseCommand):
    help = "Migrate, check the vault's keys, collect static files, publish the shipped exercises."

    def handle(self, *args: Any, **options: Any) -> None:
        check_mail_server_or_exit()
        if settings.DEMO:
            self._make_demo_secrets()
        call_command("migrate", verbosity=0, interactive=False)
        call_command("collectstatic", verbosity=0, interactive=False)
        try:
            ensure_canary()
            check_ring()
        except VaultError as error:
            raise CommandError(str(error)) from error
        publish_shipped()
        self._keep_the_journal()

    def _keep_the_journal(self) -> None:
        """Bring the erasure journal up to date, and say where a restore has brought somebody back."""
        try:
            journal.catch_up()
            back = replay.alive()
        except OSError as error:
            self.stderr.write(f"The erasure journal {settings.ERASURE_JOURNAL} cannot be written: {error}.")
            return
        if back:
            self.stderr.write(
                f"Erased clients are back, from a backup: {', '.join(back)}. Run `manage.py vault_shred --replay`."
            )

    def _make_demo_secrets(self) -> None:
        """Write var/secret.key and var/vault.keys on the very first start. Never writes over one.

        Raise CommandError where the keys of a database are missing: others would not open it.
        """
        key = base64.b64encode(os.urandom(32)).decode()
        _write_once(settings.VAR_DIR / "secret.key", secrets.token_urlsafe(50))
        keys = settings.VAR_DIR / "vault.keys"
        if str(keys) == settings.VAULT_KEYS and not keys.exists():
            if was_written_with_keys():
                raise CommandError(f"{keys} is missing, and this database was written with keys: put the file back.")
            _write_once(keys, f"demo-1:{key}")


def _write_once(path: Path, text: str) -> None:
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(descriptor, "w") as file:
        file.write(text + "\n")
