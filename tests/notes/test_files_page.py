"""Adding, downloading and removing a file: what a counsellor sees, and what is refused."""

from typing import Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client as Browser
from django.test.client import MULTIPART_CONTENT
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from notes import files, why_not
from notes.models import Attachment
from notes.panels import files_panel
from practice.models import AuditEntry
from tests.factories import make_client, make_user
from tests.notes.browsing import page, signed_in
from tests.notes.factories import damage, make_file
from tests.notes.samples import HTML, OTHER_TEXTS, PDF, PNG, TAKEN, TEXT
from vault.files import path_of
from vault.models import SealedFile

pytestmark = pytest.mark.django_db
TOLD = "Your browser lets go of a chosen file"


def add_url(client: Client) -> str:
    return reverse("notes:file_add", args=[client.pk])


def sent(client: Client, content: bytes, name: str = "Letter.pdf", mime: str = "application/pdf", **fields: str) -> Any:
    """Post the form as the client's counsellor."""
    data = {"nonce": str(uuid4()), "description": "", "file": SimpleUploadedFile(name, content, mime), **fields}
    return signed_in(client.counsellor).post(add_url(client), data)


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


@pytest.mark.parametrize("kind", sorted(TAKEN))
def test_a_file_is_added_listed_and_downloaded(kind: str) -> None:
    client = make_client()
    ending = {"jpeg": "jpg", "text": "txt"}.get(kind, kind)

    added = sent(client, TAKEN[kind], f"Week one.{ending}", "text/html", description="Drawn at home.\r\nBy hand.")

    assert (added.status_code, added["Location"]) == (302, reverse("clients:record", args=[client.pk]))
    row = Attachment.unscoped.get()
    assert (row.kind, row.name, row.description) == (kind, f"Week one.{ending}", "Drawn at home.\nBy hand.")
    record = page(signed_in(client.counsellor).get(added["Location"]))
    assert f"Week one.{ending}" in record
    assert "Drawn at home." in record
    got = signed_in(client.counsellor).get(reverse("notes:file", args=[row.pk]))
    assert (got.status_code, body(got)) == (200, TAKEN[kind])


def test_a_text_of_another_encoding_comes_back_byte_for_byte() -> None:
    client, content = make_client(), OTHER_TEXTS["UTF-16"]

    assert sent(client, content, "From Notepad.txt", "text/plain").status_code == 302

    got = signed_in(client.counsellor).get(reverse("notes:file", args=[Attachment.unscoped.get().pk]))
    assert (body(got), got["Content-Type"]) == (content, "text/plain")


def test_a_download_is_never_a_page_and_never_kept() -> None:
    attachment = make_file(content=TEXT, kind="text", name="Brief für “Ärzte”.txt")

    got = signed_in(attachment.added_by).get(reverse("notes:file", args=[attachment.pk]))

    named = "attachment; filename*=utf-8''Brief%20f%C3%BCr%20%E2%80%9C%C3%84rzte%E2%80%9D.txt"
    assert got["Content-Disposition"] == named
    assert got["Content-Type"] == "text/plain"
    assert got["Content-Length"] == str(len(TEXT))
    assert got["X-Content-Type-Options"] == "nosniff"
    assert got["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert got["Cross-Origin-Resource-Policy"] == "same-origin"
    assert "no-store" in got["Cache-Control"]
    assert AuditEntry.objects.filter(deed="file.read", subject_id=attachment.pk).count() == 1
    assert body(got) == TEXT


@pytest.mark.parametrize(
    ("content", "name", "message"),
    [
        (b"", "Letter.pdf", "There is nothing in this file."),
        (HTML, "Letter.pdf", why_not.WEB_PAGE),
        (HTML + PDF, "Letter.pdf", why_not.WEB_PAGE),
        (b"MZ\x90\x00", "Letter.pdf", why_not.PROGRAM),
        (PDF, "Letter.pdf.exe", "Please rename it to end in .pdf."),
        (PNG, "Letter.pdf", "The name ends in .pdf, and the file is a PNG picture."),
        (PDF + b" " * 1024 * 1024, "Letter.pdf", "This file has 1.1 MB, and up to 1 MB can be taken."),
    ],
    ids=["empty", "HTML", "PDF in HTML", "program", "double ending", "lying name", "too large"],
)
def test_a_refusal_stands_at_the_field_and_the_words_stay(
    content: bytes, name: str, message: str, settings: Any
) -> None:
    settings.ATTACHMENT_MAX_MB = 1
    client = make_client()

    response = sent(client, content, name, description="Kept words of mine.")

    assert (response.status_code, Attachment.unscoped.count(), SealedFile.objects.count()) == (422, 0, 0)
    assert list(response.context["form"].errors) == ["file"]
    assert message in page(response).replace("&#x27;", "'")
    assert TOLD in page(response)
    assert "Kept words of mine.</textarea>" in page(response)


def test_a_file_of_just_the_limit_is_taken(settings: Any) -> None:
    settings.ATTACHMENT_MAX_MB = 1
    content = b"a" * 1024 * 1024

    assert sent(make_client(), content, "Long.txt").status_code == 302
    assert sent(make_client(), content + b"a", "Long.txt").status_code == 422


def test_the_page_tells_its_script_how_much_is_taken(settings: Any) -> None:
    settings.ATTACHMENT_MAX_MB = 3
    client = make_client()

    shown = page(signed_in(client.counsellor).get(add_url(client)))

    assert f'data-max="{3 * 1024 * 1024}"' in shown


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        ({"description": "Kept words of mine."}, MULTIPART_CONTENT),
        ({"description": "Kept words of mine.", "file": "not a file"}, MULTIPART_CONTENT),
        ("description=Kept+words+of+mine.", "application/x-www-form-urlencoded"),
        ('{"file": "x"}', "application/json"),
        ("", "text/plain"),
    ],
)
def test_a_form_without_a_file_is_refused_at_the_field(data: Any, kind: str) -> None:
    client = make_client()
    browser = signed_in(client.counsellor)

    response = browser.post(add_url(client), data, content_type=kind)

    assert response.status_code == 422
    assert "Please choose a file." in page(response)
    assert ("Kept words of mine." in page(response)) == ("Kept" in str(data))


