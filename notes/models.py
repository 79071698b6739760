"""The note of a session, a draft and then signed and read-only by every path; and the files of a client."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone

from clients.models import Client
from practice.models import User
from practice.scoping import ScopedModel
from sessions.models import ClientSession
from vault.fields import SealedJSONField, SealedTextField
from vault.models import SealedFile
from vault.sealing import Place


class Note(ScopedModel):
    """One session's note. Migration 0002 refuses, in the database, any change to a signed note's words."""

    vault_owner = "client_id"

    class State(models.TextChoices):
        DRAFT = "draft", "Draft"
        SIGNED = "signed", "Signed"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # A session with a note stays, unless its client goes and takes both along.
    session = models.OneToOneField(ClientSession, on_delete=models.RESTRICT, related_name="note")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    author = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    text = SealedTextField()
    state = models.CharField(max_length=10, choices=State, default=State.DRAFT)
    # Goes up with every save: whoever saves an older one is shown both texts.
    version = models.PositiveIntegerField(default=1)
    is_for_supervision = models.BooleanField(default=False)
    supervision_question = SealedTextField(default="")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    updated_at = models.DateTimeField(default=timezone.now)
    signed_at = models.DateTimeField(null=True, blank=True)

    class Privacy:
        sealed = ("text", "supervision_question")
        plain = (
            "id", "session", "client", "author", "state", "version", "is_for_supervision", "created_at", "updated_at",
            "signed_at",
        )  # fmt: skip

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [
            models.CheckConstraint(
                condition=Q(state="draft", signed_at__isnull=True) | Q(state="signed", signed_at__isnull=False),
                name="notes_signed_has_time",
            )
        ]

    def __str__(self) -> str:
        return f"note {self.id}"

    @property
    def is_signed(self) -> bool:
        return self.state == self.State.SIGNED


class Attachment(ScopedModel):
    """A file on a client's record. Its content is sealed on the disk (vault/files.py), its name and size are here."""

    vault_owner = "client_id"

    class Kind(models.TextChoices):
        PDF = "pdf", "PDF"
        PNG = "png", "PNG picture"
        JPEG = "jpeg", "JPEG picture"
        DOCX = "docx", "Word document"
        ODT = "odt", "OpenDocument text"
        TEXT = "text", "Plain text"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    # On the client, not on a note: nothing is hung on a note that was signed.
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    added_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = SealedTextField()
    description = SealedTextField(default="")
    # In bytes. Sealed: a size to the byte can tell which file it is.
    size = SealedJSONField()
    kind = models.CharField(max_length=10, choices=Kind)
    file = models.OneToOneField(SealedFile, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField(default=timezone.now, editable=False)

    class Privacy:
        sealed = ("name", "description", "size")
        plain = ("id", "client", "added_by", "kind", "file", "added_at")

    class Meta(ScopedModel.Meta):
        abstract = False

    def __str__(self) -> str:
        return f"file {self.id}"

    @property
    def place(self) -> Place:
        """Return what the file's content is bound to."""
        return Place(self._meta.label, "file", self.id, self.client_id)
