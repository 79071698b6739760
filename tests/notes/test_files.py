"""Deeds on a client's files."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Barrier, Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import ProtectedError
from django.utils import timezone

from clients.handing_over import HandedOver
from clients.models import Client
from notes import files
from notes.models import Attachment
from practice.models import AuditEntry
from tests.factories import make_client, make_user
from tests.notes.factories import damage, make_file
from tests.notes.samples import PDF
from tests.notes.test_services import deeds, refuse_audit
from vault.errors import VaultError
from vault.files import folder, path_of, remove_all
from vault.models import SealedFile

pytestmark = pytest.mark.django_db


def on_disk() -> list[Path]:
    return sorted(path for path in folder().rglob("*") if path.is_file())


@pytest.fixture(autouse=True)
def _own_folder(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path


def test_a_file_is_kept_sealed_and_given_out_whole() -> None:
    client = make_client()

    added = make_file(client, content=PDF, name="Letter.pdf", description="From the GP.")

    (kept,) = on_disk()
    assert (kept, PDF[:20] in kept.read_bytes()) == (path_of(added.file), False)
    row = Attachment.unscoped.get()
    assert (row.name, row.description, row.size, row.kind) == ("Letter.pdf", "From the GP.", len(PDF), "pdf")
    content = files.open_content(actor=client.counsellor, attachment=row)
    assert (content.name, content.kind.key, content.size, b"".join(content.pieces)) == (
        "Letter.pdf", "pdf", len(PDF), PDF,
    )  # fmt: skip
    assert deeds() == ["file.add", "file.read"]


def test_the_same_form_sent_twice_adds_one_file() -> None:
    client, nonce = make_client(), uuid4()

    first, second = (make_file(client, nonce=nonce) for _ in "ab")

    assert (first, Attachment.unscoped.count(), len(on_disk()), deeds()) == (second, 1, 1, ["file.add"])
    with pytest.raises(files.FormUsed):
        make_file(make_client(), nonce=nonce)


def test_the_audit_row_names_the_deed_and_no_word() -> None:
    attachment = make_file(name="Letter of Dr Bell.pdf", description="Bell")

    entry = AuditEntry.objects.get()

    assert (entry.deed, entry.actor, entry.subject_id) == ("file.add", attachment.added_by, attachment.pk)
    assert (entry.reference, entry.detail) == (attachment.client.reference, {"kind": "pdf"})


def test_a_removed_file_is_gone_from_the_disk_once_that_is_committed(
    django_capture_on_commit_callbacks: Callable[..., Any],
) -> None:
    kept, gone = make_file(), make_file()

    with django_capture_on_commit_callbacks(execute=True):
        files.remove_file(actor=gone.added_by, attachment=gone)
        assert len(on_disk()) == 2
    files.remove_file(actor=gone.added_by, attachment=gone)

    assert (list(Attachment.unscoped.all()), SealedFile.objects.count()) == ([kept], 1)
    assert on_disk() == [path_of(kept.file)]
    assert deeds() == ["file.add", "file.add", "file.remove"]


def test_a_legal_hold_keeps_files_where_they_are() -> None:
    attachment = make_file()
    Client.unscoped.filter(pk=attachment.client_id).update(held_at=timezone.now())

    with pytest.raises(files.FileHeld):
        files.remove_file(actor=attachment.added_by, attachment=attachment)

    assert (Attachment.unscoped.count(), path_of(attachment.file).exists(), deeds()) == (1, True, ["file.add"])


def test_a_client_who_was_handed_over_meanwhile_keeps_their_files_and_gets_no_more() -> None:
    attachment = make_file()
    client = attachment.client
    Client.unscoped.filter(pk=client.pk).update(counsellor=make_user())

    with pytest.raises(HandedOver):
        files.remove_file(actor=attachment.added_by, attachment=attachment)
    with pytest.raises(Client.DoesNotExist):
        make_file(client)

    assert (Attachment.unscoped.count(), len(on_disk()), deeds()) == (1, 1, ["file.add"])


def test_when_a_client_goes_the_files_go_along(django_capture_on_commit_callbacks: Callable[..., Any]) -> None:
    gone, kept = make_file(), make_file()

    with pytest.raises(ProtectedError):
        remove_all(gone.client_id)
    with django_capture_on_commit_callbacks(execute=True):
        Client.unscoped.filter(pk=gone.client_id).delete()
        assert remove_all(gone.client_id) == 1

    assert on_disk() == [path_of(kept.file)]
    assert list(Attachment.unscoped.all()) == [kept]


def test_no_file_comes_after_its_client_has_gone() -> None:
    client = make_client()
    Client.unscoped.filter(pk=client.pk).delete()

    with pytest.raises(Client.DoesNotExist):
        make_file(client)

    assert (on_disk(), SealedFile.objects.count()) == ([], 0)


@pytest.mark.parametrize("deed", ["add", "read", "remove"])
def test_without_its_audit_row_a_deed_is_undone(deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    attachment = make_file()
    calls: dict[str, Any] = {
        "add": lambda: make_file(attachment.client),
        "read": lambda: files.open_content(actor=attachment.added_by, attachment=attachment),
        "remove": lambda: files.remove_file(actor=attachment.added_by, attachment=attachment),
    }
    refuse_audit(monkeypatch)

    with pytest.raises(RuntimeError, match="no audit row"):
        calls[deed]()

    assert list(Attachment.unscoped.all()) == [attachment]
    assert path_of(attachment.file).exists()


def _cut(path: Path) -> None:
    os.truncate(path, path.stat().st_size - 65552)


def _flip(path: Path) -> None:
    blob = bytearray(path.read_bytes())
    blob[-1] ^= 1
    path.write_bytes(blob)


@pytest.mark.parametrize("break_it", [_cut, _flip, Path.unlink], ids=["cut", "flipped", "gone"])
def test_a_file_damaged_anywhere_gives_no_byte_and_no_row(break_it: Callable[[Path], None]) -> None:
    attachment = make_file(content=PDF + b" " * 200_000)
    break_it(path_of(attachment.file))

    with pytest.raises(VaultError):
        files.open_content(actor=attachment.added_by, attachment=attachment)

    assert deeds() == ["file.add"]


def test_another_rows_file_does_not_open() -> None:
    client = make_client()
    one, other = make_file(client), make_file(client)
    one.file, other.file = other.file, one.file

    with pytest.raises(VaultError):
        files.open_content(actor=client.counsellor, attachment=one)


def test_a_file_that_is_shorter_than_it_came_does_not_open() -> None:
    attachment = make_file(content=PDF)
    attachment.size = len(PDF) + 1
    attachment.save(update_fields=["size"])

    with pytest.raises(VaultError, match="not as long"):
        files.open_content(actor=attachment.added_by, attachment=attachment)


@pytest.mark.parametrize("column", ["name", "size"])
def test_a_damaged_word_keeps_nobody_from_the_content(column: str) -> None:
    attachment = make_file(content=PDF, name="Letter.pdf")
    damage(attachment, column)

    content = files.open_content(actor=attachment.added_by, attachment=Attachment.unscoped.get())

    assert content.name == {"name": "File.pdf", "size": "Letter.pdf"}[column]
    assert b"".join(content.pieces) == PDF


def test_damage_that_comes_while_it_is_given_out_breaks_it_off() -> None:
    attachment = make_file(content=PDF + b" " * 400_000)
    content = files.open_content(actor=attachment.added_by, attachment=attachment)
    _flip(path_of(attachment.file))

    with pytest.raises(VaultError):
        b"".join(content.pieces)


def test_a_full_disk_leaves_nothing_behind() -> None:
    def breaks_off() -> Iterator[bytes]:
        yield b"x" * 200_000
        raise OSError(28, "No space left on device")

    client = make_client()
    with pytest.raises(OSError, match="No space"):
        make_file(client, pieces=breaks_off())

    assert (on_disk(), Attachment.unscoped.count(), SealedFile.objects.count()) == ([], 0, 0)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_submits_at_once_add_one_file() -> None:
    client, nonce, start = make_client(), uuid4(), Barrier(2)

    def submit() -> None:
        start.wait()
        try:
            make_file(client, nonce=nonce)
        finally:
            connection.close()

    threads = [Thread(target=submit) for _ in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (Attachment.unscoped.count(), len(on_disk())) == (1, 1)
