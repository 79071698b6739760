"""Deeds on notes: save a draft, sign it, open it, take it to supervision."""

from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from notes.models import Note
from practice import trail
from practice.models import User
from sessions.models import ClientSession
from sessions.services import SessionAhead


class NoteSigned(Exception):
    """The note is signed: it can be read, and no longer changed."""

    def __init__(self, note: Note) -> None:
        super().__init__("The note is signed.")
        self.note = note


class NoteChanged(Exception):
    """The note is no longer the version that somebody began from or read. Carries it as it stands."""

    def __init__(self, note: Note) -> None:
        super().__init__("The note was changed elsewhere.")
        self.note = note


@transaction.atomic
def save_draft(*, actor: User, session: ClientSession, text: str, version: int) -> Note:
    """Save a session's draft; the first save makes the note. `version` is the one the writer began from, 0 for none.

    Locks the session, so that two first saves come one by one. The same words again change nothing, so a form sent
    twice is harmless. Raise NoteSigned, NoteChanged; VaultError where the words that stand there do not open;
    ValueError for an empty text.
    """
    if not text.strip():
        raise ValueError("A note has words.")
    _locked_session(session.pk)
    note = _locked_notes().filter(session=session).first()
    if note is None:
        note = Note(session=session, client_id=session.client_id, author=actor, text=text)
        note.save(force_insert=True)
    elif note.is_signed:
        raise NoteSigned(note)
    # Opened before anything is written: words that nobody could read are not written over.
    elif note.text == text:
        return note
    elif note.version != version:
        raise NoteChanged(note)
    else:
        _rewrite(note, text)
    _record("note.save", actor, note, version=note.version)
    return note


@transaction.atomic
def sign_note(*, actor: User, note: Note, version: int) -> Note:
    """Sign the version of a note that was read; from then on nothing changes its words. Again changes nothing.

    Locks the session and the note. Raise NoteChanged where another version stands there, SessionAhead before the
    session's start, VaultError where the words do not open: nobody signs what nobody can read.
    """
    session = _locked_session(note.session_id)
    note = _locked_notes().get(pk=note.pk)
    if note.version != version:
        raise NoteChanged(note)
    if note.is_signed:
        return note
    if not session.has_begun:
        raise SessionAhead
    _ = note.text
    note.state, note.signed_at = Note.State.SIGNED, timezone.now()
    note.save(update_fields=["state", "signed_at"])
    _record("note.sign", actor, note, version=note.version)
    return note


@transaction.atomic
def save_and_sign(*, actor: User, session: ClientSession, text: str, version: int) -> Note:
    """Save what was typed and sign it, both or neither. Signing the same words again changes nothing.

    Raise NoteSigned where other words are signed already, else as `save_draft` and `sign_note`.
    """
    try:
        note = save_draft(actor=actor, session=session, text=text, version=version)
    except NoteSigned as refusal:
        if refusal.note.text != text:
            raise
        return refusal.note
    return sign_note(actor=actor, note=note, version=note.version)


@transaction.atomic
def open_note(*, actor: User, note: Note) -> None:
    """Leave the audit row of a note being read."""
    _record("note.read", actor, note)


@transaction.atomic
def flag_for_supervision(*, actor: User, note: Note, is_for_supervision: bool, question: str) -> Note:
    """Put a note on the supervision agenda with a question, or take it off. Allowed after signing, too.

    Touches these two columns alone; the note's words are not even opened. Raise VaultError where the question that
    stands there does not open: it is not written over.
    """
    note = _locked_notes().get(pk=note.pk)
    _ = note.supervision_question
    note.is_for_supervision, note.supervision_question = is_for_supervision, question
    note.save(update_fields=["is_for_supervision", "supervision_question"])
    _record("note.flag", actor, note, is_for_supervision=is_for_supervision)
    return note


def _rewrite(note: Note, text: str) -> None:
    note.text, note.version, note.updated_at = text, note.version + 1, timezone.now()
    note.save(update_fields=["text", "version", "updated_at"])


def _locked_session(pk: UUID) -> ClientSession:
    """Return the session as it is now, locked where the database can; always before its note."""
    return ClientSession.unscoped.select_for_update().get(pk=pk)  # no viewer: the caller holds its row or its note's


def _locked_notes() -> QuerySet[Note]:
    """Return notes as they are now, those that are asked for locked where the database can."""
    notes = Note.unscoped.select_related("client")  # no viewer: the caller holds the row or its session
    return notes.select_for_update(of=("self",))


def _record(deed: str, actor: User, note: Note, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=note, reference=note.client.reference, session=note.session_id, **detail)
