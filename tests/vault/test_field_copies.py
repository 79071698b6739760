"""Sealed columns in copies of a row: in memory, in a pickle, under another key or in another column."""

import copy
import pickle
from uuid import uuid4

import pytest
from django.db import transaction

from clients.models import Client
from outbox.models import Message
from tests.factories import make_client
from tests.vault.rows import blob_of, make_message, put_blob
from vault.errors import VaultError

pytestmark = pytest.mark.django_db
clients = Client.unscoped


def test_deep_copy_reads_like_the_row() -> None:
    client = clients.get(pk=make_client(phone="one").pk)

    assert copy.deepcopy(client).phone == "one"


def test_pickle_carries_ciphertext_only() -> None:
    client = clients.get(pk=make_client(phone="a number said in confidence").pk)
    assert client.phone == "a number said in confidence"

    carried = pickle.dumps(client)

    assert b"said in confidence" not in carried
    assert pickle.loads(carried).phone == "a number said in confidence"


def test_text_that_is_not_sealed_yet_is_not_pickled() -> None:
    with pytest.raises(VaultError):
        pickle.dumps(Client(name="not saved"))


def test_opened_text_is_sealed_anew_in_a_copied_row() -> None:
    message = make_message(sent_copy={"to": "a"})
    row = Message.objects.get(pk=message.pk)
    assert row.sent_copy == {"to": "a"}

    row.pk, row.key = uuid4(), "another"
    row.save(force_insert=True)

    assert [each.sent_copy for each in Message.objects.all()] == [{"to": "a"}, {"to": "a"}]


def test_unopened_text_is_refused_in_a_copied_row() -> None:
    message = make_message(sent_copy={"to": "a"})
    row = Message.objects.get(pk=message.pk)
    row.pk, row.key = uuid4(), "another"

    with pytest.raises(VaultError), transaction.atomic():
        row.save(force_insert=True)

    assert Message.objects.count() == 1


def test_blob_copied_to_another_column_row_or_client_does_not_open() -> None:
    client, other = make_client(phone="one"), make_client(phone="two")
    put_blob(client, "gp", blob_of(client, "phone"))
    put_blob(other, "phone", blob_of(client, "phone"))

    with pytest.raises(VaultError):
        _ = clients.get(pk=client.pk).gp
    with pytest.raises(VaultError):
        _ = clients.get(pk=other.pk).phone
    assert clients.get(pk=client.pk).phone == "one"
