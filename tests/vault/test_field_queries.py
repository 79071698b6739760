"""Sealed columns: what cannot be asked of the database."""

from typing import Any

import pytest
from django.core.exceptions import FieldError
from django.db import transaction
from django.db.models import F

from clients.models import Client
from tests.factories import make_client
from tests.vault.rows import blob_of
from vault.errors import VaultError

pytestmark = pytest.mark.django_db
clients = Client.unscoped


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
