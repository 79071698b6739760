"""The erasure journal and its replay: what a restored backup brings back is erased again, and nobody else."""

import json
import sqlite3
from contextlib import closing
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import connection

from clients import erasure, journal, replay
from clients.models import Client, Tombstone
from clients.tasks import catch_up_journal
from practice.models import AuditEntry, KeptWords
from tests.clients.test_erasure import ask, erase, make_full_client, rows_of
from tests.factories import make_client
from tests.vault.test_startup import other_ring
from vault.errors import DataKeyMissing
from vault.models import DataKey
from vault.services import cache, create_data_key, data_key

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def book(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give each test a journal of its own."""
    path = tmp_path / "kept apart" / "erasures.journal"
    monkeypatch.setattr(settings, "ERASURE_JOURNAL", path)
    return path


def erased() -> Tombstone:
    client = make_client()
    ask(client)
    return erase(client, is_rule_considered=True)


def shred(*options: str) -> str:
    said = StringIO()
    call_command("vault_shred", *options, stdout=said)
    return said.getvalue()


# --- the file ---------------------------------------------------------------------------------------------------
def test_an_erasure_is_written_when_it_is_committed(book: Path, django_capture_on_commit_callbacks: Any) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        stone = erased()
        assert not book.exists()
    assert journal.read() == journal.Journal([journal.line_of(stone)], [])
    assert book.stat().st_mode & 0o777 == 0o600


def test_the_file_holds_ids_and_references_alone(book: Path) -> None:
    stone = erased()
    journal.catch_up()
    written = json.loads(book.read_text())
    assert sorted(written) == [
        "asked_by", "check", "client_id", "data_key_id", "erased_at", "erased_by", "is_rule_considered", "received_on",
        "reference",
    ]  # fmt: skip
    assert (written["client_id"], written["reference"]) == (str(stone.pk), stone.reference)


def test_what_a_crash_kept_from_it_is_written_the_next_time(book: Path) -> None:
    first, second = erased(), erased()
    assert (journal.catch_up(), journal.catch_up()) == (2, 0)
    book.write_bytes(book.read_bytes()[:-20])  # the machine stopped in the middle of the second line
    assert journal.catch_up() == 1
    assert journal.read() == journal.Journal([journal.line_of(first), journal.line_of(second)], [2])


def test_where_the_disk_refuses_the_erasure_stands_and_the_log_says_so(
    book: Path, caplog: pytest.LogCaptureFixture, django_capture_on_commit_callbacks: Any
) -> None:
    book.parent.write_text("a file where the folder should be")
    with django_capture_on_commit_callbacks(execute=True):
        stone = erased()
    assert not journal.is_up_to_date(stone)
    assert "erasure.journal_not_written" in caplog.text


@pytest.mark.parametrize(
    "line",
    [b"{", b"nonsense", b"[]", b"7", b'{"client_id": "x"}', b"\xff\xfe", b'{"check": "0"}'],
)
def test_a_line_that_is_none_is_named(line: bytes, book: Path) -> None:
    stone = erased()
    book.parent.mkdir()
    book.write_bytes(line + b"\n")
    journal.catch_up()
    assert journal.read() == journal.Journal([journal.line_of(stone)], [1])


@pytest.mark.parametrize("name", ["client_id", "reference", "erased_at", "data_key_id"])
def test_a_line_in_which_a_value_was_changed_is_damaged(name: str, book: Path) -> None:
    erased()
    journal.catch_up()
    values = json.loads(book.read_text())
    values[name] = {"reference": "C-9999", "erased_at": "2026-01-01T00:00:00+00:00"}.get(name, str(uuid4()))
    book.write_text(json.dumps(values))
    assert journal.read().damaged == [1]


# --- after a restore ----------------------------------------------------------------------------------------------
def copy_to(path: Path) -> None:
    """Make a backup of the database as it is."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        connection.connection.backup(copy)


def restore(path: Path) -> None:
    """Put a backup back, in other processes than those that knew the keys."""
    connection.ensure_connection()
    with closing(sqlite3.connect(path)) as copy:
        copy.backup(connection.connection)
    cache.forget()


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    if connection.vendor != "sqlite":
        pytest.skip("a file is copied; on PostgreSQL the same rows come from a dump")
    return tmp_path / "old.sqlite3"


@pytest.mark.django_db(transaction=True)
def test_an_old_backup_brings_a_client_back_and_the_journal_takes_them_again(backup: Path) -> None:
    client, other = make_full_client(), make_full_client()
    copy_to(backup)
    first = erase(client)
    restore(backup)
    assert Client.unscoped.get(pk=client.pk).name == client.name  # back, and readable: hence the journal
    assert "IS BACK" in shred("--list")
    said = shred("--replay")
    assert said.splitlines() == [f"{client.reference}  erased again", "1 erased again, 0 were not there."]
    assert rows_of(client) == {}
    with pytest.raises(DataKeyMissing):
        data_key(client.pk)
    assert Client.unscoped.get(pk=other.pk).name == other.name
    stone = Tombstone.unscoped.get()
    assert (stone.erased_at, stone.erased_by, stone.asked_by, stone.reference) == (
        first.erased_at, client.counsellor, "client", client.reference,
    )  # fmt: skip
    assert stone.replayed_at is not None
    assert stone.last_session_on == first.last_session_on
    row = AuditEntry.objects.filter(deed="client.erase").get()
    assert (row.actor, row.reference, row.detail["is_replayed"]) == (None, client.reference, True)
    assert "IS BACK" not in shred("--list")


@pytest.mark.django_db(transaction=True)
def test_an_old_client_row_beside_the_newest_key_table_opens_nothing_and_is_erased_again(backup: Path) -> None:
    client = make_full_client()
    copy_to(backup)
    erase(client)
    restore(backup)
    DataKey.objects.filter(owner_id=client.pk).delete()  # the key table comes from the newest copy
    cache.forget()
    with pytest.raises(DataKeyMissing):
        _ = Client.unscoped.get(pk=client.pk).name
    shred("--replay")
    assert rows_of(client) == {}


@pytest.mark.django_db(transaction=True)
def test_with_the_wrong_master_keys_the_replay_says_so_and_erases_nobody(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = make_full_client()
    copy_to(backup)
    erase(client)
    restore(backup)
    monkeypatch.setattr(settings, "VAULT_KEYS", other_ring("other"))
    with pytest.raises(CommandError, match="has no master key “tests”.*put the keys right, then run this again"):
        shred("--replay")
    assert Client.unscoped.filter(pk=client.pk).exists()


@pytest.mark.django_db(transaction=True)
def test_a_hold_in_the_old_copy_does_not_stop_the_replay(backup: Path) -> None:
    client = make_full_client()
    erasure.set_hold(actor=client.counsellor, client=client, reason="A claim.")
    copy_to(backup)
    erasure.lift_hold(actor=client.counsellor, client=client)
    erase(client)
    restore(backup)
    shred("--replay")
    assert Client.unscoped.count() == 0


def test_a_second_replay_changes_nothing() -> None:
    erased()
    journal.catch_up()
    assert shred("--replay") == "0 erased again, 1 were not there.\n"
    assert AuditEntry.objects.filter(deed="client.erase").count() == 1


def come_back(stone: Tombstone) -> Client:
    """Let a client be there as after a restore."""
    Tombstone.unscoped.filter(pk=stone.pk).delete()
    return make_client(stone.counsellor, id=stone.pk, reference=stone.reference)


def test_what_lies_about_apart_from_the_clients_row_goes_too() -> None:
    stone = erased()
    journal.catch_up()
    create_data_key(stone.pk)
    KeptWords.objects.create(user=stone.counsellor, owner_id=stone.pk, page="/x/", words={"text": "half"})
    shred("--replay")
    assert (DataKey.objects.filter(owner_id=stone.pk).count(), KeptWords.objects.count()) == (0, 0)


def test_lines_after_a_damaged_one_are_replayed_and_the_damage_is_named(book: Path) -> None:
    first, second = erased(), erased()
    journal.catch_up()
    lines = book.read_text().splitlines()
    book.write_text("\n".join([lines[0][:-9], "", lines[1], ""]))
    for stone in (first, second):
        come_back(stone)
    with pytest.raises(CommandError) as refusal:
        shred("--replay")
    assert str(refusal.value) == (
        f"The erasure journal {book}: these lines cannot be read: 1; put them right from another copy, or remove them."
        " All others were dealt with."
    )
    assert [client.pk for client in Client.unscoped.all()] == [first.pk]


def test_a_client_with_another_reference_is_left_alone_and_named() -> None:
    stone = erased()
    journal.catch_up()
    make_client(stone.counsellor, id=stone.pk, reference="C-7777")
    with pytest.raises(CommandError, match=f"belong to other clients here: {stone.reference}"):
        shred("--replay")
    assert Client.unscoped.count() == 1


def test_a_member_whom_the_old_copy_does_not_know_is_left_out() -> None:
    stone = erased()
    come_back(stone)
    assert replay.erase_again(replace(journal.line_of(stone), erased_by=uuid4())) is True
    assert Tombstone.unscoped.get().erased_by is None


def test_a_journal_that_cannot_be_read_is_one_line_and_a_failure(book: Path) -> None:
    book.mkdir(parents=True)
    for option in ("--list", "--replay"):
        with pytest.raises(CommandError, match=r"^The erasure journal .* cannot be used: .*$"):
            shred(option)


def test_one_of_the_two_has_to_be_chosen() -> None:
    with pytest.raises(CommandError):
        shred()


# --- what the files hold ------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_sqlites_files_hold_no_ciphertext_of_an_erased_client() -> None:
    if connection.vendor != "sqlite":
        pytest.skip("pages of a file are SQLite's")
    client, other = make_full_client(), make_full_client()
    theirs, others = blobs_of(client), blobs_of(other)
    assert len(theirs) > 10
    erase(client)
    path = Path(connection.settings_dict["NAME"])
    found = b"".join(part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    assert [blob for blob in theirs if blob in found] == []
    assert all(blob in found for blob in others)


def blobs_of(client: Client) -> list[bytes]:
    """Return the middle of each sealed value of a client, as it stands in the database (a long one is split up)."""
    found = []
    for model in apps.get_models():
        if hasattr(model, "vault_owner"):
            key = "id" if model is Client else model.vault_owner
            for row in model._base_manager.filter(**{key: client.pk}):
                values = [row.__dict__[name] for name in model.Privacy.sealed]  # type: ignore[attr-defined]  # ours
                found += [bytes(value.blob)[40:72] for value in values if value is not None]
    return found


def test_what_a_crash_kept_from_it_is_written_within_the_hour(book: Path) -> None:
    stone = erased()
    book.unlink(missing_ok=True)
    assert journal.is_up_to_date(stone) is False
    catch_up_journal()
    assert journal.is_up_to_date(stone)
