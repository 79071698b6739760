"""Sealed columns: lazy, unchanged unless changed, and never readable where they should not be."""

import copy
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DataError, IntegrityError, ProgrammingError, connection, transaction
from django.db.models import Value
from django.test.utils import CaptureQueriesContext, isolate_apps
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from outbox.models import Message
from tests.factories import make_client
from tests.vault.rows import blob_of, damage, make_message, put_blob
from vault.errors import VaultError
from vault.sealing import Blob
from vault.services import cache

pytestmark = pytest.mark.django_db
clients = Client.unscoped


# --- text in, text out ---------------------------------------------------------------------------------
def test_text_is_read_as_it_was_saved_and_stands_sealed_in_the_table() -> None:
    client = make_client(presenting="sleeps badly 🌙\0")

    assert clients.get(pk=client.pk).presenting == "sleeps badly 🌙\0"
    assert b"sleeps" not in blob_of(client, "presenting")


def test_set_text_is_read_before_it_is_saved() -> None:
    client = make_client()
    client.name = "Juniper"

    assert client.name == "Juniper"
    assert clients.get(pk=client.pk).name != "Juniper"


def test_only_a_text_is_taken() -> None:
    with pytest.raises(TypeError, match="phone takes a text, not int"):
        Client(phone=7)


def test_json_is_read_as_a_copy() -> None:
    message = make_message(payload={"to": "a@example.org", "parts": [1, None, "ü"]})
    read = Message.objects.get(pk=message.pk)

    read.payload["parts"].append(2)

    assert read.payload == {"to": "a@example.org", "parts": [1, None, "ü"]}
    read.payload = {**read.payload, "to": "b@example.org"}
    read.save(update_fields=["payload"])
    assert Message.objects.get(pk=message.pk).payload["to"] == "b@example.org"


def test_null_stays_null() -> None:
    message = make_message()

    assert message.payload is None
    assert Message.objects.get(pk=message.pk).payload is None
    assert Message.objects.filter(payload__isnull=True, sent_copy__isnull=True).count() == 1


def test_proxy_of_a_model_reads_the_same_text() -> None:
    with isolate_apps("clients"):

        class Person(Client):
            class Meta:
                proxy = True
                app_label = "clients"

    client = make_client(phone="01632 960 200")

    assert Person._default_manager.get(pk=client.pk).phone == "01632 960 200"


# --- lazy ----------------------------------------------------------------------------------------------
def test_a_list_that_reads_no_sealed_column_opens_none(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _ in range(3):
        make_client()
    cache.forget()

    with django_assert_num_queries(1):
        references = [client.reference for client in clients.all()]

    assert len(references) == 3
    assert cache.get(clients.all()[0].id) is None


def test_a_damaged_value_does_not_hurt_a_list_that_does_not_read_it() -> None:
    client = make_client(phone="01632 960 200")
    damage(client, "phone")

    assert [each.name for each in clients.all()] == [client.name]


def test_deferred_column_is_fetched_closed_and_opened_once() -> None:
    pk = make_client(phone="01632 960 200").pk
    before = blob_of(clients.get(pk=pk), "phone")
    client = clients.only("reference").get(pk=pk)

    with CaptureQueriesContext(connection) as queries:
        assert [client.phone, client.phone] == ["01632 960 200"] * 2

    assert len(queries) == 1
    client.save(update_fields=["phone"])
    assert blob_of(client, "phone") == before


def test_deferred_null_is_none() -> None:
    message = Message.objects.defer("payload").get(pk=make_message().pk)

    assert message.payload is None


def test_refresh_sees_the_new_text_and_opens_nothing() -> None:
    client = make_client(phone="old")
    other = clients.get(pk=client.pk)
    other.phone = "new"
    other.save(update_fields=["phone"])
    blob = damage(client, "gp")

    client.refresh_from_db()

    assert client.phone == "new"
    with pytest.raises(VaultError):
        _ = client.gp
    client.save()
    assert blob_of(client, "gp") == blob


def test_copies_of_a_row_are_set_apart() -> None:
    client = make_client(phone="one")
    twin = copy.copy(clients.get(pk=client.pk))
    third = clients.get(pk=client.pk)
    twin.phone = "two"

    assert [twin.phone, third.phone] == ["two", "one"]


# --- writing -------------------------------------------------------------------------------------------
def test_unchanged_value_is_written_back_byte_for_byte() -> None:
    client = make_client(phone="01632 960 200")
    before = blob_of(client, "phone")
    again = clients.get(pk=client.pk)

    assert again.phone == "01632 960 200"
    again.reference = "C-9999"
    again.save()

    assert blob_of(client, "phone") == before


def test_changed_value_is_sealed_anew() -> None:
    client = make_client(phone="same")
    before = blob_of(client, "phone")
    client.phone = "same"
    client.save(update_fields=["phone"])

    assert blob_of(client, "phone") != before
    assert clients.get(pk=client.pk).phone == "same"


def test_damaged_value_raises_and_a_save_of_the_row_leaves_it_untouched() -> None:
    client = make_client(phone="01632 960 200")
    damaged = damage(client, "phone")
    again = clients.get(pk=client.pk)

    with pytest.raises(VaultError, match=f"clients.Client.phone of row {client.pk}: sealed text does not open."):
        _ = again.phone
    again.gp = "Dr Reed"
    again.save()

    assert blob_of(client, "phone") == damaged
    assert clients.get(pk=client.pk).gp == "Dr Reed"


def test_deferred_value_is_not_written_as_nothing() -> None:
    client = make_client(phone="one")
    row = clients.defer("phone").get(pk=client.pk)

    row.save(update_fields=["phone"])

    assert clients.get(pk=client.pk).phone == "one"


NO_SEAL: list[Any] = [
    pytest.param(lambda blob: blob[:40], id="cut"),
    pytest.param(lambda blob: b"\x09" + blob[1:], id="version"),
    pytest.param(lambda blob: b"", id="empty"),
    pytest.param(lambda blob: b"plain words", id="plain"),
]


OTHER_KEY: list[Any] = [pytest.param(lambda blob: blob[:1] + bytes(16) + blob[17:], id="key id")]


@pytest.mark.parametrize("change", NO_SEAL + OTHER_KEY)
def test_changed_blob_never_reads_as_a_text(change: Callable[[bytes], bytes]) -> None:
    client = make_client(phone="01632 960 200")
    again = clients.get(pk=client.pk)
    again.phone = Blob(change(blob_of(client, "phone")))

    with pytest.raises(VaultError):
        _ = again.phone


@pytest.mark.parametrize("change", NO_SEAL)
def test_database_refuses_what_is_no_seal(change: Callable[[bytes], bytes]) -> None:
    client = make_client(phone="01632 960 200")

    with pytest.raises(IntegrityError), transaction.atomic():
        put_blob(client, "phone", change(blob_of(client, "phone")))


def test_database_refuses_a_text_written_past_the_vault() -> None:
    client = make_client(gp="Dr Reed")

    with pytest.raises((IntegrityError, DataError, ProgrammingError)), transaction.atomic():
        clients.filter(pk=client.pk).update(gp=Value("Dr Plain"))

    assert clients.get(pk=client.pk).gp == "Dr Reed"


def test_cell_of_another_type_fails_where_it_is_opened_and_nowhere_else() -> None:
    """SQLite keeps a text in any column; the list around such a cell stands."""
    field = Client._meta.get_field("phone")

    assert field.from_db_value("what she said", None, connection) == b"what she said"
    assert isinstance(field.from_db_value(7, None, connection), Blob)
