"""Reading a note, signing it from there, and taking it to supervision: who may, and what is refused."""

from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse

from notes.models import Note
from practice.models import AuditEntry
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_session, make_user
from tests.notes.browsing import page, signed_in, write_url
from tests.notes.factories import damage, make_note
from vault.errors import VaultError

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def test_the_button_signs_the_version_that_was_read() -> None:
    note = make_note(text="As it was read.", version=3)
    browser = signed_in(note.author)

    read = browser.get(reverse("notes:detail", args=[note.pk]))
    response = browser.post(reverse("notes:sign", args=[note.pk]), {"version": "3"})

    assert '<input type="hidden" name="version" value="3">' in page(read)
    assert (response.status_code, Note.unscoped.get().is_signed) == (302, True)


@pytest.mark.parametrize("version", ["2", "0", "", "seven", None])
def test_another_version_than_the_one_read_is_shown_and_not_signed(version: str | None) -> None:
    note = make_note(text="From the other tab.", version=3)
    browser = signed_in(note.author)

    response = browser.post(reverse("notes:sign", args=[note.pk]), {"version": version} if version is not None else {})

    assert (response.status_code, Note.unscoped.get().is_signed) == (409, False)
    assert "This was changed elsewhere" in page(response)
    assert "<p>From the other tab.</p>" in page(response)
    assert '<input type="hidden" name="version" value="3">' in page(response)
    assert AuditEntry.objects.get().deed == "note.read"


def test_the_draft_of_a_session_to_come_has_no_button_to_sign() -> None:
    note = make_note(make_session())
    browser = signed_in(note.author)

    read = page(browser.get(reverse("notes:detail", args=[note.pk])))
    refused = browser.post(reverse("notes:sign", args=[note.pk]), {"version": "1"})

    assert ("Write on" in read, "Sign note" in read) == (True, False)
    assert (refused.status_code, Note.unscoped.get().is_signed) == (409, False)
    assert "Not signed: this session is still to come." in page(refused)


def test_a_damaged_question_is_marked_and_has_no_form() -> None:
    note = make_note(is_for_supervision=True)
    damage(note, "supervision_question")

    response = signed_in(note.author).get(reverse("notes:detail", args=[note.pk]))

    assert "Question can't be opened" in page(response)
    assert 'name="question"' not in page(response)


def test_a_damaged_question_is_not_written_over_and_the_typed_one_can_be_copied() -> None:
    note = make_note(supervision_question="What did I miss?")
    damage(note, "supervision_question")

    response = signed_in(note.author).post(
        reverse("notes:flag", args=[note.pk]), {"question": "Another one?", "is_for_supervision": "True"}
    )

    assert (response.status_code, Note.unscoped.get().is_for_supervision) == (409, False)
    assert "Question can't be opened" in page(response)
    assert "Another one?</textarea>" in page(response)
    with pytest.raises(VaultError):
        _ = Note.unscoped.get().supervision_question


def test_reading_leaves_an_audit_row() -> None:
    note = make_note(is_signed=True)

    signed_in(note.author).get(reverse("notes:detail", args=[note.pk]))

    entry = AuditEntry.objects.get(deed="note.read")
    assert (entry.actor, entry.subject_id, entry.reference) == (note.author, note.pk, note.client.reference)


def test_markdown_is_rendered_and_html_stays_text() -> None:
    note = make_note(is_signed=True, text="**kind**\n\n<script>alert(1)</script>")

    response = signed_in(note.author).get(reverse("notes:detail", args=[note.pk]))

    assert "<strong>kind</strong>" in page(response)
    assert "<script>alert(1)" not in page(response)


def test_a_note_is_taken_to_supervision_and_off_again() -> None:
    note = make_note(is_signed=True)
    browser = signed_in(note.author)
    url = reverse("notes:flag", args=[note.pk])

    browser.post(url, {"question": "What did I miss?", "is_for_supervision": "True"})
    flagged = Note.unscoped.get()
    browser.post(url, {"question": "What did I miss?"})

    assert (flagged.is_for_supervision, flagged.supervision_question) == (True, "What did I miss?")
    assert Note.unscoped.get().is_for_supervision is False


def test_a_question_too_long_is_kept_on_the_page() -> None:
    note = make_note(is_signed=True)
    question = "why " * 600

    response = signed_in(note.author).post(
        reverse("notes:flag", args=[note.pk]), {"question": question, "is_for_supervision": "True"}
    )

    assert (response.status_code, Note.unscoped.get().is_for_supervision) == (422, False)
    assert question.strip() in page(response)


@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.SOLO, Role.ADMIN, None])
def test_nobody_but_the_clients_counsellor_gets_in(role: str | None) -> None:
    note = make_note()
    browser = signed_in(make_user(role)) if role else Browser()
    # Signed out, a form comes back with its words, and a page leads to the sign-in.
    read, posted = {Role.ADMIN.value: (403, 403), None: (302, 401)}.get(role, (404, 404))

    gets = [reverse("notes:detail", args=[note.pk]), write_url(note.session)]
    posts = [*(reverse(f"notes:{name}", args=[note.pk]) for name in ("sign", "flag")), write_url(note.session)]

    codes = [browser.get(url).status_code for url in gets] + [
        browser.post(url, {"text": "x"}).status_code for url in posts
    ]
    assert codes == [read] * 2 + [posted] * 3
    assert AuditEntry.objects.filter(deed__startswith="note.").count() == 0


def test_what_does_not_exist_is_not_found() -> None:
    browser = signed_in(make_user())

    for name in ("write", "detail"):
        assert browser.get(reverse(f"notes:{name}", args=[uuid4()])).status_code == 404


def test_a_get_neither_signs_nor_flags() -> None:
    note = make_note()
    browser = signed_in(note.author)

    codes = [browser.get(reverse(f"notes:{name}", args=[note.pk])).status_code for name in ("sign", "flag")]

    assert (codes, Note.unscoped.get().is_signed) == ([405, 405], False)
