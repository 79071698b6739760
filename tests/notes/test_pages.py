"""Writing a note and reading one: who may, what bad input leads to, and that no typed word is lost."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from notes.models import Note
from notes.panels import timeline, today_panel
from practice.models import AuditEntry
from practice.panels import panels_for
from practice.roles import Role
from sessions.models import ClientSession
from tests.factories import make_client, make_session, make_user
from tests.notes.factories import damage, make_note, make_past_session
from vault.errors import VaultError
from vault.services import cache

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def signed_in(user: Any) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(response: Any) -> str:
    return str(response.content.decode())


def write_url(session: ClientSession) -> str:
    return reverse("notes:write", args=[session.pk])


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
        ("long " * 10_001, "0", "at most 50000 characters"),
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


def test_the_draft_of_a_session_to_come_has_no_button_to_sign() -> None:
    note = make_note(make_session())
    browser = signed_in(note.author)

    read = page(browser.get(reverse("notes:detail", args=[note.pk])))
    refused = browser.post(reverse("notes:sign", args=[note.pk]), {"version": "1"})

    assert ("Write on" in read, "Sign note" in read) == (True, False)
    assert (refused.status_code, Note.unscoped.get().is_signed) == (409, False)
    assert "Not signed: this session is still to come." in page(refused)


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


def test_the_pages_title_names_nobody() -> None:
    note = make_note(make_past_session(client=make_client(name="Marigold Testwell")), is_signed=True)
    browser = signed_in(note.author)

    other = make_past_session(client=note.client, starts_at=timezone.now() - timedelta(days=9))
    for url in (reverse("notes:detail", args=[note.pk]), write_url(other)):
        html = page(browser.get(url))
        assert "<title>Session note · Beside</title>" in html
        assert "Marigold Testwell" in html


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


@pytest.mark.parametrize("rows", [1, 3])
def test_todays_panel_takes_as_many_queries_for_one_note_as_for_three(
    rows: int, django_assert_num_queries: Any
) -> None:
    counsellor = make_user()
    for days in range(1, rows + 1):
        client = make_client(counsellor, name="Marigold")
        make_past_session(client=client, starts_at=timezone.now() - timedelta(days=days))
    cache.forget()

    with django_assert_num_queries(3):
        panel = today_panel(counsellor, None)

    assert panel is not None
    assert [row["called"].text for row in panel.context["rows"]] == ["Marigold"] * rows


def test_today_shows_no_panel_when_every_note_is_signed() -> None:
    note = make_note(is_signed=True)

    templates = [panel.template for panel in panels_for("today", note.author)]

    assert "notes/_today_panel.html" not in templates


def test_a_sessions_page_says_where_its_note_stands() -> None:
    note = make_note()

    panels = panels_for("session", note.author, note.session)

    assert [p.context["note"] for p in panels if p.template == "notes/_session_panel.html"] == [note]


@pytest.mark.parametrize(
    ("hours", "status", "has_draft", "offered"),
    [
        (-2, Status.BOOKED, False, "Write note"),
        (-2, Status.ATTENDED, False, "Write note"),
        (-2, Status.DID_NOT_ATTEND, False, "Write note"),
        (2, Status.BOOKED, False, "Prepare note"),
        (2, Status.BOOKED, True, "Write on"),
        (-2, Status.CANCELLED_LATE, False, None),
        (2, Status.CANCELLED_BY_CLIENT, False, None),
        (2, Status.CANCELLED_BY_CLIENT, True, "Write on"),
    ],
)
def test_a_sessions_page_offers_what_can_be_done(hours: int, status: str, has_draft: bool, offered: str | None) -> None:
    session = make_session(starts_at=timezone.now() + timedelta(hours=hours), status=status)
    if has_draft:
        make_note(session)

    html = page(signed_in(session.counsellor).get(reverse("sessions:detail", args=[session.pk])))

    words = ("Write note", "Prepare note", "Write on")
    assert [each for each in words if each in html] == ([offered] if offered else [])
    assert (write_url(session) in html) == bool(offered)


def test_a_clients_timeline_shows_each_note_at_its_session() -> None:
    note = make_note(is_signed=True, is_for_supervision=True)
    draft = make_note(make_past_session(client=note.client, starts_at=timezone.now() - timedelta(days=3)))

    entries = list(timeline(note.client, note.author))

    assert sorted((entry.url, entry.badge, entry.detail) for entry in entries) == sorted(
        [
            (reverse("notes:detail", args=[note.pk]), "Signed", "For supervision"),
            (write_url(draft.session), "Draft", ""),
        ]
    )
    assert list(timeline(note.client, make_user())) == []
