"""Deeds on a client's files: add one, open it, remove it. The content is sealed on the disk, by vault/files.py."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from clients.handing_over import HandedOver
from clients.models import Client
from notes.kinds import KINDS, Kind
from notes.models import Attachment
from practice import trail
from practice.models import User
from vault.errors import VaultError
from vault.files import check_file, keep, open_file, remove


class FormUsed(Exception):
    """The form's number belongs to another client's file."""


class FileHeld(Exception):
    """A legal hold stands against removing anything of this client's."""


@dataclass(frozen=True)
class Content:
    """A file on its way out: its name, its kind, its size in bytes, and the bytes piece by piece."""

    name: str
    kind: Kind
    size: int
    pieces: Iterator[bytes]


@transaction.atomic
def add_file(
    *,
    actor: User,
    client: Client,
    nonce: UUID,
    pieces: Iterable[bytes],
    size: int,
    name: str,
    kind: str,
    description: str,
) -> Attachment:
    """Seal a file onto a client's record. `nonce` becomes the row's id: a second submit changes nothing.

    Locks the client, so that two submits come one by one and none comes after an erasure. Raise Client.DoesNotExist
    where the client has gone or is another counsellor's by now, FormUsed, OSError where the disk is full; as
    `vault.services.data_key` does.
    """
    client = _locked_clients().get(pk=client.pk, counsellor=client.counsellor_id)
    earlier = Attachment.unscoped.filter(pk=nonce).first()  # no viewer: looks for this very form's own row
    if earlier is not None:
        if earlier.client_id != client.pk:
            raise FormUsed
        return earlier
    attachment = Attachment(
        id=nonce, client=client, added_by=actor, name=name, description=description, size=size, kind=kind
    )
    attachment.file = keep(pieces, place=attachment.place)
    attachment.save(force_insert=True)
    _record("file.add", actor, attachment, kind=kind)
    return attachment


def open_content(*, actor: User, attachment: Attachment) -> Content:
    """Give a file out, which leaves an audit row. All of it is read and checked before its first byte is given.

    A name that does not open is made up for. Raise VaultError where the content does not open, or is not as long as it
    was when it came.
    """
    size = check_file(attachment.file, place=attachment.place)
    if size != _size_when_it_came(attachment, size):
        raise VaultError(f"{attachment.place}: the sealed file is not as long as it was when it came.")
    pieces = open_file(attachment.file, place=attachment.place)
    _record("file.read", actor, attachment, kind=attachment.kind)
    kind = KINDS[attachment.kind]
    return Content(_name_of(attachment, kind), kind, size, pieces)


@transaction.atomic
def remove_file(*, actor: User, attachment: Attachment) -> None:
    """Remove a file for good; again changes nothing. The sealed file goes when this is committed.

    Locks the client, then the file's row. Raise FileHeld while a legal hold stands, HandedOver where the client is
    another counsellor's by now.
    """
    client = _locked_clients().filter(pk=attachment.client_id).first()
    rows = Attachment.unscoped.select_for_update(of=("self",))  # no viewer: the caller's own row
    attachment_now = rows.select_related("client", "file").filter(pk=attachment.pk).first()
    if client is None or attachment_now is None:
        return
    if client.counsellor_id != attachment.client.counsellor_id:
        raise HandedOver
    if client.is_held:
        raise FileHeld
    rows.filter(pk=attachment_now.pk).delete()
    remove(attachment_now.file)
    _record("file.remove", actor, attachment_now, kind=attachment_now.kind)


def _locked_clients() -> QuerySet[Client]:
    """Return clients as they are now, those that are asked for locked where the database can."""
    return Client.unscoped.select_for_update(no_key=True)  # no viewer: the caller's own row or its file


def _size_when_it_came(attachment: Attachment, size: int) -> int:
    """Return the size that was written down; where that does not open, the one that was found."""
    try:
        return int(attachment.size)
    except VaultError:
        return size


def _name_of(attachment: Attachment, kind: Kind) -> str:
    try:
        return str(attachment.name)
    except VaultError:
        return f"File{kind.endings[0]}"


def _record(deed: str, actor: User, attachment: Attachment, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=attachment, reference=attachment.client.reference, **detail)
