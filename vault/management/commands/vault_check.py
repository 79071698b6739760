"""`manage.py vault_check`: does the ring open the canary, and which master keys are in use?"""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import Count

from vault.errors import VaultError
from vault.keyring import ring
from vault.models import Canary, DataKey
from vault.startup import check_ring


class Command(BaseCommand):
    help = "Check the master keys against the canary and count the data keys under each."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_ring()
        except VaultError as error:
            raise CommandError(str(error)) from error
        except DatabaseError as error:
            raise CommandError("The database has no keys to check yet: run `manage.py migrate` first.") from error
        self.stdout.write("canary: opens" if Canary.objects.exists() else "canary: none yet")
        rows = DataKey.objects.values("master_key_id").annotate(count=Count("id")).order_by("master_key_id")
        for row in rows:
            state = "in the ring" if row["master_key_id"] in ring() else "MISSING from the ring"
            self.stdout.write(f"master key {row['master_key_id']}: {row['count']} data keys, {state}")
        if any(row["master_key_id"] not in ring() for row in rows):
            raise CommandError("Some data keys are wrapped under a master key that VAULT_KEYS does not hold.")
