"""Rotation: data keys move to the newest master key, forwards only, whatever else happens meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import connection, transaction
from pytest_django.fixtures import Settings

from outbox.models import Message
from tests.vault.rows import make_message
from tests.vault.test_startup import other_ring
from vault import rotation, services, uses
from vault.errors import DataKeyMissing, KeyRingError
from vault.inventory import Tally, check_keys, check_values
from vault.keyring import master_key_of, ring
from vault.models import DataKey, MasterKeyUse
from vault.rotation import Rewrapped, begin, rewrap, settle, waiting
from vault.services import cache, create_data_key, data_key, destroy_data_key


def add_master_key(settings: Settings, name: str = "newer") -> None:
    settings.VAULT_KEYS = f"{other_ring(name)},{settings.VAULT_KEYS}"


def rotate(batch: int = 200) -> Rewrapped:
    done = begin()
    for _ in rewrap(done, batch=batch):
        pass
    return done


def masters() -> set[tuple[str, str]]:
    """Return under which master key the data keys are, by their row and by the blob itself."""
    rows = DataKey.objects.values_list("master_key_id", "wrapped")
    return {(column, master_key_of(bytes(wrapped))) for column, wrapped in rows}


def assert_all_opens() -> None:
    cache.forget()
    assert [*check_keys(Tally()), *check_values(Tally())] == []


@pytest.mark.django_db
def test_every_data_key_comes_under_the_newest_and_every_text_still_opens(settings: Settings) -> None:
    messages = [make_message(sent_copy=f"mail {number}") for number in range(7)]
    keys = {message.owner_id: data_key(message.owner_id) for message in messages}
    add_master_key(settings)
    assert waiting("newer") == 7

    done = rotate(batch=3)

    assert (done.under, done.count, done.damaged, waiting("newer")) == ("newer", 7, [], 0)
    assert masters() == {("newer", "newer")}
    cache.forget()
    assert {owner_id: data_key(owner_id) for owner_id in keys} == keys
    assert [Message.objects.get(pk=message.pk).sent_copy for message in messages] == [f"mail {n}" for n in range(7)]
    assert settings.VAULT_KEYS.startswith("newer:")
    settings.VAULT_KEYS = settings.VAULT_KEYS.split(",")[0]  # the old key leaves the list
    assert_all_opens()


@pytest.mark.django_db
def test_rotation_that_stopped_half_way_is_taken_up(settings: Settings) -> None:
    for _ in range(6):
        create_data_key(uuid4())
    add_master_key(settings)
    next(rewrap(begin(), batch=2))
    assert waiting("newer") == 4

    assert rotate().count == 4

    assert masters() == {("newer", "newer")}


@pytest.mark.django_db
def test_damaged_key_stays_as_it_is_and_is_named(settings: Settings) -> None:
    for _ in range(3):
        create_data_key(uuid4())
    row = DataKey.objects.order_by("pk")[1]
    damaged = bytes(row.wrapped)[:-1]
    DataKey.objects.filter(pk=row.pk).update(wrapped=damaged)
    add_master_key(settings)

    done = rotate(batch=1)

    assert (done.count, done.damaged) == (2, [row.pk])
    row.refresh_from_db()
    assert (bytes(row.wrapped), row.master_key_id) == (damaged, "tests")
    with pytest.raises(KeyRingError, match="Not under “newer”: 1 data keys"):
        settle()


@pytest.mark.django_db
@pytest.mark.parametrize("deed", ["erased", "rewrapped"])
def test_key_that_somebody_else_dealt_with_meanwhile_is_left_to_them(
    deed: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    create_data_key(uuid4())
    row = DataKey.objects.get()
    add_master_key(settings)
    theirs = ring().wrap(b"k" * 32, key_id=row.id, owner_id=row.owner_id)
    change = rotation._change

    def before_them(*arguments: Any) -> Any:
        ours = change(*arguments)
        if deed == "erased":
            destroy_data_key(row.owner_id)
        else:
            DataKey.objects.update(wrapped=theirs, master_key_id="newer")
        return ours

    monkeypatch.setattr(rotation, "_change", before_them)

    assert rotate().count == 0

    assert [bytes(found.wrapped) for found in DataKey.objects.all()] == ([] if deed == "erased" else [theirs])


@pytest.mark.django_db(transaction=True)
def test_a_run_that_was_overtaken_wraps_nothing_under_the_key_that_was_retired(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has read rows that are under the newest key, and would put them back under its own, which then is gone."""
    for _ in range(3):
        create_data_key(uuid4())
    add_master_key(settings)
    done = begin()
    add_master_key(settings, "newest")
    rotate()
    change = rotation._change
    retired: list[str] = []

    def before_it_retires(*arguments: Any) -> Any:
        ours = change(*arguments)
        if not retired:
            with transaction.atomic():
                retired.append(settle())
            settings.VAULT_KEYS = settings.VAULT_KEYS.split(",")[0]
        return ours

    monkeypatch.setattr(rotation, "_change", before_it_retires)

    with pytest.raises(KeyRingError, match="A newer master key than “newer” came into use meanwhile"):
        list(rewrap(done))

    assert (retired, done.count, masters()) == (["newest"], 0, {("newest", "newest")})
    assert_all_opens()
    with pytest.raises(KeyRingError, match="The key ring has no master key “newer” to wrap under"):
        list(rewrap(done))


