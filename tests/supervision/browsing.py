"""What tests of pages do: sign in, read, and damage a stored value."""

from datetime import timedelta
from typing import Any

from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from notes.models import Note
from practice.models import User
from tests.factories import make_user
from tests.supervision.factories import make_flagged_note, make_known_client

AGENDA, PREPARE, PACKS = "/supervision/", "/supervision/prepare/", "/supervision/packs/"


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(response: Any) -> str:
    return str(response.content.decode())


def url(name: str, pk: Any) -> str:
    return reverse(f"supervision:{name}", args=[pk])


def damage(row: Any, column: str) -> None:
    with connection.cursor() as cursor:
        pk = row.pk if connection.vendor == "postgresql" else row.pk.hex
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [b"no sealed value at all", pk])


def make_flagged_notes(number: int, counsellor: User | None = None) -> list[Note]:
    counsellor = counsellor or make_user()
    return [
        make_flagged_note(make_known_client(counsellor), session={"starts_at": timezone.now() - timedelta(days=days)})
        for days in range(1, number + 1)
    ]
