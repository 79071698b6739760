"""The start: the canary opens, or nothing starts and one line says why."""

import base64
import os
import subprocess
import sys
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
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
    [("tests", "does not open under master key “tests”."), ("other", "The key ring has no master key “tests”")],
)
def test_wrong_ring_refuses_to_start_in_one_line(name: str, why: str, settings: Settings) -> None:
    ensure_canary()
    cache.forget()
    settings.VAULT_KEYS = other_ring(name)

    line = why_not()

    assert line.startswith("Beside does not start: ")
    assert why in line
    assert line.endswith(WHAT_TO_DO)
    assert "\n" not in line


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


@pytest.mark.django_db
def test_vault_check_counts_the_keys_under_each_master_key(capsys: pytest.CaptureFixture[str]) -> None:
    ensure_canary()
    create_data_key(uuid4())

    call_command("vault_check")

    assert capsys.readouterr().out.splitlines() == ["canary: opens", "master key tests: 2 data keys, in the ring"]


@pytest.mark.django_db
def test_vault_check_fails_where_some_keys_are_under_a_lost_master_key(capsys: pytest.CaptureFixture[str]) -> None:
    ensure_canary()
    create_data_key(uuid4())
    DataKey.objects.exclude(owner_id=Canary.objects.get().id).update(master_key_id="lost")

    with pytest.raises(CommandError, match="Some data keys are wrapped under a master key"):
        call_command("vault_check")

    assert capsys.readouterr().out.splitlines()[1] == "master key lost: 1 data keys, MISSING from the ring"


@pytest.mark.django_db
def test_vault_check_of_an_empty_database_says_that_there_is_no_canary(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("vault_check")

    assert capsys.readouterr().out == "canary: none yet\n"


@pytest.mark.django_db(transaction=True)
def test_vault_check_ends_with_one_line_on_stderr_when_the_ring_is_wrong() -> None:
    ensure_canary()
    env = {**os.environ, "VAULT_KEYS": other_ring("tests"), "DATABASE_URL": _database_url()}

    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "vault_check"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert "does not open under master key “tests”" in done.stderr


def _database_url() -> str:
    """Return this test's database as DATABASE_URL names it, for a process of its own."""
    given = connection.settings_dict
    if connection.vendor == "sqlite":
        return f"sqlite:///{given['NAME']}"
    return f"postgres://{given['USER']}@{given['HOST']}:{given['PORT']}/{given['NAME']}"


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
