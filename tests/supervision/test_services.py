"""Deeds on packs."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from pypdf import PdfReader

from notes.models import Note
from practice import trail
from practice.models import AuditEntry
from sessions.models import ClientSession
from supervision import services
from supervision.models import Pack, PackItem
from supervision.selectors import agenda, items_of, packs_to_export
from tests.factories import make_session, make_user
from tests.notes.factories import damage
from tests.supervision.factories import make_flagged_note, make_known_client, make_pack
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def item_of(pack: Pack) -> PackItem:
    return PackItem.unscoped.select_related("pack", "client").get(pack=pack)


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


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
    on_item = (
        lambda: services.change_item(actor=actor, item=item, text="Other.", question=""),
        lambda: services.remove_item(actor=actor, item=item),
    )
    on_pack = (
        lambda: services.discard_pack(actor=actor, pack=pack),
        lambda: services.release_pack(actor=actor, pack=pack),
    )
    PackItem.unscoped.filter(pk=item.pk).delete()
    for deed in on_item:
        with pytest.raises(services.PackGone):
            deed()
    Pack.unscoped.filter(pk=pack.pk).delete()
    for deed in (*on_item, *on_pack):
        with pytest.raises(services.PackGone):
            deed()


def test_a_release_is_refused_while_a_name_stands() -> None:
    client = make_known_client()
    notes = [
        make_flagged_note(client, session={"starts_at": timezone.now() - timedelta(days=days)}) for days in (3, 2, 1)
    ]
    pack = make_pack(*notes)
    second = items_of(pack)[1]
    services.change_item(
        actor=client.counsellor, item=second, text="About goldie, 07700 900 123.", question="Marigold?"
    )

    with pytest.raises(services.IdentityRemains) as refusal:
        services.release_pack(actor=client.counsellor, pack=pack)

    assert refusal.value.found == {2: ["Marigold", "goldie", "07700 900 123"]}
    assert Pack.unscoped.get().is_released is False


def test_a_released_pack_is_read_only() -> None:
    pack = make_pack(is_released=True)
    actor, item = pack.prepared_by, item_of(pack)

    for deed in (
        lambda: services.change_item(actor=actor, item=item, text="Other.", question=""),
        lambda: services.remove_item(actor=actor, item=item),
        lambda: services.discard_pack(actor=actor, pack=pack),
    ):
        with pytest.raises(services.PackReleased):
            deed()

    assert services.release_pack(actor=actor, pack=pack).released_at == pack.released_at
    assert AuditEntry.objects.filter(deed="pack.release").count() == 1


def test_an_empty_pack_is_not_released() -> None:
    pack = make_pack()
    services.remove_item(actor=pack.prepared_by, item=item_of(pack))

    with pytest.raises(services.PackEmpty):
        services.release_pack(actor=pack.prepared_by, pack=pack)


def test_what_cannot_be_read_is_not_released() -> None:
    pack = make_pack()
    damage(item_of(pack), "text")

    with pytest.raises(VaultError):
        services.release_pack(actor=pack.prepared_by, pack=pack)


def test_a_discarded_pack_leaves_its_notes_on_the_agenda() -> None:
    note = make_flagged_note()
    pack = make_pack(note)

    services.discard_pack(actor=note.author, pack=pack)

    assert (Pack.unscoped.count(), [row.note for row in agenda(note.author)]) == (0, [note])


def test_the_flag_stays_after_release_and_the_agenda_says_which_pack() -> None:
    note = make_flagged_note()

    pack = make_pack(note, is_released=True)

    assert [(row.note, row.packs) for row in agenda(note.author)] == [(note, [pack])]


def test_the_export_holds_the_reference_and_no_name() -> None:
    note = make_flagged_note()
    pack = make_pack(note, is_released=True)

    text = read(services.export_pack(actor=make_user("admin"), pack=pack))

    assert f"{note.client.reference}, session 1" in text
    assert "How do I stay beside" in text
    for name in ("Goldie", "Marigold", "Testwell", "Petra", "900123", str(note.session.starts_at.year) + "-"):
        assert name not in text


def test_a_session_is_counted_not_dated() -> None:
    client, status = make_known_client(), ClientSession.Status
    for days, what in (
        (40, status.ATTENDED),
        (30, status.DID_NOT_ATTEND),
        (20, status.ATTENDED),
        (10, status.CANCELLED_LATE),
    ):
        make_session(client, timezone.now() - timedelta(days=days), status=what)
    make_session(client)

    pack = make_pack(make_flagged_note(client))

    assert [item.session_number for item in items_of(pack)] == [3]  # type: ignore[attr-defined]  # annotated


def test_a_draft_does_not_leave() -> None:
    pack = make_pack()

    with pytest.raises(services.PackNotReleased):
        services.export_pack(actor=pack.prepared_by, pack=pack)


def test_a_pack_is_ready_to_export_until_somebody_has() -> None:
    pack, admin = make_pack(is_released=True), make_user("admin")
    make_pack()
    before = packs_to_export(admin)

    services.export_pack(actor=admin, pack=pack)

    assert (before, packs_to_export(admin)) == ([pack], [])


def test_each_deed_leaves_its_row_without_a_word() -> None:
    note = make_flagged_note()
    pack = make_pack(note)
    item = item_of(pack)
    services.change_item(actor=note.author, item=item, text="Quiet words.", question="")
    services.release_pack(actor=note.author, pack=pack)
    pack.refresh_from_db()
    services.export_pack(actor=note.author, pack=pack)

    rows = AuditEntry.objects.order_by("id").values_list("deed", "subject_id", "reference", "detail")

    assert list(rows) == [
        ("pack.prepare", pack.pk, "", {"notes": 1, "clients": note.client.reference}),
        ("pack.change", pack.pk, note.client.reference, {"item": str(item.pk), "what": "text"}),
        ("pack.release", pack.pk, "", {"notes": 1}),
        ("pack.export", pack.pk, "", {"notes": 1}),
    ]


@pytest.mark.parametrize("deed", ["prepare", "change", "remove", "discard", "release", "export"])
def test_without_its_audit_row_a_deed_is_undone(deed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    note = make_flagged_note()
    pack = make_pack(note, is_released=deed == "export")
    item, actor = item_of(pack), note.author
    before = (item.text, pack.state, pack.released_at)
    calls: dict[str, Any] = {
        "prepare": lambda: services.prepare_pack(actor=actor, notes=[note]),
        "change": lambda: services.change_item(actor=actor, item=item_of(pack), text="Other.", question=""),
        "remove": lambda: services.remove_item(actor=actor, item=item_of(pack)),
        "discard": lambda: services.discard_pack(actor=actor, pack=pack),
        "release": lambda: services.release_pack(actor=actor, pack=pack),
        "export": lambda: services.export_pack(actor=actor, pack=pack),
    }

    def fails(*args: Any, **detail: Any) -> None:
        raise RuntimeError("no audit row")

    monkeypatch.setattr(trail, "record", fails)

    with pytest.raises(RuntimeError, match="no audit row"):
        calls[deed]()

    kept = Pack.unscoped.get()
    assert (item_of(kept).text, kept.state, kept.released_at) == before
