"""`vault_check`: which keys are in use, and everything that does not open, by table, column and id."""

import subprocess
import sys
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from tests.factories import make_client
from tests.faults.processes import environment
from tests.vault.rows import blob_of, damage, make_message, put_blob
from tests.vault.test_startup import other_ring
from vault import inventory
from vault.files import keep, path_of
from vault.inventory import Sealed, Tally, check_values
from vault.models import Canary, DataKey
from vault.sealing import Place
from vault.services import cache, create_data_key
from vault.startup import ensure_canary


@pytest.fixture
def canary(db: None) -> Canary:
    ensure_canary()
    return Canary.objects.get()


def said(capsys: pytest.CaptureFixture[str], *options: str) -> list[str]:
    call_command("vault_check", *options)
    return capsys.readouterr().out.splitlines()


def said_and_failed(capsys: pytest.CaptureFixture[str], why: str) -> list[str]:
    with pytest.raises(CommandError) as caught:
        call_command("vault_check")
    assert str(caught.value) == why
    return capsys.readouterr().out.splitlines()


@pytest.mark.usefixtures("canary")
def test_keys_are_counted_and_everything_is_opened(capsys: pytest.CaptureFixture[str]) -> None:
    client = make_client(name="Marigold Testwell", email="marigold@example.org")
    keep([b"in confidence"], place=Place("notes.Attachment", "file", uuid4(), client.id))

    keys, canary, opened = said(capsys)

    count = DataKey.objects.count()
    assert keys == f"master key tests: {count} data keys, in the ring"
    assert canary == "canary: opens"
    assert opened.startswith(f"opened: {count} data keys, ")
    assert opened.endswith(" sealed values, 1 sealed files")
    assert int(opened.split()[4]) > 2


@pytest.mark.usefixtures("canary")
def test_quick_opens_the_canary_only(capsys: pytest.CaptureFixture[str]) -> None:
    damage(make_client(), "name")

    assert said(capsys, "--quick")[1:] == ["canary: opens"]


@pytest.mark.django_db
def test_empty_database_has_no_canary(capsys: pytest.CaptureFixture[str]) -> None:
    assert said(capsys, "--quick") == ["master key tests: 0 data keys, in the ring", "canary: none yet"]


@pytest.mark.usefixtures("canary")
def test_each_damaged_value_is_named_and_nothing_that_opens_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    client, other = make_client(name="Marigold Testwell"), make_client(name="Basil Testwell")
    damage(client, "name")
    blob = blob_of(other, "name")
    put_blob(other, "name", blob[:1] + uuid4().bytes + blob[17:])
    cache.forget()

    out = said_and_failed(capsys, "Not all is well: 2 damaged.")

    assert set(out[2:4]) == {
        f"DAMAGED: clients_client.name of row {client.pk}:"
        f" clients.Client.name of row {client.pk}: sealed text does not open.",
        f"DAMAGED: clients_client.name of row {other.pk}:"
        f" clients.Client.name of row {other.pk}: sealed under another key than its owner's.",
    }
    assert "Testwell" not in "\n".join(out)


@pytest.mark.usefixtures("canary")
def test_value_of_another_client_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    client, other = make_client(), make_client()

    put_blob(client, "name", blob_of(other, "name"))

    out = said_and_failed(capsys, "Not all is well: 1 damaged.")
    assert out[2].startswith(f"DAMAGED: clients_client.name of row {client.pk}: ")


@pytest.mark.usefixtures("canary")
def test_row_whose_owner_has_no_key_is_an_orphan_and_not_damaged(capsys: pytest.CaptureFixture[str]) -> None:
    message = make_message(sent_copy="a mail")
    DataKey.objects.filter(owner_id=message.owner_id).delete()
    cache.forget()

    out = said_and_failed(capsys, "Not all is well: 1 without their owner's key.")

    assert out[2] == f"NO KEY: outbox_message.sent_copy of row {message.pk}: its owner has no data key."


