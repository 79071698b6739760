"""Sealed columns in dumps: ciphertext out, ciphertext in."""

import io
import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command

from clients.models import Client
from outbox.models import Message
from tests.factories import make_client
from tests.vault.rows import blob_of, make_message
from vault.models import DataKey
from vault.services import cache

pytestmark = pytest.mark.django_db
clients = Client.unscoped


def dump(*labels: str, output_format: str = "json") -> str:
    out = io.StringIO()
    call_command("dumpdata", *labels, format=output_format, stdout=out)
    return out.getvalue()


@pytest.mark.parametrize("output_format", ["json", "jsonl", "xml"])
def test_dump_holds_neither_text_nor_key(output_format: str) -> None:
    client = make_client(name="Saffron Dumpwell", presenting="in confidence")
    _, key = cache.get(client.id) or (None, b"")

    text = dump("clients", "vault", "practice", output_format=output_format)

    assert str(client.pk) in text
    assert "Saffron" not in text
    assert "confidence" not in text
    assert key
    assert key.hex() not in text


def test_dump_is_loaded_back(tmp_path: Path) -> None:
    client = make_client(name="Saffron Dumpwell", phone="")
    message = make_message(payload={"to": "x@example.org"})
    labels = ("vault", "practice.user", "clients.client", "outbox.message")
    path = tmp_path / "dump.json"
    # The keys come last, so that nothing can be opened while the rows are written.
    rows = json.loads(dump(*labels))
    path.write_text(json.dumps(sorted(rows, key=lambda row: str(row["model"]).startswith("vault."))))
    before = blob_of(client, "name")
    for model in (Message, DataKey):
        model.objects.all().delete()
    clients.all().delete()
    cache.forget()

    call_command("loaddata", str(path), verbosity=0)

    assert blob_of(client, "name") == before
    assert (clients.get(pk=client.pk).name, clients.get(pk=client.pk).phone) == ("Saffron Dumpwell", "")
    assert Message.objects.get(pk=message.pk).payload == {"to": "x@example.org"}
    assert Message.objects.get(pk=message.pk).sent_copy is None


@pytest.mark.parametrize("value", ["plain words", "sealed:???"])
def test_dump_with_anything_but_ciphertext_is_refused(value: str, tmp_path: Path) -> None:
    row = json.loads(dump("outbox.message") or "[]")
    assert row == []
    message = make_message(payload={})
    rows = json.loads(dump("outbox.message"))
    rows[0]["fields"]["payload"] = value
    path = tmp_path / "dump.json"
    path.write_text(json.dumps(rows))

    with pytest.raises(Exception, match="sealed"):
        call_command("loaddata", str(path), verbosity=0)
    assert Message.objects.get(pk=message.pk).payload == {}


def test_typed_text_that_begins_like_a_dump_stays_a_text() -> None:
    field = Client._meta.get_field("presenting")

    assert field.clean("sealed:AAAA", None) == "sealed:AAAA"
    with pytest.raises(ValidationError):
        field.clean("", None)
