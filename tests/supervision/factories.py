"""Packs for tests."""

from typing import Any

from clients.models import Client
from notes.models import Note
from practice.models import User
from supervision import services
from supervision.models import Pack, PackItem
from tests.factories import make_client, make_user
from tests.notes.factories import make_note, make_past_session


def make_known_client(counsellor: User | None = None, **fields: Any) -> Client:
    """Return a client whose names and contacts are plain to look for."""
    values = {
        "name": "Marigold Testwell", "preferred_name": "Goldie", "email": "goldie@example.org",
        "phone": "07700 900123", "emergency_contact": "Petra Testwell (sister)", **fields,
    }  # fmt: skip
    return make_client(counsellor or make_user(), **values)


def make_flagged_note(client: Client | None = None, *, is_signed: bool = True, **fields: Any) -> Note:
    """Return a note on the agenda that names its client all over."""
    session = make_past_session(client=client or make_known_client(), **fields.pop("session", {}))
    values = {
        "text": "Goldie rang from 07700900123. **Marigold** spoke of Petra.",
        "supervision_question": "How do I stay beside Goldie?",
        "is_for_supervision": True,
        **fields,
    }
    return make_note(session, is_signed=is_signed, **values)


def make_pack(*notes: Note, is_released: bool = False) -> Pack:
    """Return a pack of flagged notes of one counsellor, or of one such note."""
    chosen = list(notes) or [make_flagged_note()]
    pack = services.prepare_pack(actor=chosen[0].author, notes=chosen)
    return services.release_pack(actor=pack.prepared_by, pack=pack) if is_released else pack


def item_of(pack: Pack) -> PackItem:
    """Return the only item of a pack, as it stands now."""
    return PackItem.unscoped.select_related("pack", "client").get(pack=pack)
