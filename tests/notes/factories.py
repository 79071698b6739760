"""Notes and files for tests."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

from django.db import connection
from django.db.models import Model
from django.utils import timezone

from clients.models import Client
from notes import files
from notes.models import Attachment, Note
from sessions.models import ClientSession
from tests.factories import make_client, make_session
from tests.notes.samples import PDF


def make_past_session(**fields: Any) -> ClientSession:
    """Return an attended session of yesterday."""
    values = {"status": ClientSession.Status.ATTENDED, "starts_at": timezone.now() - timedelta(days=1), **fields}
    return make_session(**values)


def make_note(session: ClientSession | None = None, *, is_signed: bool = False, **fields: Any) -> Note:
    """Return a draft of an attended session, or a signed note."""
    session = session or make_past_session()
    values = {"client": session.client, "author": session.counsellor, "text": "We sat with the quiet part.", **fields}
    if is_signed:
        values |= {"state": Note.State.SIGNED, "signed_at": timezone.now()}
    return Note.unscoped.create(session=session, **values)


def make_file(client: Client | None = None, *, content: bytes = PDF, **fields: Any) -> Attachment:
    """Return a file on a client's record, added by their counsellor."""
    client = client or make_client()
    values = {
        "nonce": uuid4(), "name": "Letter.pdf", "description": "", "kind": "pdf", "pieces": [content],
        "size": len(content), **fields,
    }  # fmt: skip
    return files.add_file(actor=client.counsellor, client=client, **values)


def damage(row: Model, column: str) -> None:
    """Flip the last bit of a row's sealed value in the database."""
    table, pk = row._meta.db_table, row.pk if connection.features.has_native_uuid_field else row.pk.hex
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM {table} WHERE id = %s", [pk])
        blob = bytearray(cursor.fetchone()[0])
        blob[-1] ^= 1
        cursor.execute(f"UPDATE {table} SET {column} = %s WHERE id = %s", [bytes(blob), pk])
