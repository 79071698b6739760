"""The keys' own table, which can be backed up apart from the data; the canary; and where sealed files belong."""

import uuid

from django.db import models
from django.utils import timezone

from vault.fields import SealedTextField
from vault.sealing import Place


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


class SealedFile(models.Model):
    """A file on the disk, sealed under its owner's data key (vault/files.py). Its size is not written down."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner_id = models.UUIDField(db_index=True)
    # What it is bound to, so that `vault_check` can open it without knowing the rooms above.
    model = models.CharField(max_length=60)
    column = models.CharField(max_length=60)
    row_id = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    objects = models.Manager["SealedFile"]()

    class Privacy:
        sealed = ()
        plain = ("id", "owner_id", "model", "column", "row_id", "created_at")

    def __str__(self) -> str:
        return f"sealed file {self.id}"

    @property
    def place(self) -> Place:
        """Return what the file is bound to, as its row says it."""
        return Place(self.model, self.column, self.row_id, self.owner_id)


class MasterKeyUse(models.Model):
    """When a master key came into use as the newest: keys are only ever followed by newer ones, never the way back."""

    key_id = models.CharField(max_length=16, unique=True)
    # 32 bytes derived from the key, one way: another key that goes by the same id is known by them.
    fingerprint = models.BinaryField(max_length=32)
    # 1, 2, 3: the highest is the newest that this database was ever written with.
    number = models.PositiveIntegerField(unique=True)
    first_used_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = models.Manager["MasterKeyUse"]()

    class Privacy:
        sealed = ()
        plain = ("id", "key_id", "fingerprint", "number", "first_used_at")

    def __str__(self) -> str:
        return f"master key {self.number}"