@pytest.mark.usefixtures("canary")
def test_damaged_file_and_missing_file_are_named(capsys: pytest.CaptureFixture[str]) -> None:
    client = make_client()
    file, gone = (keep([b"x"], place=Place("notes.Attachment", "file", uuid4(), client.id)) for _ in range(2))
    path_of(file).write_bytes(path_of(file).read_bytes()[:-1])
    path_of(gone).unlink()

    out = said_and_failed(capsys, "Not all is well: 2 damaged.")

    assert sorted(line.split(": ")[1] for line in out[2:4]) == sorted(
        f"vault_sealedfile.file of row {each.pk}" for each in (file, gone)
    )


@pytest.mark.usefixtures("canary")
def test_data_key_that_does_not_open_is_named_without_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    create_data_key(uuid4())
    row = DataKey.objects.latest("created_at")
    DataKey.objects.filter(pk=row.pk).update(wrapped=bytes(row.wrapped)[:-1])

    out = said_and_failed(capsys, "Not all is well: 1 damaged.")

    assert out[2].startswith(f"DAMAGED: vault_datakey.wrapped of row {row.pk}: ")


@pytest.mark.usefixtures("canary")
def test_row_that_names_another_master_key_than_its_blob_is_named(
    capsys: pytest.CaptureFixture[str], settings: Settings
) -> None:
    create_data_key(uuid4())
    row = DataKey.objects.latest("created_at")
    settings.VAULT_KEYS += f",{other_ring('elder')}"
    DataKey.objects.filter(pk=row.pk).update(master_key_id="elder")

    out = said_and_failed(capsys, "Not all is well: 1 damaged.")

    assert out[3] == (
        f"DAMAGED: vault_datakey.master_key_id of row {row.pk}: names another master key than the one it is under."
    )


def test_lost_master_key_is_said_and_nothing_else_is_tried(canary: Canary, capsys: pytest.CaptureFixture[str]) -> None:
    create_data_key(uuid4())
    DataKey.objects.exclude(owner_id=canary.id).update(master_key_id="lost")

    out = said_and_failed(capsys, "VAULT_KEYS does not hold master key “lost”, under which 1 data key is wrapped.")

    assert out == [
        "master key tests: 1 data keys, in the ring",
        "master key lost: 1 data keys, MISSING from the ring",
    ]


def test_damaged_canary_does_not_keep_the_rest_from_being_opened(
    canary: Canary, capsys: pytest.CaptureFixture[str]
) -> None:
    damage(canary, "song")
    client = make_client()
    damage(client, "name")

    out = said_and_failed(
        capsys,
        f"Not all is well: vault.Canary.song of row {canary.pk}: sealed text does not open; 2 damaged.",
    )

    assert out[1] == "canary: DOES NOT OPEN"


@pytest.mark.django_db
def test_rows_are_read_in_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inventory, "BATCH", 3)
    rows = [make_message(sent_copy=str(number)) for number in range(8)]
    damage(rows[7], "sent_copy")
    cache.forget()
    tally = Tally()

    assert [trouble.id for trouble in check_values(tally)] == [str(rows[7].pk)]
    assert tally.values == 8


@pytest.mark.django_db
def test_values_that_rooms_above_keep_elsewhere_are_opened_too(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise ValueError

    found = [Sealed("elsewhere", "data", "1", lambda: "fine"), Sealed("elsewhere", "data", "2", refuse)]
    monkeypatch.setattr(inventory, "_elsewhere", [lambda: found])

    assert [str(trouble) for trouble in check_values(Tally())] == [
        "elsewhere.data of row 2: opens, and is not what its column holds."
    ]


@pytest.mark.django_db(transaction=True)
def test_wrong_ring_ends_with_one_line_on_stderr() -> None:
    ensure_canary()
    env = environment("smtp://127.0.0.1:1", VAULT_KEYS=other_ring("tests"), DJANGO_SETTINGS_MODULE="config.settings")

    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "vault_check"],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 1
    assert done.stderr == (
        "CommandError: VAULT_KEYS: “tests” is another key than the one this database was written with.\n"
    )
