"""What comes in as a file is sealed while it streams in; what nobody asked for is dropped."""

import io
import tempfile
import tracemalloc
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as django_settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test.client import ClientHandler
from django.urls import reverse

from notes.models import Attachment
from notes.uploads import SealedUploadHandler
from tests.factories import make_client
from tests.notes.browsing import signed_in
from tests.notes.samples import PDF
from vault import spool

pytestmark = pytest.mark.django_db
MEGABYTE = 1024 * 1024


class Slowly(io.RawIOBase):
    """A body of which no more is in memory than what is read at a time: head, so many bytes of text, tail."""

    def __init__(self, head: bytes, length: int, tail: bytes) -> None:
        self.head, self.left, self.tail = head, length, tail
        self.length = len(head) + length + len(tail)

    def read(self, size: int = -1) -> bytes:
        if self.head:
            taken, self.head = self.head[:size], self.head[size:]
        elif self.left:
            taken = (b"kind words \n" * (size // 12 + 1))[: min(size, self.left)]
            self.left -= len(taken)
        else:
            taken, self.tail = self.tail[:size], self.tail[size:]
        return taken


def _environ(browser: Browser, path: str, body: Slowly | None = None) -> dict[str, Any]:
    request = browser._base_environ(PATH_INFO=path, REQUEST_METHOD="POST" if body else "GET")  # type: ignore[attr-defined]
    if body is not None:
        request |= {
            "wsgi.input": body,
            "CONTENT_LENGTH": str(body.length),
            "CONTENT_TYPE": "multipart/form-data; boundary=x",
        }
    return dict(request)


def _long_body(length: int) -> Slowly:
    head = f'--x\r\nContent-Disposition: form-data; name="nonce"\r\n\r\n{uuid4()}\r\n'
    head += '--x\r\nContent-Disposition: form-data; name="file"; filename="Long.txt"\r\n\r\n'
    return Slowly(head.encode(), length, b"\r\n--x--\r\n")


def test_nine_megabytes_come_and_go_with_little_memory() -> None:
    """Neither way is the file whole in memory: Python's own peak, beyond what stood there before, is under 2 MB."""
    client = make_client()
    browser, handler = signed_in(client.counsellor), ClientHandler(enforce_csrf_checks=False)
    path = reverse("notes:file_add", args=[client.pk])
    browser.get(path)  # imports and caches are warm

    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    added = handler(_environ(browser, path, _long_body(9 * MEGABYTE)))
    on_the_way_in = tracemalloc.get_traced_memory()[1] - before
    attachment = Attachment.unscoped.get()
    tracemalloc.reset_peak()
    given = handler(_environ(browser, reverse("notes:file", args=[attachment.pk])))
    length = sum(len(piece) for piece in given)
    on_the_way_out = tracemalloc.get_traced_memory()[1] - before
    tracemalloc.stop()

    assert (added.status_code, given.status_code, length, attachment.size) == (302, 200, 9 * MEGABYTE, 9 * MEGABYTE)
    assert max(on_the_way_in, on_the_way_out) < 2 * MEGABYTE, (on_the_way_in, on_the_way_out)


def _sent(path: str, browser: Browser, *names: str, content: bytes = PDF) -> Any:
    data = {"nonce": str(uuid4()), "description": "", "email": "a@example.org"}
    return browser.post(path, data | {name: SimpleUploadedFile("a.pdf", content) for name in names})


@pytest.fixture
def spools(monkeypatch: pytest.MonkeyPatch) -> list[spool.SealedSpool]:
    """Return the spools that come to be, as they come."""
    made: list[spool.SealedSpool] = []

    class Noted(spool.SealedSpool):
        def __init__(self) -> None:
            super().__init__()
            made.append(self)

    monkeypatch.setattr("notes.uploads.SealedSpool", Noted)
    return made


def test_only_this_handler_takes_files() -> None:
    assert [f"notes.uploads.{SealedUploadHandler.__name__}"] == django_settings.FILE_UPLOAD_HANDLERS


def test_a_file_for_another_page_is_dropped(spools: list[spool.SealedSpool]) -> None:
    client = make_client()
    for path in ("/accounts/login/", "/nowhere/", "/clients/", reverse("notes:file", args=[uuid4()])):
        assert _sent(path, signed_in(client.counsellor), "file").status_code < 500
        assert _sent(path, Browser(), "file").status_code < 500
    assert spools == []


def test_of_several_files_one_is_taken(spools: list[spool.SealedSpool]) -> None:
    client = make_client()
    path = reverse("notes:file_add", args=[client.pk])

    assert _sent(path, signed_in(client.counsellor), "other", "file", "more").status_code == 302
    boundary = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
    body = b'--x\r\nContent-Disposition: form-data; name="nonce"\r\n\r\n' + str(uuid4()).encode() + b"\r\n"
    twice = body + (boundary + PDF + b"\r\n") * 2 + b"--x--\r\n"
    browser = signed_in(client.counsellor)
    assert browser.post(path, twice, content_type="multipart/form-data; boundary=x").status_code == 302

    assert (len(spools), {each.closed for each in spools}) == (2, {True})
    assert [each.size for each in Attachment.unscoped.all()] == [len(PDF)] * 2


def test_an_upload_that_breaks_off_leaves_nothing(spools: list[spool.SealedSpool]) -> None:
    client = make_client()
    browser = signed_in(client.counsellor)
    whole = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n' + PDF * 500

    response = browser.post(
        reverse("notes:file_add", args=[client.pk]), whole, content_type="multipart/form-data; boundary=x"
    )

    assert (response.status_code, Attachment.unscoped.count()) == (422, 0)
    assert [each.closed for each in spools] == [True]


def test_no_plain_byte_of_an_upload_is_ever_in_a_folder(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time a chunk has been taken, the places to which a program writes are looked through."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    settings.VAR_DIR = tmp_path / "var"
    for folder in (tmp_path / "temp", tmp_path / "var"):
        folder.mkdir()
    seen: list[bool] = []
    take = SealedUploadHandler.receive_data_chunk

    def take_and_look(self: SealedUploadHandler, raw_data: bytes, start: int) -> None:
        take(self, raw_data, start)
        seen.append(any(b"kind words" in found for found in _contents(tmp_path, self)))

    monkeypatch.setattr(SealedUploadHandler, "receive_data_chunk", take_and_look)
    client = make_client()

    response = _sent(
        reverse("notes:file_add", args=[client.pk]), signed_in(client.counsellor), "file",
        content=b"kind words \n" * 300_000,
    )  # fmt: skip

    assert response.status_code == 422  # a text with a PDF's name
    assert (len(seen) > 50, any(seen)) == (True, False)


def _contents(folder: Path, handler: SealedUploadHandler) -> Iterator[bytes]:
    yield from (path.read_bytes() for path in folder.rglob("*") if path.is_file())
    assert handler.spool is not None
    # The spool's file has no name: it is looked into by its descriptor.
    yield Path(f"/proc/self/fd/{handler.spool._file.fileno()}").read_bytes()
