"""The keys' own table: it can be left out of a dump and backed up apart from the data."""

import uuid

from django.db import models

from vault.fields import SealedTextField


class DataKey(models.Model):
    """One data key, wrapped under a master key. Its owner is a client, or the practice."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_id = models.UUIDField(unique=True)
    # The master key's id stands in the blob too; the column is there to count and to rotate by.
    master_key_id = models.CharField(max_length=16, db_index=True)
    wrapped = models.BinaryField(max_length=512)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager["DataKey"]()

    class Privacy:
        sealed = ("wrapped",)
        plain = ("id", "owner_id", "master_key_id", "created_at")

    def __str__(self) -> str:
        return f"data key {self.id}"


class Canary(models.Model):
    """A sealed row with a known text: whether it opens tells whether the ring is the right one."""

    vault_owner = "id"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    song = SealedTextField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager["Canary"]()

    class Privacy:
        sealed = ("song",)
        plain = ("id", "created_at")

    def __str__(self) -> str:
        return f"canary {self.id}"
