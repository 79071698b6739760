"""Sealed columns and the owner whose key seals them."""

from uuid import uuid4

import pytest
from django.db import transaction
from django.utils import timezone

from clients.models import Client
from outbox.models import Message
from tests.factories import make_client
from tests.vault.rows import blob_of, make_message
from vault.errors import DataKeyMissing, VaultError
from vault.services import create_data_key, destroy_data_key

pytestmark = pytest.mark.django_db
clients = Client.unscoped


def test_row_given_to_another_owner_is_refused_while_its_text_is_unopened() -> None:
    message, other = make_message(sent_copy={"to": "a"}), make_message()
    row = Message.objects.get(pk=message.pk)
    row.owner_id = other.owner_id

    with pytest.raises(VaultError), transaction.atomic():
        row.save()

    assert Message.objects.get(pk=message.pk).sent_copy == {"to": "a"}


def test_row_without_a_data_key_is_not_saved() -> None:
    client = Client(reference="C-0001", counsellor=make_client().counsellor, name="Nobody")

    with pytest.raises(DataKeyMissing), transaction.atomic():
        client.save()
    assert clients.filter(pk=client.pk).exists() is False


def test_row_without_an_owner_is_not_saved() -> None:
    now = timezone.now()
    message = Message(kind="t", subject_id=uuid4(), due_at=now, expires_at=now, payload={})

    with pytest.raises(VaultError, match="the row has no owner whose key could seal it"):
        message.save()


def test_bulk_create_seals() -> None:
    counsellor = make_client().counsellor
    rows = [Client(reference=f"C-90{n}", counsellor=counsellor, name=f"Bulk {n}") for n in range(3)]
    for row in rows:
        create_data_key(row.id)

    clients.bulk_create(rows)

    assert [clients.get(pk=row.pk).name for row in rows] == ["Bulk 0", "Bulk 1", "Bulk 2"]
    assert b"Bulk" not in blob_of(rows[0], "name")


def test_destroyed_key_leaves_no_text() -> None:
    client = make_client(presenting="in confidence")
    destroy_data_key(client.id)

    with pytest.raises(DataKeyMissing):
        _ = clients.get(pk=client.pk).presenting
