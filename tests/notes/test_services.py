"""Deeds on notes."""

from threading import Barrier, Thread
from typing import Any

import pytest
from django.db import connection

from notes import services
from notes.models import Note
from practice import trail
from practice.models import AuditEntry
from sessions.services import SessionAhead
from tests.factories import make_session
from tests.notes.factories import damage, make_note, make_past_session
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))


def refuse_audit(monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*args: Any, **detail: Any) -> None:
        raise RuntimeError("no audit row")

    monkeypatch.setattr(trail, "record", fails)


def test_the_first_save_makes_the_note() -> None:
    session = make_past_session()

    note = services.save_draft(actor=session.counsellor, session=session, text="First words.", version=0)

    kept = Note.unscoped.get()
    assert (kept, kept.text, kept.version, kept.state) == (note, "First words.", 1, Note.State.DRAFT)
    assert (kept.client_id, kept.author_id) == (session.client_id, session.counsellor_id)


def test_a_later_save_changes_the_words_and_the_version() -> None:
    note = make_note(text="First words.")

    services.save_draft(actor=note.author, session=note.session, text="Other words.", version=1)

    note.refresh_from_db()
    assert (note.text, note.version) == ("Other words.", 2)


def test_the_same_words_again_change_nothing() -> None:
    note = make_note(text="First words.")

    services.save_draft(actor=note.author, session=note.session, text="First words.", version=0)

    note.refresh_from_db()
    assert (note.version, deeds()) == (1, [])


def test_an_older_version_is_refused_with_the_note_as_it_stands() -> None:
    note = make_note(text="From the other tab.", version=3)

    with pytest.raises(services.NoteChanged) as refusal:
        services.save_draft(actor=note.author, session=note.session, text="From this tab.", version=2)

    assert (refusal.value.note.text, refusal.value.note.version) == ("From the other tab.", 3)
    assert Note.unscoped.get().text == "From the other tab."


def test_an_empty_note_is_a_callers_mistake() -> None:
    session = make_past_session()

    with pytest.raises(ValueError, match="A note has words"):
        services.save_draft(actor=session.counsellor, session=session, text=" \n", version=0)


def test_words_that_do_not_open_are_not_written_over() -> None:
    note = make_note()
    damage(note, "text")

    with pytest.raises(VaultError):
        services.save_draft(actor=note.author, session=note.session, text="New words.", version=1)
    with pytest.raises(VaultError):
        services.sign_note(actor=note.author, note=note, version=1)


def test_signing_closes_the_note() -> None:
    note = make_note(text="First words.")

    signed = services.sign_note(actor=note.author, note=note, version=1)

    assert (signed.is_signed, signed.signed_at is not None, signed.text) == (True, True, "First words.")
    with pytest.raises(services.NoteSigned):
        services.save_draft(actor=note.author, session=note.session, text="Other words.", version=1)


def test_signing_again_changes_nothing() -> None:
    note = make_note()
    first = services.sign_note(actor=note.author, note=note, version=1)

    second = services.sign_note(actor=note.author, note=note, version=1)

    assert (second.signed_at, deeds()) == (first.signed_at, ["note.sign"])


def test_a_version_that_nobody_read_is_not_signed() -> None:
    note = make_note(text="From the other tab.", version=3)

    with pytest.raises(services.NoteChanged):
        services.sign_note(actor=note.author, note=note, version=2)

    assert (Note.unscoped.get().is_signed, deeds()) == (False, [])


def test_a_note_is_not_signed_before_its_session_has_begun() -> None:
    session = make_session()
    note = services.save_draft(actor=session.counsellor, session=session, text="To bring along.", version=0)

    with pytest.raises(SessionAhead):
        services.sign_note(actor=note.author, note=note, version=1)
    with pytest.raises(SessionAhead):
        services.save_and_sign(actor=note.author, session=session, text="Other words.", version=1)

    kept = Note.unscoped.get()
    assert (kept.text, kept.is_signed, deeds()) == ("To bring along.", False, ["note.save"])


def test_save_and_sign_is_one_deed_and_harmless_twice() -> None:
    session = make_past_session()

    for _ in range(2):
        services.save_and_sign(actor=session.counsellor, session=session, text="All of it.", version=0)

    note = Note.unscoped.get()
    assert (note.text, note.is_signed, deeds()) == ("All of it.", True, ["note.save", "note.sign"])
    with pytest.raises(services.NoteSigned):
        services.save_and_sign(actor=session.counsellor, session=session, text="Something else.", version=1)


def test_flagging_touches_the_flag_and_the_question_alone() -> None:
    note = make_note(is_signed=True)
    damage_free = Note.unscoped.get(pk=note.pk)

    services.flag_for_supervision(actor=note.author, note=note, is_for_supervision=True, question="What did I miss?")

    kept = Note.unscoped.get(pk=note.pk)
    assert (kept.is_for_supervision, kept.supervision_question) == (True, "What did I miss?")
    assert (kept.updated_at, kept.version) == (damage_free.updated_at, damage_free.version)


def test_a_damaged_note_can_still_be_flagged() -> None:
    note = make_note()
    damage(note, "text")

    services.flag_for_supervision(actor=note.author, note=note, is_for_supervision=True, question="")

    assert Note.unscoped.get().is_for_supervision is True


def test_a_question_that_does_not_open_is_not_written_over() -> None:
    note = make_note(supervision_question="What did I miss?")
    damage(note, "supervision_question")

    with pytest.raises(VaultError):
        services.flag_for_supervision(actor=note.author, note=note, is_for_supervision=True, question="Another one?")

    kept = Note.unscoped.get()
    assert (kept.is_for_supervision, deeds()) == (False, [])
    with pytest.raises(VaultError):
        _ = kept.supervision_question


def test_the_audit_row_names_the_deed_and_no_word() -> None:
    session = make_past_session()

    note = services.save_draft(actor=session.counsellor, session=session, text="Secret words.", version=0)

    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.actor, entry.subject_id) == ("note.save", session.counsellor, note.pk)
    assert (entry.reference, entry.detail) == (session.client.reference, {"session": str(session.pk), "version": 1})


@pytest.mark.parametrize("deed", ["save", "sign", "flag"])
def test_without_its_audit_row_a_deed_is_undone(deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    note = make_note(text="First words.")
    calls: dict[str, Any] = {
        "save": lambda: services.save_draft(actor=note.author, session=note.session, text="Other.", version=1),
        "sign": lambda: services.sign_note(actor=note.author, note=note, version=1),
        "flag": lambda: services.flag_for_supervision(
            actor=note.author, note=note, is_for_supervision=True, question="Why?"
        ),
    }
    refuse_audit(monkeypatch)

    with pytest.raises(RuntimeError, match="no audit row"):
        calls[deed]()

    kept = Note.unscoped.get()
    assert (kept.text, kept.version, kept.state, kept.is_for_supervision) == ("First words.", 1, "draft", False)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_first_saves_at_once_one_is_shown_the_other() -> None:
    session = make_session()
    start, said = Barrier(2), []

    def save(text: str) -> None:
        start.wait()
        try:
            services.save_draft(actor=session.counsellor, session=session, text=text, version=0)
            said.append("saved")
        except services.NoteChanged:
            said.append("changed")
        finally:
            connection.close()

    threads = [Thread(target=save, args=(text,)) for text in ("One tab.", "Another tab.")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(said) == ["changed", "saved"]
