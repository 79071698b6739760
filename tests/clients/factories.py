"""What tests of this room need besides the shared rows."""

from uuid import UUID

from django.db import connection
from django.test import Client as Browser

from clients.models import Client
from practice.models import User


def browser_of(user: User, *, enforce_csrf_checks: bool = False) -> Browser:
    """Return a browser in which a member is signed in."""
    browser = Browser(enforce_csrf_checks=enforce_csrf_checks)
    browser.force_login(user)
    return browser


def damage(client: Client, column: str) -> None:
    """Flip the last bit of a sealed value in the database."""
    where = _key(client.pk)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM clients_client WHERE id = %s", [where])
        blob = bytearray(cursor.fetchone()[0])
        blob[-1] ^= 1
        cursor.execute(f"UPDATE clients_client SET {column} = %s WHERE id = %s", [bytes(blob), where])


def _key(pk: UUID) -> UUID | str:
    return pk if connection.features.has_native_uuid_field else pk.hex
