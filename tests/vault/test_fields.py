"""Sealed columns: lazy, unchanged unless changed, and never readable where they should not be."""

import copy
import io
import json
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.core.management import call_command
from django.db import DataError, IntegrityError, ProgrammingError, connection, models, transaction
from django.db.models import F, Value
from django.test.utils import CaptureQueriesContext, isolate_apps
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from outbox.models import Message
from tests.factories import make_client
from vault.errors import DataKeyMissing, VaultError
from vault.models import DataKey
from vault.sealing import Blob
from vault.services import cache, create_data_key, destroy_data_key

pytestmark = pytest.mark.django_db
clients = Client.unscoped


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


# --- text in, text out ---------------------------------------------------------------------------
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


# --- lazy ----------------------------------------------------------------------------------------
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


# --- writing -------------------------------------------------------------------------------------
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


# --- copies of a row in memory ---------------------------------------------------------------------
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


def test_deferred_value_is_not_written_as_nothing() -> None:
    client = make_client(phone="one")
    row = clients.defer("phone").get(pk=client.pk)

    row.save(update_fields=["phone"])

    assert clients.get(pk=client.pk).phone == "one"


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


def test_row_given_to_another_owner_is_refused_while_its_text_is_unopened() -> None:
    message, other = make_message(sent_copy={"to": "a"}), make_message()
    row = Message.objects.get(pk=message.pk)
    row.owner_id = other.owner_id

    with pytest.raises(VaultError), transaction.atomic():
        row.save()

    assert Message.objects.get(pk=message.pk).sent_copy == {"to": "a"}


def test_blob_copied_to_another_column_row_or_client_does_not_open() -> None:
    client, other = make_client(phone="one"), make_client(phone="two")
    put_blob(client, "gp", blob_of(client, "phone"))
    put_blob(other, "phone", blob_of(client, "phone"))

    with pytest.raises(VaultError):
        _ = clients.get(pk=client.pk).gp
    with pytest.raises(VaultError):
        _ = clients.get(pk=other.pk).phone
    assert clients.get(pk=client.pk).phone == "one"


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


# --- what cannot be asked ------------------------------------------------------------------------
@pytest.mark.parametrize(
    "lookup", ["name", "name__exact", "name__icontains", "name__in", "name__gt", "name__regex", "name__startswith"]
)
def test_no_lookup_but_isnull_can_be_asked(lookup: str) -> None:
    value: Any = ["x"] if lookup.endswith("in") else "x"

    with pytest.raises(FieldError):
        list(clients.filter(**{lookup: value}))


def test_plain_text_is_refused_by_update_and_bulk_update() -> None:
    client = make_client(phone="kept")

    with (
        pytest.raises(FieldError, match="phone is sealed: set it on a row and save the row."),
        transaction.atomic(),
    ):
        clients.filter(pk=client.pk).update(phone="plain")
    client.phone = "plain"
    with pytest.raises(FieldError, match="phone is sealed"), transaction.atomic():
        clients.bulk_update([client], ["phone"])

    assert clients.get(pk=client.pk).phone == "kept"


def test_values_give_ciphertext() -> None:
    client = make_client(phone="01632 960 200")

    assert clients.filter(pk=client.pk).values_list("phone", flat=True)[0] == blob_of(client, "phone")


def test_copy_across_columns_in_the_database_opens_nowhere() -> None:
    client = make_client(phone="01632 960 200")
    clients.filter(pk=client.pk).update(gp=F("phone"))

    with pytest.raises(VaultError):
        _ = clients.get(pk=client.pk).gp


# --- dumps ---------------------------------------------------------------------------------------
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


def test_proxy_of_a_model_reads_the_same_text() -> None:
    with isolate_apps("clients"):

        class Person(Client):
            class Meta:
                proxy = True
                app_label = "clients"

    client = make_client(phone="01632 960 200")

    assert Person._default_manager.get(pk=client.pk).phone == "01632 960 200"