@pytest.mark.parametrize("data", [b"--x\r\nContent-Disposition: nothing", b"", b"\xff\xfe", b"--x--\r\n"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "multipart/form-data"])
def test_a_broken_body_is_a_plain_refusal(data: bytes, kind: str) -> None:
    client = make_client()

    response = signed_in(client.counsellor).post(add_url(client), data, content_type=kind)

    assert response.status_code in (400, 422)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("..\\..\\a.pdf", "a.pdf"), ("/etc/passwd.pdf", "passwd.pdf"), ("🕊️.pdf", "🕊️.pdf"),
        ("שלום.pdf", "שלום.pdf"), ("e" * 300 + ".pdf", "e" * 116 + ".pdf"), ("scan", "scan.pdf"),
    ],
)  # fmt: skip
def test_any_name_is_taken_as_a_name(name: str, kept: str) -> None:
    boundary = "xxsplitxx"
    head = f'--{boundary}\r\nContent-Disposition: form-data; name="nonce"\r\n\r\n{uuid4()}\r\n'
    head += f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
    data = head.encode() + PDF + f"\r\n--{boundary}--\r\n".encode()
    client = make_client()

    signed_in(client.counsellor).post(add_url(client), data, content_type=f"multipart/form-data; boundary={boundary}")

    # Django takes out what joins two signs to one, such as a variation selector.
    assert Attachment.unscoped.get().name.replace("\ufe0f", "") == kept.replace("\ufe0f", "")


def test_too_long_a_description_is_refused_and_kept() -> None:
    response = sent(make_client(), PDF, description="long " * 101)

    assert (response.status_code, Attachment.unscoped.count()) == (422, 0)
    assert "This text has 504 characters; at most 500 fit." in page(response)


def test_a_form_sent_twice_adds_one_file_and_one_of_another_client_none() -> None:
    client, nonce = make_client(), str(uuid4())
    other = make_client(client.counsellor)

    codes = [sent(each, PDF, nonce=nonce, description="Mine.").status_code for each in (client, client, other)]

    assert (codes, Attachment.unscoped.count()) == ([302, 302, 422], 1)
    response = sent(other, PDF, nonce=nonce, description="Mine.")
    assert nonce not in page(response)
    assert "Mine.</textarea>" in page(response)
    assert "nothing has been saved yet" in page(response)


def test_a_full_disk_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def is_full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(files, "keep", is_full)

    response = sent(make_client(), PDF, description="Kept words of mine.")

    assert (response.status_code, Attachment.unscoped.count()) == (507, 0)
    assert "there is no room for it on the disk" in page(response)
    assert "Kept words of mine." in page(response)


def test_a_damaged_file_gives_a_kind_page_and_no_byte() -> None:
    attachment = make_file()
    path = path_of(attachment.file)
    path.write_bytes(path.read_bytes()[:-1])

    got = signed_in(attachment.added_by).get(reverse("notes:file", args=[attachment.pk]))

    assert (got.status_code, got.get("Content-Disposition")) == (409, None)
    assert "This file can't be opened" in page(got)
    assert AuditEntry.objects.filter(deed="file.read").count() == 0


