"""`vault_rotate`: from a new master key to the old one's end, each step in the trail."""

from pathlib import Path
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from outbox.models import Message
from practice.keys import make_key, retire_keys, rewrap_keys
from practice.models import AuditEntry
from tests.vault.rows import make_message
from tests.vault.test_rotation import assert_all_opens, masters
from tests.vault.test_startup import other_ring
from vault.errors import KeyRingError
from vault.keyring import parse, ring
from vault.models import DataKey
from vault.services import create_data_key
from vault.startup import check_ring, ensure_canary


@pytest.fixture
def path(db: None, tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "vault.keys"
    path.write_text(other_ring("first"))
    settings.VAULT_KEYS = str(path)
    ensure_canary()
    return path


def ids(path: Path) -> list[str]:
    return [key.id for key in parse(path.read_text())]


def steps() -> list[str]:
    return [entry.detail["step"] for entry in AuditEntry.objects.filter(deed="key.rotate").order_by("number")]


def test_new_key_is_made_everything_rewrapped_and_the_old_one_ended(
    path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    message = make_message(sent_copy="a mail")

    call_command("vault_rotate", "--make-key")
    call_command("vault_check")
    checked = capsys.readouterr().out.splitlines()
    call_command("vault_rotate", "--retire")

    (new,) = ids(path)
    count = DataKey.objects.count()
    assert new != "first"
    assert checked[:5] == [
        f"new master key {new}: processes read the file again by themselves",
        "Put a copy of it away now, apart from the backups; then vault_check, then --retire.",
        f"rewrapped under master key {new}: {count - 1} data keys",  # the trail's own was made under it
        f"master key {new}: {count} data keys, in the ring",
        "master key first: 0 data keys, in the ring",
    ]
    assert capsys.readouterr().out.splitlines() == [
        f"rewrapped under master key {new}: 0 data keys",
        "dropped from the key file: first",
        "Erasures are final once every copy of these keys is destroyed, and each key table dumped under them.",
    ]
    assert masters() == {(new, new)}
    assert_all_opens()
    check_ring()
    assert Message.objects.get(pk=message.pk).sent_copy == "a mail"
    assert steps() == ["new", "begun", "done", "retired others"]
    assert AuditEntry.objects.filter(deed="key.rotate", actor=None).count() == 4


def test_again_there_is_nothing_to_do(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("vault_rotate", "--retire")

    assert capsys.readouterr().out.splitlines() == [
        "rewrapped under master key first: 0 data keys",
        "the key file holds no older key",
    ]
    assert "begun" not in steps()


def test_old_key_stays_in_the_file_until_it_is_told_to_go(path: Path) -> None:
    call_command("vault_rotate", "--make-key")

    assert ids(path) == [ring().newest, "first"]


def test_old_key_stays_while_a_data_key_does_not_open(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create_data_key(uuid4())
    row = DataKey.objects.latest("created_at")
    DataKey.objects.filter(pk=row.pk).update(wrapped=bytes(row.wrapped)[:-1])

    for step in ("--make-key", "--retire"):
        with pytest.raises(CommandError, match="Some data keys do not open"):
            call_command("vault_rotate", step)

    assert capsys.readouterr().err.splitlines() == [f"data key {row.pk} does not open, and stays as it is"] * 2
    assert ids(path)[1:] == ["first"]


def test_old_key_does_not_go_in_the_same_step_that_makes_the_new_one(path: Path) -> None:
    """Between the two somebody puts a copy of the new key away: else a lost file would be everything."""
    with pytest.raises(CommandError) as caught:
        call_command("vault_rotate", "--make-key", "--retire")

    assert str(caught.value) == (
        "One after the other: --make-key; put a copy of the new key away, apart from the backups;"
        " vault_check; --retire."
    )
    assert ids(path) == ["first"]


@pytest.mark.django_db
def test_keys_in_the_environment_cannot_be_changed_from_here() -> None:
    ensure_canary()
    with pytest.raises(CommandError) as caught:
        call_command("vault_rotate", "--make-key")

    assert str(caught.value) == "VAULT_KEYS holds the keys themselves and names no file: change it by hand."
    with pytest.raises(CommandError, match="--batch takes a number from 1 on"):
        call_command("vault_rotate", "--batch", "0")


def test_wrong_ring_rotates_nothing(path: Path, settings: Settings) -> None:
    settings.VAULT_KEYS = other_ring("first")

    with pytest.raises(CommandError, match="“first” is another key than the one"):
        call_command("vault_rotate")


def test_rewrapping_does_not_begin_without_its_trace(
    path: Path, settings: Settings, broken_trail: type[Exception]
) -> None:
    create_data_key(uuid4())
    before = masters()
    settings.VAULT_KEYS = f"{other_ring('newer')},{path.read_text()}"

    with pytest.raises(broken_trail):
        rewrap_keys(actor=None)

    assert masters() == before == {("first", "first")}


def test_old_keys_do_not_go_without_their_trace(path: Path, broken_trail: type[Exception]) -> None:
    path.write_text(f"{path.read_text()}\n{other_ring('elder')}\n")

    with pytest.raises(broken_trail):
        retire_keys(actor=None)

    assert ids(path) == ["first", "elder"]


def test_new_key_counts_as_newest_at_once(path: Path) -> None:
    new = make_key(actor=None)

    create_data_key(uuid4())
    assert DataKey.objects.filter(master_key_id=new).exists()
    path.write_text("\n".join(reversed(path.read_text().split())))
    with pytest.raises(KeyRingError, match=f"lists “first” before “{new}”"):
        check_ring()
