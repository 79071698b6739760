"""Deeds on notes and files."""

from functools import partial

from notes import files
from notes import services as notes
from tests.deeds.registry import Deed, deed, inside_a_view
from tests.factories import make_client
from tests.notes.factories import make_file, make_note, make_past_session


@deed("notes.services.save_draft")
def _save_draft() -> Deed:
    session = make_past_session()
    return partial(notes.save_draft, actor=session.counsellor, session=session, text="We sat.", version=0)


@deed("notes.services.sign_note")
def _sign_note() -> Deed:
    note = make_note()
    return partial(notes.sign_note, actor=note.author, note=note, version=note.version)


@deed("notes.services.save_and_sign")
def _save_and_sign() -> Deed:
    session = make_past_session()
    return partial(notes.save_and_sign, actor=session.counsellor, session=session, text="We sat.", version=0)


@deed("notes.services.open_note")
def _open_note() -> Deed:
    note = make_note()
    return partial(notes.open_note, actor=note.author, note=note)


@deed("notes.services.flag_for_supervision")
def _flag() -> Deed:
    note = make_note()
    return partial(notes.flag_for_supervision, actor=note.author, note=note, is_for_supervision=True, question="Why?")


@deed("notes.files.add_file")
def _add_file() -> Deed:
    return partial(make_file, make_client())


@deed("notes.files.open_content")
def _open_content() -> Deed:
    attachment = make_file()
    return partial(inside_a_view, files.open_content, actor=attachment.client.counsellor, attachment=attachment)


@deed("notes.files.remove_file")
def _remove_file() -> Deed:
    attachment = make_file()
    return partial(files.remove_file, actor=attachment.client.counsellor, attachment=attachment)
