"""Writing a note: what bad input leads to, and that no typed word is lost."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from notes.models import Note
from practice.models import AuditEntry
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.notes.browsing import page, signed_in, write_url
from tests.notes.factories import damage, make_note, make_past_session

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def test_a_draft_is_saved_and_shown_again() -> None:
    session = make_past_session()
    browser = signed_in(session.counsellor)

    response = browser.post(write_url(session), {"text": "First\r\nwords.", "version": "0", "save": ""}, follow=True)

    assert response.redirect_chain == [(write_url(session), 302)]
    assert (Note.unscoped.get().text, Note.unscoped.get().state) == ("First\nwords.", "draft")
    assert "Draft saved." in page(response)
    assert "First\nwords.</textarea>" in page(response)


def test_signing_saves_and_signs_in_one() -> None:
    session = make_past_session()
    browser = signed_in(session.counsellor)

    response = browser.post(write_url(session), {"text": "All of **it**.", "version": "0", "sign": ""}, follow=True)

    note = Note.unscoped.get()
    assert (note.text, note.is_signed) == ("All of **it**.", True)
    assert response.redirect_chain == [(reverse("notes:detail", args=[note.pk]), 302)]
    assert "All of <strong>it</strong>." in page(response)


def test_the_same_form_sent_twice_signs_once() -> None:
    session = make_past_session()
    browser = signed_in(session.counsellor)

    codes = [
        browser.post(write_url(session), {"text": "All of it.", "version": "0", "sign": ""}).status_code for _ in "ab"
    ]

    assert (codes, AuditEntry.objects.filter(deed="note.sign").count()) == ([302, 302], 1)


@pytest.mark.parametrize(
    ("text", "version", "message"),
    [
        ("", "0", "A note needs some words before it can be saved."),
        (" \r\n ", "0", "A note needs some words before it can be saved."),
        (
            "long " * 10_001,
            "0",
            "This note has 50,004 characters; at most 50,000 fit. Nothing is lost: it stands below.",
        ),
        ("Kept words.", "seven", "Enter a whole number."),
        ("Kept words.", "", "This field is required."),
        ("Kept words.", "-1", "greater than or equal to 0"),
        ("Kept words.", "9" * 30, "less than or equal to"),
    ],
)
def test_bad_input_is_said_and_the_words_kept(text: str, version: str, message: str) -> None:
    session = make_past_session()
    browser = signed_in(session.counsellor)

    response = browser.post(write_url(session), {"text": text, "version": version, "sign": ""})

    assert (response.status_code, Note.unscoped.count()) == (422, 0)
    assert message in page(response)
    assert text.strip()[:40] in page(response)


def test_a_note_counts_in_characters_and_no_browser_cuts_it() -> None:
    session, doves = make_past_session(), "🕊" * 50_000
    browser = signed_in(session.counsellor)

    refused = browser.post(write_url(session), {"text": doves + "\r\n.", "version": "0", "save": ""})
    taken = browser.post(write_url(session), {"text": doves, "version": "0", "save": ""})

    assert "This note has 50,002 characters; at most 50,000 fit." in page(refused)
    assert (doves in page(refused), "\n.</textarea>" in page(refused)) == (True, True)
    assert "maxlength" not in page(refused)
    assert (taken.status_code, Note.unscoped.get().text) == (302, doves)


def test_a_conflict_shows_both_texts_and_the_next_save_wins() -> None:
    note = make_note(text="From the other tab.", version=3)
    browser = signed_in(note.author)

    response = browser.post(write_url(note.session), {"text": "From this tab.", "version": "2", "save": ""})

    assert response.status_code == 409
    assert "From this tab.</textarea>" in page(response)
    assert "<p>From the other tab.</p>" in page(response)
    assert Note.unscoped.get().text == "From the other tab."

    assert AuditEntry.objects.get().deed == "note.read"

    browser.post(write_url(note.session), {"text": "From this tab.", "version": "3", "save": ""})
    assert Note.unscoped.get().text == "From this tab."


def test_another_windows_success_does_not_stand_above_a_conflict() -> None:
    session = make_past_session()
    browser = signed_in(session.counsellor)

    browser.post(write_url(session), {"text": "From the other tab.", "version": "0", "save": ""})
    refused = browser.post(write_url(session), {"text": "From this tab.", "version": "0", "save": ""})

    assert (refused.status_code, "Draft saved." in page(refused)) == (409, False)
    assert "Draft saved." not in page(browser.get(write_url(session)))


def test_a_note_of_a_session_to_come_is_drafted_and_not_signed() -> None:
    session = make_session()
    browser = signed_in(session.counsellor)

    form = page(browser.get(write_url(session)))
    refused = browser.post(write_url(session), {"text": "Bring the picture.", "version": "0", "sign": ""})
    kept_back = Note.unscoped.count()
    drafted = browser.post(write_url(session), {"text": "Bring the picture.", "version": "0", "save": ""})

    assert ('name="save"' in form, 'name="sign"' in form) == (True, False)
    assert (refused.status_code, kept_back, drafted.status_code) == (422, 0, 302)
    assert "Not signed: this session is still to come." in page(refused)
    assert "Bring the picture.</textarea>" in page(refused)
    assert Note.unscoped.get().text == "Bring the picture."


@pytest.mark.parametrize("has_note", [True, False])
def test_the_sessions_former_counsellor_is_shown_no_word_of_the_note(has_note: bool) -> None:
    session = make_past_session()
    former = session.counsellor
    if has_note:
        make_note(session, text="From the new counsellor.")
    Client.unscoped.filter(pk=session.client_id).update(counsellor=make_user())
    browser = signed_in(former)

    shown = browser.get(write_url(session))
    posted = browser.post(write_url(session), {"text": "Mine.", "version": "0", "save": ""})

    assert (shown.status_code, posted.status_code, Note.unscoped.count()) == (404, 404, int(has_note))


def test_words_typed_after_the_signature_can_be_copied() -> None:
    note = make_note(is_signed=True, text="Signed words.")
    browser = signed_in(note.author)

    response = browser.post(write_url(note.session), {"text": "One thing <more>.", "version": "1", "save": ""})

    assert response.status_code == 409
    assert "This note has been signed" in page(response)
    assert "One thing &lt;more&gt;.</textarea>" in page(response)
    assert Note.unscoped.get().text == "Signed words."


def test_the_writing_page_of_a_signed_note_leads_to_reading_it() -> None:
    note = make_note(is_signed=True)

    response = signed_in(note.author).get(write_url(note.session))

    assert (response.status_code, response["Location"]) == (302, reverse("notes:detail", args=[note.pk]))


def test_a_damaged_note_is_marked_and_has_no_form() -> None:
    note = make_note(text="Gone words.")
    damage(note, "text")
    browser = signed_in(note.author)

    writing = browser.get(write_url(note.session))
    posted = browser.post(write_url(note.session), {"text": "New words.", "version": "1", "save": ""})
    reading = browser.get(reverse("notes:detail", args=[note.pk]))
    signing = browser.post(reverse("notes:sign", args=[note.pk]), {"version": "1"})

    assert [writing.status_code, posted.status_code, reading.status_code, signing.status_code] == [409, 409, 200, 409]
    for response in (writing, posted, reading, signing):
        assert "can&#x27;t be opened" in page(response) or "can't be opened" in page(response)
        assert 'name="text"' not in page(response)
    assert "New words.</textarea>" in page(posted)


def test_the_pages_title_names_nobody() -> None:
    note = make_note(make_past_session(client=make_client(name="Marigold Testwell")), is_signed=True)
    browser = signed_in(note.author)

    other = make_past_session(client=note.client, starts_at=timezone.now() - timedelta(days=9))
    for url in (reverse("notes:detail", args=[note.pk]), write_url(other)):
        html = page(browser.get(url))
        assert "<title>Session note · Beside</title>" in html
        assert "Marigold Testwell" in html