def test_a_damaged_name_is_marked_in_its_row_and_the_rest_stands() -> None:
    marked = make_file(name="First.pdf", description="Of spring.")
    whole = make_file(marked.client, name="Second.pdf")
    damage(marked, "name")
    browser = signed_in(whole.added_by)

    record = page(browser.get(reverse("clients:record", args=[whole.client_id])))
    asked = page(browser.get(reverse("notes:file_remove", args=[marked.pk])))

    assert "Name can't be opened" in record
    assert "Second.pdf" in record
    assert "Of spring." in record
    assert "Name can't be opened" in asked
    assert "First.pdf" not in record + asked


def test_removing_asks_first_then_takes_the_file_away(django_capture_on_commit_callbacks: Any) -> None:
    attachment = make_file(name="Letter.pdf", description="Of the GP.")
    browser, url = signed_in(attachment.added_by), reverse("notes:file_remove", args=[attachment.pk])

    asked = page(browser.get(url))
    assert ("Letter.pdf" in asked, "Of the GP." in asked, "Remove this file" in asked) == (True, True, True)
    assert Attachment.unscoped.count() == 1
    with django_capture_on_commit_callbacks(execute=True):
        removed = browser.post(url, follow=True)

    assert removed.redirect_chain == [(reverse("clients:record", args=[attachment.client_id]), 302)]
    assert "File removed." in page(removed)
    assert "Letter.pdf" not in page(removed)
    assert (Attachment.unscoped.count(), path_of(attachment.file).exists()) == (0, False)
    assert browser.post(url).status_code == 404


def test_a_held_file_is_not_removed_and_the_page_says_why() -> None:
    attachment = make_file(name="Letter.pdf")
    Client.unscoped.filter(pk=attachment.client_id).update(held_at=timezone.now())
    browser, url = signed_in(attachment.added_by), reverse("notes:file_remove", args=[attachment.pk])

    asked, posted = browser.get(url), browser.post(url)

    assert (asked.status_code, posted.status_code, Attachment.unscoped.count()) == (200, 409, 1)
    for response in (asked, posted):
        assert "A legal hold stands on this record" in page(response)
        assert "Remove this file" not in page(response)


def test_the_file_of_another_counsellors_client_is_not_found() -> None:
    attachment, wrong = make_file(), signed_in(make_user())

    codes = [
        wrong.get(add_url(attachment.client)).status_code,
        wrong.post(add_url(attachment.client), {}).status_code,
        wrong.get(reverse("notes:file", args=[attachment.pk])).status_code,
        wrong.post(reverse("notes:file_remove", args=[attachment.pk])).status_code,
    ]

    assert (codes, Attachment.unscoped.count()) == ([404] * 4, 1)
    assert AuditEntry.objects.filter(deed="file.read").count() == 0


def test_a_file_sent_signed_out_is_let_go_and_the_words_come_back() -> None:
    client = make_client()
    data = {"description": "Kept words of mine.", "file": SimpleUploadedFile("a.pdf", PDF)}

    response = Browser().post(add_url(client), data)

    assert (response.status_code, Attachment.unscoped.count()) == (401, 0)
    assert "Kept words of mine." in page(response)


def test_without_its_csrf_token_no_file_is_added() -> None:
    client = make_client()
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(client.counsellor)

    response = browser.post(
        add_url(client), {"nonce": str(uuid4()), "description": "", "file": SimpleUploadedFile("a.pdf", PDF)}
    )

    assert (response.status_code, Attachment.unscoped.count()) == (403, 0)


def test_titles_name_nobody() -> None:
    attachment = make_file(make_client(name="Marigold Testwell"), name="Marigold.pdf")
    browser = signed_in(attachment.added_by)

    for url, title in ((add_url(attachment.client), "Add a file"), (
        reverse("notes:file_remove", args=[attachment.pk]), "Remove a file",
    )):  # fmt: skip
        assert f"<title>{title} · Beside</title>" in page(browser.get(url))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_panel_takes_as_many_queries_for_one_file_as_for_three(rows: int, django_assert_num_queries: Any) -> None:
    client = make_client()
    for number in range(rows):
        make_file(client, name=f"{number}.pdf")

    with django_assert_num_queries(1):
        panel = files_panel(client.counsellor, client)

    assert panel is not None
    assert [row["name"].text for row in panel.context["rows"]] == [f"{n}.pdf" for n in reversed(range(rows))]
