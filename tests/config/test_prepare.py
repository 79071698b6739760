"""`prepare` makes the demo's keys once: for a database that was written with others it makes none."""

from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from vault.keyring import parse
from vault.models import DataKey
from vault.startup import ensure_canary


@pytest.fixture
def keys(db: None, tmp_path: Path, settings: Settings) -> Path:
    """Return where a demo would have its keys; nothing is there."""
    ensure_canary()
    settings.DEMO, settings.VAR_DIR, settings.VAULT_KEYS = True, tmp_path, str(tmp_path / "vault.keys")
    return tmp_path / "vault.keys"


def test_missing_keys_of_a_database_are_asked_for_and_not_replaced(keys: Path) -> None:
    with pytest.raises(CommandError) as caught:
        call_command("prepare")

    assert str(caught.value) == f"{keys} is missing, and this database was written with keys: put the file back."
    assert keys.exists() is False


def test_so_they_are_while_the_table_of_data_keys_is_not_restored_yet(keys: Path) -> None:
    DataKey.objects.all().delete()

    with pytest.raises(CommandError, match="put the file back"):
        call_command("prepare")

    assert keys.exists() is False


def test_keys_put_back_are_left_alone(keys: Path) -> None:
    keys.write_text("tests:rubbish")

    with pytest.raises(CommandError, match=r"VAULT_KEYS: key no\. 1"):
        call_command("prepare")

    assert keys.read_text() == "tests:rubbish"


@pytest.mark.django_db
def test_new_database_gets_a_key(tmp_path: Path, settings: Settings) -> None:
    settings.DEMO, settings.VAR_DIR, settings.VAULT_KEYS = True, tmp_path, str(tmp_path / "vault.keys")
    settings.STATIC_ROOT = tmp_path / "static"

    call_command("prepare")

    (key,) = parse((tmp_path / "vault.keys").read_text())
    assert (key.id, (tmp_path / "vault.keys").stat().st_mode & 0o777) == ("demo-1", 0o600)
