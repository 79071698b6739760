"""Deeds on notes: save a draft, sign it, open it, take it to supervision."""

from django.db import transaction
from django.utils import timezone

from notes.models import Note
from practice import trail
from practice.models import User
from sessions.models import ClientSession


class NoteSigned(Exception):
    """The note is signed: it can be read, and no longer changed."""

    def __init__(self, note: Note) -> None:
        super().__init__("The note is signed.")
        self.note = note


class NoteChanged(Exception):
    """The note was changed elsewhere since this text was begun. Carries both: `note` as it stands, `typed`."""

    def __init__(self, note: Note, typed: str) -> None:
        super().__init__("The note was changed elsewhere.")
        self.note, self.typed = note, typed


@transaction.atomic
def save_draft(*, actor: User, session: ClientSession, text: str, version: int) -> Note:
    """Save a session's draft; the first save makes the note. `version` is the one the writer began from, 0 for none.

    Locks the session, so that two first saves come one by one. The same words again change nothing, so a form sent
    twice is harmless. Raise NoteSigned, NoteChanged; VaultError where the words that stand there do not open;
    ValueError for an empty text.
    """
    if not text.strip():
        raise ValueError("A note has words.")
    note = _locked_note_of(session)
    if note is None:
        note = Note(session=session, client_id=session.client_id, author=actor, text=text)
        note.save(force_insert=True)
    elif note.is_signed:
        raise NoteSigned(note)
    # Opened before anything is written: words that nobody could read are not written over.
    elif note.text == text:
        return note
    elif note.version != version:
        raise NoteChanged(note, text)
    else:
        _rewrite(note, text)
    _record("note.save", actor, note, version=note.version)
    return note


@transaction.atomic
def sign_note(*, actor: User, note: Note) -> Note:
    """Sign a note as it stands; from then on nothing changes its words. Signing again changes nothing.

    Locks the note. Raise VaultError where its words do not open: nobody signs what nobody can read.
    """
    note = _locked(note)
    if note.is_signed:
        return note
    _ = note.text
    note.state, note.signed_at = Note.State.SIGNED, timezone.now()
    note.save(update_fields=["state", "signed_at"])
    _record("note.sign", actor, note, version=note.version)
    return note


@transaction.atomic
def save_and_sign(*, actor: User, session: ClientSession, text: str, version: int) -> Note:
    """Save what was typed and sign it, both or neither. Signing the same words again changes nothing.

    Raise NoteSigned where other words are signed already, else as `save_draft`.
    """
    try:
        note = save_draft(actor=actor, session=session, text=text, version=version)
    except NoteSigned as refusal:
        if refusal.note.text != text:
            raise
        return refusal.note
    return sign_note(actor=actor, note=note)


@transaction.atomic
def open_note(*, actor: User, note: Note) -> None:
    """Leave the audit row of a note being read."""
    _record("note.read", actor, note)


@transaction.atomic
def flag_for_supervision(*, actor: User, note: Note, is_for_supervision: bool, question: str) -> Note:
    """Put a note on the supervision agenda with a question, or take it off. Allowed after signing, too.

    Touches these two columns alone; the note's words are not even opened.
    """
    note = _locked(note)
    note.is_for_supervision, note.supervision_question = is_for_supervision, question
    note.save(update_fields=["is_for_supervision", "supervision_question"])
    _record("note.flag", actor, note, is_for_supervision=is_for_supervision)
    return note


def _rewrite(note: Note, text: str) -> None:
    note.text, note.version, note.updated_at = text, note.version + 1, timezone.now()
    note.save(update_fields=["text", "version", "updated_at"])


def _locked_note_of(session: ClientSession) -> Note | None:
    """Return the session's note as it is now, the session locked where the database can."""
    sessions = ClientSession.unscoped.select_for_update()  # no viewer: the caller holds the row
    sessions.get(pk=session.pk)
    notes = Note.unscoped.select_related("client")  # no viewer: the note of that row
    return notes.select_for_update(of=("self",)).filter(session=session).first()


def _locked(note: Note) -> Note:
    """Return the note as it is now, locked where the database can."""
    notes = Note.unscoped.select_related("client")  # no viewer: the caller holds the row
    return notes.select_for_update(of=("self",)).get(pk=note.pk)


def _record(deed: str, actor: User, note: Note, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=note, reference=note.client.reference, session=note.session_id, **detail)
