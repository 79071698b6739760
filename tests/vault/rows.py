"""Rows with sealed columns, and their cells as the database holds them, past every model."""

from typing import Any
from uuid import uuid4

from django.db import connection, models
from django.utils import timezone

from outbox.models import Message
from vault.services import create_data_key


def blob_of(row: models.Model, column: str) -> bytes:
    table, pk = row._meta.db_table, models.UUIDField().get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT "{column}" FROM "{table}" WHERE id = %s', [pk])
        return bytes(cursor.fetchone()[0])


def put_blob(row: models.Model, column: str, blob: bytes) -> None:
    table, pk = row._meta.db_table, models.UUIDField().get_db_prep_value(row.pk, connection)
    with connection.cursor() as cursor:
        cursor.execute(f'UPDATE "{table}" SET "{column}" = %s WHERE id = %s', [blob, pk])


def damage(row: models.Model, column: str) -> bytes:
    blob = blob_of(row, column)
    damaged = blob[:-1] + bytes([blob[-1] ^ 1])
    put_blob(row, column, damaged)
    return damaged


def make_message(**fields: Any) -> Message:
    owner_id = uuid4()
    create_data_key(owner_id)
    now = timezone.now()
    values = {"kind": "t", "subject_id": uuid4(), "key": str(uuid4()), "due_at": now, "expires_at": now, **fields}
    return Message.objects.create(owner_id=owner_id, **values)
