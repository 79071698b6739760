"""Deeds on packs."""

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from notes.models import Note
from practice.models import AuditEntry
from supervision import services
from supervision.models import Pack, PackItem
from supervision.selectors import agenda
from tests.factories import make_user
from tests.notes.factories import damage
from tests.supervision.factories import item_of, make_flagged_note, make_known_client, make_pack
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def test_a_pack_is_a_copy_without_names() -> None:
    note = make_flagged_note()
    reference = note.client.reference

    item = item_of(make_pack(note))

    assert item.text == f"{reference} rang from [telephone]. **{reference}** spoke of [emergency contact]."
    assert item.question == f"How do I stay beside {reference}?"
    assert item.replaced == [
        {"found": "Goldie", "by": reference, "count": 2},
        {"found": "07700900123", "by": "[telephone]", "count": 1},
        {"found": "Marigold", "by": reference, "count": 1},
        {"found": "Petra", "by": "[emergency contact]", "count": 1},
    ]
    note.refresh_from_db()
    assert note.text == "Goldie rang from 07700900123. **Marigold** spoke of Petra."


def test_the_same_form_twice_makes_one_pack() -> None:
    note, pack_id = make_flagged_note(), uuid4()

    packs = {services.prepare_pack(actor=note.author, notes=[note], pack_id=pack_id).pk for _ in range(2)}

    assert (packs, PackItem.unscoped.count()) == ({pack_id}, 1)


def test_only_own_flagged_notes_can_be_packed() -> None:
    note = make_flagged_note()
    plain = make_flagged_note(
        note.client, is_for_supervision=False, session={"starts_at": timezone.now() - timedelta(2)}
    )

    for actor, notes in ((make_user(), [note]), (note.author, [note, plain]), (note.author, [])):
        with pytest.raises(ValueError, match="one's own notes that are flagged"):
            services.prepare_pack(actor=actor, notes=notes)

    assert Pack.unscoped.count() == 0


@pytest.mark.parametrize("part", ["text", "name"])
def test_what_does_not_open_is_not_packed(part: str) -> None:
    client = make_known_client()
    note = make_flagged_note(client, is_signed=False)
    damage(note if part == "text" else client, part)
    note = Note.unscoped.select_related("client").get(pk=note.pk)

    with pytest.raises(VaultError):
        services.prepare_pack(actor=client.counsellor, notes=[note])

    assert Pack.unscoped.count() == 0


def test_own_words_stand_as_they_were_typed() -> None:
    item = item_of(make_pack())

    services.change_item(actor=item.pack.prepared_by, item=item, text="About Goldie.", question="")

    kept = PackItem.unscoped.get()
    assert (kept.text, kept.question) == ("About Goldie.", "")


@pytest.mark.parametrize("part", ["text", "question"])
def test_an_item_that_does_not_open_is_not_written_over(part: str) -> None:
    item = item_of(make_pack())
    damage(item, part)

    with pytest.raises(VaultError):
        services.change_item(actor=item.pack.prepared_by, item=item, text="Other words.", question="Why?")

    with pytest.raises(VaultError):
        getattr(PackItem.unscoped.get(), part)
    assert AuditEntry.objects.filter(deed="pack.change").count() == 0


def test_what_went_meanwhile_is_said_to_be_gone() -> None:
    pack = make_pack()
    actor, item = pack.prepared_by, item_of(pack)
    on_item: list[Callable[[], object]] = [
        lambda: services.change_item(actor=actor, item=item, text="Other.", question=""),
        lambda: services.remove_item(actor=actor, item=item),
    ]
    on_pack: list[Callable[[], object]] = [
        lambda: services.discard_pack(actor=actor, pack=pack),
        lambda: services.release_pack(actor=actor, pack=pack),
    ]
    PackItem.unscoped.filter(pk=item.pk).delete()
    for deed in on_item:
        with pytest.raises(services.PackGone):
            deed()
    Pack.unscoped.filter(pk=pack.pk).delete()
    for deed in on_item + on_pack:
        with pytest.raises(services.PackGone):
            deed()


def test_a_discarded_pack_leaves_its_notes_on_the_agenda() -> None:
    note = make_flagged_note()
    pack = make_pack(note)

    services.discard_pack(actor=note.author, pack=pack)

    assert (Pack.unscoped.count(), [row.note for row in agenda(note.author)]) == (0, [note])
