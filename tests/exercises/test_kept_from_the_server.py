"""What a client keeps to themselves is not to be read with everything that is on the server. Their link opens it."""

import base64
import re
from collections.abc import Iterator
from hashlib import sha256
from itertools import product
from typing import Any

import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.apps import apps
from django.conf import settings
from django.db import connection
from django.test import Client as Browser
from django.utils import timezone

from clients.models import ClientLink
from exercises.answers import _place
from exercises.models import Answer, Assignment, Draft
from outbox.sender import send_due
from tests.conftest import SmtpSink
from tests.exercises.factories import assign, make_version
from tests.exercises.practising import saved
from tests.factories import make_client
from vault.errors import VaultError
from vault.fields import SealedTextField
from vault.linked import open_with_token, seal_with_token
from vault.models import DataKey
from vault.services import data_key

pytestmark = pytest.mark.django_db
SECRET = "QUIETHERON"


@pytest.fixture
def token(browser: Browser, smtp_sink: SmtpSink) -> str:
    """A client has kept one answer, and half of another, to themselves, by links that came in their mail."""
    client = make_client()
    for number in range(2):
        assign(client, version=make_version(f"letter-{number}"), send_at=timezone.now(), nudges=0)
    send_due()
    first, second = (re.search(r"/x/([\w-]{43})/", _text(mail)) for mail in smtp_sink.messages)
    assert first is not None
    assert second is not None
    browser.post(first[0], {"deed": "open"})
    browser.post(first[0], {"q_line": SECRET, "q_page": SECRET, "sharing": "kept", "deed": "send"})
    browser.post(second[0], {"deed": "open"})
    saved(browser, second[0], q_line=SECRET, sharing="kept")
    assert (Answer.unscoped.get().sharing, Draft.unscoped.get().sharing) == ("kept", "kept")
    return first[1]


def _text(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def test_its_link_opens_it(token: str) -> None:
    answer = Answer.unscoped.get()
    assert SECRET in open_with_token(bytes(answer.kept or b""), token=token, place=_place(answer))


def test_no_key_of_the_server_opens_it(token: str) -> None:
    keys = {key for secret in everything_secret() for key in shapes(secret)}
    assert len(keys) > 20
    for row in (Answer.unscoped.get(), Draft.unscoped.get()):
        blob, place = bytes(row.kept or b""), _place(row)
        for key in keys:
            with pytest.raises(VaultError):
                open_with_token(blob, token=key, place=place)
        raw = [key for secret in everything_secret() for key in (secret, sha256(secret).digest()) if len(key) == 32]
        bounds = (bytes([1]) + place.associated_data(), place.associated_data(), b"", None)
        for key_bytes, bound in product(raw, bounds):
            with pytest.raises(InvalidTag):
                AESGCM(key_bytes).decrypt(blob[1:13], blob[13:], bound)


def test_the_tries_above_would_succeed_with_a_key_that_is_here() -> None:
    """Sealed with what the server does hold, it opens: so the test above tells something."""
    client = make_client()
    row = Draft(assignment=assign(client), client=client)
    for key in shapes(data_key(client.pk)[1]):
        blob = seal_with_token(SECRET, token=key, place=_place(row))
        keys = {key for secret in everything_secret() for key in shapes(secret)}
        assert key in keys
        assert open_with_token(blob, token=key, place=_place(row)) == SECRET


def test_with_every_seal_opened_neither_the_words_nor_the_token_are_in_the_database(token: str) -> None:
    texts = [*opened_columns(), *raw_columns()]
    assert any("For the walk home." in text for text in texts), "the seals were not opened"
    assert [text for text in texts if SECRET in text] == []
    assert [text for text in texts if token in text] == []


# --- all that a server has ------------------------------------------------------------------------------------
def everything_secret() -> Iterator[bytes]:
    """Give each key and hash: the master keys, every client's, Django's own, the hashes and ids of every link."""
    for each in settings.VAULT_KEYS.split(","):
        yield base64.b64decode(each.partition(":")[2])
    yield settings.SECRET_KEY.encode()
    for row in DataKey.objects.all():
        yield data_key(row.owner_id)[1]
        yield row.id.bytes
    for link in ClientLink.unscoped.all():
        yield bytes(link.token_hash)
        yield link.pk.bytes
        yield link.subject_id.bytes
    for assignment in Assignment.unscoped.all():
        yield assignment.pk.bytes


def shapes(secret: bytes) -> set[str]:
    """Return a secret in each form in which it could be taken for a token."""
    encoded = (base64.urlsafe_b64encode(secret), base64.b64encode(secret), secret.hex().encode())
    return {each.decode().rstrip("=") for each in encoded} | {each.decode() for each in encoded}


def opened_columns() -> Iterator[str]:
    """Give every sealed text, opened with the server's keys."""
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, SealedTextField):
                for row in model._base_manager.filter(**{f"{field.name}__isnull": False}):
                    yield str(getattr(row, field.name))


def raw_columns() -> Iterator[str]:
    """Give every value of every row as it is stored."""
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {table}")
            for row in cursor.fetchall():
                yield from (bytes(v).decode("latin-1") if isinstance(v, bytes | memoryview) else str(v) for v in row)
