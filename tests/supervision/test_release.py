"""Deeds that let a pack leave: release and export. What each deed writes down."""

import io
from datetime import timedelta
from typing import Any

import pytest
import typst
from django.db import connection
from django.utils import timezone
from pypdf import PdfReader

from practice import trail
from practice.models import AuditEntry
from sessions.models import ClientSession
from supervision import selectors, services
from supervision.models import Pack
from supervision.selectors import agenda, items_of, packs_to_export
from tests.factories import make_session, make_user
from tests.notes.factories import damage
from tests.supervision.browsing import just_before
from tests.supervision.factories import item_of, make_flagged_note, make_known_client, make_pack
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def read(content: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


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


def test_words_changed_after_the_look_are_looked_at_again_under_the_lock() -> None:
    pack = make_pack()
    item = item_of(pack)

    def meanwhile() -> None:
        item.text = "About Goldie."
        item.save(update_fields=["text"])

    with (
        just_before('FROM "supervision_pack" WHERE', meanwhile),
        pytest.raises(services.IdentityRemains) as refusal,
    ):
        services.release_pack(actor=pack.prepared_by, pack=pack)

    assert (refusal.value.found, Pack.unscoped.get().is_released) == ({1: ["Goldie"]}, False)


@pytest.mark.django_db(transaction=True)
def test_what_takes_long_keeps_no_other_writer_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, bool]] = []

    def watch(place: object, name: str) -> None:
        slow = getattr(place, name)

        def watched(*args: Any, **options: Any) -> Any:
            said.append((name, connection.in_atomic_block))
            return slow(*args, **options)

        monkeypatch.setattr(place, name, watched)

    watch(services, "pseudonymise")
    watch(selectors, "remains")
    watch(typst, "compile")

    pack = make_pack(is_released=True)
    services.export_pack(actor=pack.prepared_by, pack=pack)

    expected = [("pseudonymise", False)] * 2 + [("remains", False)] * 2 + [("compile", False)]
    assert said == expected


def test_what_cannot_be_read_is_not_released() -> None:
    pack = make_pack()
    damage(item_of(pack), "text")

    with pytest.raises(VaultError):
        services.release_pack(actor=pack.prepared_by, pack=pack)


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