@pytest.mark.django_db
def test_a_new_key_is_written_down_when_it_comes_into_use(settings: Settings) -> None:
    create_data_key(uuid4())
    add_master_key(settings)
    assert list(MasterKeyUse.objects.values_list("key_id", "number")) == [("tests", 1)]

    create_data_key(uuid4())
    create_data_key(uuid4())

    assert list(MasterKeyUse.objects.order_by("number").values_list("key_id", "number")) == [("tests", 1), ("newer", 2)]
    assert DataKey.objects.filter(master_key_id="newer").count() == 2


@pytest.mark.django_db
def test_nothing_is_wrapped_under_a_superseded_key(settings: Settings) -> None:
    """A process whose list is in the wrong order was running already, so no start could refuse it."""
    create_data_key(uuid4())
    old = settings.VAULT_KEYS
    add_master_key(settings)
    create_data_key(uuid4())
    settings.VAULT_KEYS = ",".join(reversed(settings.VAULT_KEYS.split(",")))
    assert ring().newest == "tests"

    create_data_key(uuid4())
    assert DataKey.objects.filter(master_key_id="newer").count() == 2
    assert rotate().under == "newer"

    assert masters() == {("newer", "newer")}
    settings.VAULT_KEYS = old
    with pytest.raises(KeyRingError, match="This process does not hold “newer”"):
        create_data_key(uuid4())
    assert DataKey.objects.count() == 3


@pytest.mark.django_db
def test_another_key_by_the_newest_ones_name_wraps_nothing(settings: Settings) -> None:
    create_data_key(uuid4())
    settings.VAULT_KEYS = other_ring("tests")

    with pytest.raises(KeyRingError, match="“tests” is another key than the one"):
        create_data_key(uuid4())


@pytest.mark.django_db
def test_two_processes_that_bring_the_same_key_agree(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    create_data_key(uuid4())
    add_master_key(settings)
    theirs = MasterKeyUse(key_id="newer", fingerprint=ring().fingerprint("newer"), number=2)
    answers = iter([MasterKeyUse.objects.get()])
    latest_use = uses.latest_use

    def before_them() -> MasterKeyUse | None:
        known = next(answers, None)
        if known is None:
            return latest_use()
        theirs.save()
        return known

    monkeypatch.setattr(uses, "latest_use", before_them)
    monkeypatch.setattr(uses, "_is_superseded", lambda keys, latest: keys.newest == latest.key_id)

    assert uses.key_to_wrap_under(ring()) == "newer"
    assert MasterKeyUse.objects.count() == 2


@pytest.mark.django_db
def test_old_keys_may_go_only_when_no_row_needs_them(settings: Settings) -> None:
    for _ in range(2):
        create_data_key(uuid4())
    add_master_key(settings)
    with pytest.raises(KeyRingError, match="Not under “newer”: 2 data keys"):
        settle()
    DataKey.objects.update(master_key_id="newer")  # by the column only
    with pytest.raises(KeyRingError, match="Not under “newer”: 2 data keys"):
        settle()
    DataKey.objects.update(master_key_id="tests")

    rotate()

    assert settle() == "newer"


def work(stop: Event) -> tuple[int, list[UUID]]:
    """Seal and open, admit and erase, as a site does, until told to stop; return how often, and who is left."""
    owners, count = [], 0
    try:
        while not stop.is_set():
            count += 1
            message = make_message(sent_copy=f"mail {count}")
            cache.forget()
            assert Message.objects.get(pk=message.pk).sent_copy == f"mail {count}"
            if count % 3:
                owners.append(message.owner_id)
                continue
            destroy_data_key(message.owner_id)
            with pytest.raises(DataKeyMissing):
                data_key(message.owner_id)
            message.delete()
    finally:
        connection.close()
    return count, owners


@pytest.mark.django_db(transaction=True)
def test_site_seals_and_opens_meanwhile(settings: Settings) -> None:
    for number in range(300):
        make_message(sent_copy=f"before {number}")
    add_master_key(settings)
    stop = Event()
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(work, stop)
        try:
            done = rotate(batch=5)
        finally:
            stop.set()
        count, owners = working.result(30)

    assert done.count >= 300
    assert count > 3
    assert masters() == {("newer", "newer")}
    assert DataKey.objects.count() == 300 + len(owners)
    assert_all_opens()


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_key_made_while_the_old_one_retires_is_under_the_new_one(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who wrapped under the old key and has not written the row yet waits for the lock, and then asks again."""
    create_data_key(uuid4())
    old, owner_id = ring(), uuid4()
    add_master_key(settings)
    rotate()
    asked = iter([old])
    monkeypatch.setattr(services, "ring", lambda **making: next(asked, None) or ring(**making))

    def admit() -> None:
        try:
            create_data_key(owner_id)
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            settle()
            admitted = pool.submit(admit)
            assert admitted.done() is False
        admitted.result(10)

    assert masters() == {("newer", "newer")}
    assert_all_opens()
