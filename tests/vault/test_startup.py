"""The start: the canary opens, or nothing starts and one line says why."""

import base64
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from pytest_django.fixtures import Settings

from vault.errors import VaultError
from vault.models import Canary, DataKey
from vault.services import cache, create_data_key
from vault.startup import check_ring, check_ring_or_exit, ensure_canary

WHAT_TO_DO = "Set VAULT_KEYS to the keys that this database was written with."


def other_ring(name: str) -> str:
    return f"{name}:{base64.b64encode(os.urandom(32)).decode()}"


def why_not() -> str:
    with pytest.raises(SystemExit) as caught:
        check_ring_or_exit()
    return str(caught.value.code)


@pytest.mark.django_db
def test_canary_is_sealed_once_and_opens() -> None:
    ensure_canary()
    ensure_canary()
    cache.forget()

    check_ring_or_exit()

    assert Canary.objects.count() == 1


@pytest.mark.django_db
def test_empty_database_passes() -> None:
    check_ring()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("tests", "VAULT_KEYS: “tests” is another key than the one this database was written with."),
        ("other", "VAULT_KEYS does not hold master key “tests”, under which 1 data key is wrapped."),
    ],
)
def test_wrong_ring_refuses_to_start_in_one_line(name: str, why: str, settings: Settings) -> None:
    ensure_canary()
    cache.forget()
    settings.VAULT_KEYS = other_ring(name)

    line = why_not()

    assert line == f"Beside does not start: {why} {WHAT_TO_DO}"


def ring_of(*keys: str) -> str:
    return ",".join(keys)


@pytest.mark.django_db
def test_wrong_order_refuses_to_start_and_says_which_comes_first(settings: Settings) -> None:
    old, new = settings.VAULT_KEYS, other_ring("newer")
    ensure_canary()
    settings.VAULT_KEYS = ring_of(new, old)
    create_data_key(uuid4())
    check_ring_or_exit()

    settings.VAULT_KEYS = ring_of(old, new)

    assert why_not() == (
        "Beside does not start: VAULT_KEYS lists “tests” before “newer”, which came into use after it:"
        " put “newer” first, as the newest."
    )


@pytest.mark.django_db
def test_newest_key_left_out_refuses_to_start_although_nothing_is_under_it(settings: Settings) -> None:
    old = settings.VAULT_KEYS
    ensure_canary()
    settings.VAULT_KEYS = ring_of(other_ring("newer"), old)
    ensure_canary()

    settings.VAULT_KEYS = old
    assert why_not() == (
        "Beside does not start: VAULT_KEYS begins with “tests” and does not hold “newer”, which came into use after it:"
        " put “newer” first, or a new key where that one is lost."
    )
    settings.VAULT_KEYS = ring_of(other_ring("newest"), old)
    check_ring_or_exit()


@pytest.mark.django_db
def test_older_key_missing_refuses_to_start_while_rows_need_it(settings: Settings) -> None:
    new = other_ring("newer")
    ensure_canary()
    settings.VAULT_KEYS = ring_of(new, settings.VAULT_KEYS)
    create_data_key(uuid4())
    settings.VAULT_KEYS = new

    assert why_not().startswith(
        "Beside does not start: VAULT_KEYS does not hold master key “tests”, under which 1 data"
    )


@pytest.mark.django_db
def test_older_key_that_is_another_by_the_same_name_refuses_to_start(settings: Settings) -> None:
    new = other_ring("newer")
    ensure_canary()
    settings.VAULT_KEYS = ring_of(new, settings.VAULT_KEYS)
    create_data_key(uuid4())

    settings.VAULT_KEYS = ring_of(new, other_ring("tests"))

    assert "“tests” is another key than the one" in why_not()


@pytest.mark.django_db
def test_missing_keys_refuse_to_start(settings: Settings) -> None:
    settings.VAULT_KEYS = ""

    assert why_not() == (
        "Beside does not start: VAULT_KEYS is not set: without it no client's text can be opened. " + WHAT_TO_DO
    )


@pytest.mark.django_db
def test_lost_canary_is_neither_passed_over_nor_made_anew() -> None:
    create_data_key(uuid4())

    assert "The canary row is gone although data keys exist" in why_not()
    with pytest.raises(VaultError, match="The canary row is gone"):
        ensure_canary()
    assert Canary.objects.exists() is False


@pytest.mark.django_db
def test_canary_without_its_data_key_refuses_to_start() -> None:
    ensure_canary()
    DataKey.objects.all().delete()
    cache.forget()

    assert "There is no data key for" in why_not()


@pytest.mark.django_db
def test_canary_with_another_song_is_noticed() -> None:
    ensure_canary()
    canary = Canary.objects.get()
    canary.song = "something else"
    canary.save()

    assert "the database has been changed by hand" in why_not()


def test_database_out_of_reach_refuses_to_start() -> None:
    """Not to be taken for one that is not migrated yet: behind it may be rows that this ring does not open."""
    env = {
        **os.environ,
        "DATABASE_URL": "postgres://beside@127.0.0.1:1/beside",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", "import config.wsgi"], env=env, capture_output=True, text=True, check=False, timeout=60
    )

    assert done.returncode == 3
    assert done.stderr.strip().splitlines()[-1] == (
        "Beside does not start: the database cannot be read (OperationalError). Look at DATABASE_URL."
    )
