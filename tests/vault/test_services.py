"""Data keys: made once, fetched in one query, cached for a minute, gone when destroyed."""

import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from clients.models import Client
from sessions.models import ClientSession
from tests.factories import make_client, make_session
from vault import services
from vault.errors import DataKeyMissing, KeyRingError, VaultError
from vault.models import DataKey
from vault.services import cache, create_data_key, data_key, destroy_data_key, warm

pytestmark = pytest.mark.django_db
OTHER_RING = "other:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="


def test_each_owner_has_a_key_of_their_own() -> None:
    first, second = uuid4(), uuid4()
    create_data_key(first)
    create_data_key(second)

    assert data_key(first)[1] != data_key(second)[1]
    assert len(data_key(first)[1]) == 32
    assert DataKey.objects.get(owner_id=first).master_key_id == "tests"


def test_key_is_the_same_from_the_table_as_from_the_cache() -> None:
    owner = uuid4()
    create_data_key(owner)
    cached = data_key(owner)
    cache.forget()

    assert data_key(owner) == cached


def test_second_key_for_an_owner_is_refused() -> None:
    owner = uuid4()
    create_data_key(owner)
    kept = data_key(owner)

    with pytest.raises(IntegrityError), transaction.atomic():
        create_data_key(owner)

    assert data_key(owner) == kept


def test_missing_key_is_said_with_the_owner_alone() -> None:
    owner = uuid4()

    with pytest.raises(DataKeyMissing, match=f"There is no data key for {owner}"):
        data_key(owner)


def test_cached_key_costs_no_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    owner = uuid4()
    create_data_key(owner)

    with django_assert_num_queries(0):
        data_key(owner)


def test_cached_key_is_forgotten_after_its_time(
    monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    owner = uuid4()
    assert services.CACHE_SECONDS == 60
    monkeypatch.setattr(services, "CACHE_SECONDS", 0.02)
    create_data_key(owner)
    time.sleep(0.03)

    with django_assert_num_queries(1):
        data_key(owner)


def test_warm_fetches_many_in_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    owners = [uuid4() for _ in range(5)]
    for owner in owners:
        create_data_key(owner)
    cache.forget()

    with django_assert_num_queries(1):
        warm([*owners, owners[0], uuid4()])
    with django_assert_num_queries(0):
        warm(owners)
        keys = {data_key(owner)[0] for owner in owners}

    assert len(keys) == 5


def test_warm_passes_over_a_damaged_key_and_the_row_says_it() -> None:
    good, bad = uuid4(), uuid4()
    create_data_key(good)
    create_data_key(bad)
    kept = data_key(good)
    DataKey.objects.filter(owner_id=bad).update(wrapped=b"\x01\x05testscut")
    cache.forget()

    warm([good, bad])

    assert data_key(good) == kept
    with pytest.raises(VaultError, match="does not open under master key “tests”"):
        data_key(bad)


def test_key_of_another_owner_is_refused() -> None:
    first, second = uuid4(), uuid4()
    create_data_key(first)
    create_data_key(second)
    stolen = DataKey.objects.get(owner_id=first).wrapped
    DataKey.objects.filter(owner_id=second).update(wrapped=stolen)
    cache.forget()

    with pytest.raises(VaultError, match="was wrapped for another row"):
        data_key(second)


def test_destroyed_key_leaves_table_and_cache() -> None:
    owner = uuid4()
    create_data_key(owner)

    destroy_data_key(owner)

    assert DataKey.objects.filter(owner_id=owner).exists() is False
    with pytest.raises(DataKeyMissing):
        data_key(owner)


@pytest.mark.django_db(transaction=True)
def test_key_cached_while_it_is_being_destroyed_is_forgotten_at_the_commit() -> None:
    owner = uuid4()
    create_data_key(owner)
    key_id, key = data_key(owner)

    with transaction.atomic():
        destroy_data_key(owner)
        cache.put(owner, key_id, key)  # what a reader in another thread does before the commit

    assert cache.get(owner) is None


@pytest.mark.django_db(transaction=True)
def test_destruction_that_is_rolled_back_keeps_the_key() -> None:
    owner = uuid4()
    create_data_key(owner)
    kept = data_key(owner)

    with transaction.atomic():
        destroy_data_key(owner)
        transaction.set_rollback(True)

    assert data_key(owner) == kept


def test_without_the_master_key_no_data_key_opens(settings: Settings) -> None:
    owner = uuid4()
    create_data_key(owner)
    cache.forget()

    settings.VAULT_KEYS = OTHER_RING

    with pytest.raises(KeyRingError, match="The key ring has no master key “tests”"):
        data_key(owner)


def test_changed_secret_key_changes_nothing(settings: Settings) -> None:
    owner = uuid4()
    create_data_key(owner)
    kept = data_key(owner)
    cache.forget()

    settings.SECRET_KEY = "quite another"

    assert data_key(owner) == kept


def test_key_of_a_transaction_that_rolled_back_seals_nothing() -> None:
    """The form is sent again, another process admits, and this process remembers the key that never was."""
    client = make_client()
    stored = data_key(client.pk)
    cache.put(client.pk, uuid4(), bytes(32))

    session = make_session(client, place="the blue room")

    cache.forget()
    assert data_key(client.pk) == stored
    assert ClientSession.unscoped.get(pk=session.pk).place == "the blue room"


def test_remembered_key_that_was_replaced_is_looked_up_once_more_on_reading() -> None:
    client = make_client(phone="one")
    cache.put(client.pk, uuid4(), bytes(32))

    assert Client.unscoped.get(pk=client.pk).phone == "one"


def test_key_destroyed_elsewhere_seals_nothing_any_more() -> None:
    client = make_client()
    remembered = data_key(client.pk)
    DataKey.objects.filter(owner_id=client.pk).delete()
    cache.put(client.pk, *remembered)

    with pytest.raises(DataKeyMissing):
        make_session(client, place="the blue room")


def test_remembered_key_is_dropped_after_its_time_though_nobody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "CACHE_SECONDS", 0.2)
    keys, first, second = services._Cache(), uuid4(), uuid4()
    keys.put(first, uuid4(), b"k" * 32, is_committed=True)
    monkeypatch.setattr(services, "CACHE_SECONDS", 0.4)
    keys.put(second, uuid4(), b"k" * 32)

    assert soon(lambda: set(keys._rows) == {second})
    assert keys.is_committed(first) is False
    assert soon(lambda: not keys._rows)


def soon(holds: Callable[[], bool]) -> bool:
    """Say whether it comes to hold within five seconds."""
    until = time.monotonic() + 5
    while not holds() and time.monotonic() < until:
        time.sleep(0.02)
    return holds()
