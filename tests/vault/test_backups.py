"""Backups as docs/operating.md has them made: an erased client stays erased, and everybody else can be restored."""

import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from tests.faults.processes import database_url, environment
from tests.services.packages import find
from tests.vault.rows import make_message
from tests.vault.test_rotation import add_master_key, rotate
from vault.services import destroy_data_key
from vault.startup import ensure_canary

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.django_db(transaction=True)]


def run(program: str, *arguments: str) -> None:
    path = find(program)
    assert path is not None
    subprocess.run([path, *arguments], check=True)


def dump(path: Path, *options: str) -> Path:
    run("pg_dump", "--format", "custom", "--file", str(path), *options, database_url())
    return path


def restore(*dumps: tuple[str, ...]) -> str:
    """Load dumps into an empty database and return its URL."""
    server, _, name = database_url().rpartition("/")
    restored = f"{name}_restored"  # each test process has a database of its own
    run("psql", database_url(), "-qc", f"DROP DATABASE IF EXISTS {restored} WITH (FORCE)")
    run("psql", database_url(), "-qc", f"CREATE DATABASE {restored}")
    for arguments in dumps:
        run("pg_restore", "--dbname", f"{server}/{restored}", "--no-owner", "--exit-on-error", *arguments)
    return f"{server}/{restored}"


def check(url: str, keys: str) -> tuple[int, list[str], str]:
    """Run `vault_check` on a database with these master keys; return its exit code, lines and last words."""
    env = environment("smtp://127.0.0.1:1", DATABASE_URL=url, VAULT_KEYS=keys)
    done = subprocess.run(
        [sys.executable, "manage.py", "vault_check"], env=env, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stdout.splitlines(), done.stderr


def erase_and_rotate(owner_id: UUID, settings: Settings) -> str:
    """Erase an owner's key, bring the others under a new master key, and return that one alone."""
    destroy_data_key(owner_id)
    add_master_key(settings)
    rotate()
    connection.close()
    return str(settings.VAULT_KEYS).partition(",")[0]


def test_old_dump_with_the_newest_key_table_opens_for_all_but_the_erased(settings: Settings, tmp_path: Path) -> None:
    ensure_canary()
    gone, _stays = (make_message(sent_copy="in confidence") for _ in range(2))
    old = dump(tmp_path / "beside.dump", "--exclude-table-data", "vault_datakey")

    new_key = erase_and_rotate(gone.owner_id, settings)
    keys = dump(tmp_path / "keys.dump", "--data-only", "--table", "vault_datakey")
    url = restore((str(old),), ("--data-only", str(keys)))

    code, lines, why = check(url, new_key)
    assert (code, why) == (1, "CommandError: Not all is well: 1 without their owner's key.\n")
    assert lines == [
        "master key newer: 2 data keys, in the ring",
        "canary: opens",
        f"NO KEY: outbox_message.sent_copy of row {gone.pk}: its owner has no data key.",
        "opened: 2 data keys, 3 sealed values, 0 sealed files",
    ]


def test_whole_old_dump_opens_with_the_old_master_key_alone(settings: Settings, tmp_path: Path) -> None:
    """What crypto-erasure cannot promise while both are kept, and what it does once the old key is destroyed."""
    ensure_canary()
    gone, old_key = make_message(sent_copy="in confidence"), str(settings.VAULT_KEYS)
    whole = dump(tmp_path / "whole.dump")

    new_key = erase_and_rotate(gone.owner_id, settings)
    url = restore((str(whole),))

    assert check(url, old_key)[0] == 0
    code, _, why = check(url, new_key)
    assert code == 1
    assert why == "CommandError: VAULT_KEYS does not hold master key “tests”, under which 2 data keys are wrapped.\n"
