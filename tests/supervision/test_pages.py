"""Agenda and packs: who may, what bad input leads to, and what each may see."""

import io
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pypdf import PdfReader

from notes.models import Note
from practice.models import AuditEntry, User
from practice.panels import panels_for
from practice.roles import Role
from supervision.models import Pack, PackItem
from tests.factories import make_user
from tests.supervision.factories import make_flagged_note, make_known_client, make_pack
from vault.services import cache

pytestmark = pytest.mark.django_db

AGENDA, PREPARE, PACKS = "/supervision/", "/supervision/prepare/", "/supervision/packs/"


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page(response: Any) -> str:
    return str(response.content.decode())


def url(name: str, pk: Any) -> str:
    return reverse(f"supervision:{name}", args=[pk])


def damage(row: Any, column: str) -> None:
    with connection.cursor() as cursor:
        pk = row.pk if connection.vendor == "postgresql" else row.pk.hex
        cursor.execute(f"UPDATE {row._meta.db_table} SET {column} = %s WHERE id = %s", [b"no sealed value at all", pk])


def make_flagged_notes(number: int, counsellor: User | None = None) -> list[Note]:
    counsellor = counsellor or make_user()
    return [
        make_flagged_note(make_known_client(counsellor), session={"starts_at": timezone.now() - timedelta(days=days)})
        for days in range(1, number + 1)
    ]


def test_the_agenda_shows_references_and_questions_and_no_name() -> None:
    note = make_flagged_note(supervision_question="What did I miss?")

    html = page(signed_in(note.author).get(AGENDA))

    assert note.client.reference in html
    assert "What did I miss?" in html
    assert "Marigold" not in html


def test_ticked_notes_become_a_pack() -> None:
    first, second, third = make_flagged_notes(3)
    browser, nonce = signed_in(first.author), str(uuid4())

    codes = [browser.post(PREPARE, {"notes": [str(first.pk), str(third.pk)], "nonce": nonce})["Location"] for _ in "ab"]

    pack = Pack.unscoped.get()
    assert codes == [url("pack", pack.pk)] * 2
    # The oldest session first.
    assert [item.note_id for item in pack.items.order_by("position")] == [third.pk, first.pk]
    assert second.pk not in {item.note_id for item in pack.items.all()}


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"nonce": "3f0e7a4e-5a53-4a4c-9d43-3f3c3f0e7a4e"}, "Tick at least one note for the pack."),
        ({"nonce": ""}, "Tick at least one note for the pack."),
    ],
)
def test_nothing_ticked_is_said(data: dict[str, str], message: str) -> None:
    note = make_flagged_note()

    response = signed_in(note.author).post(PREPARE, data)

    assert (response.status_code, Pack.unscoped.count()) == (422, 0)
    assert message in page(response)


def test_anothers_note_an_unflagged_note_and_nonsense_are_not_found() -> None:
    own, other = make_flagged_note(), make_flagged_note()
    unflagged = make_flagged_note(
        own.client, is_for_supervision=False, session={"starts_at": timezone.now() - timedelta(days=5)}
    )
    browser = signed_in(own.author)

    for pk in (other.pk, unflagged.pk, uuid4(), "nonsense"):
        response = browser.post(PREPARE, {"notes": [str(own.pk), str(pk)], "nonce": str(uuid4())})
        assert response.status_code == 404

    assert Pack.unscoped.count() == 0


def test_a_damaged_note_is_marked_and_cannot_be_ticked() -> None:
    note = make_flagged_note(is_signed=False)
    damage(note, "text")
    browser = signed_in(note.author)

    listed = browser.get(AGENDA)
    posted = browser.post(PREPARE, {"notes": [str(note.pk)], "nonce": str(uuid4())})

    assert "Note or record can't be opened" in page(listed)
    assert 'type="checkbox"' not in page(listed)
    assert (posted.status_code, Pack.unscoped.count()) == (409, 0)


def test_the_preview_marks_and_lists_what_was_replaced() -> None:
    note = make_flagged_note(text="Goldie **spoke** of Petra. <b>x</b>")
    pack, reference = make_pack(note), note.client.reference

    html = page(signed_in(note.author).get(url("pack", pack.pk)))

    assert f"<mark>{reference}</mark> <strong>spoke</strong> of <mark>[emergency contact]</mark>. &lt;b&gt;" in html
    assert f"<dt><mark>{reference}</mark></dt><dd>Goldie" in html
    assert "<title>Supervision pack · Beside</title>" in html


def test_an_item_is_changed_and_a_name_stands_in_the_way_of_release() -> None:
    note = make_flagged_note()
    pack = make_pack(note)
    item = pack.items.get()
    browser = signed_in(note.author)

    changed = browser.post(url("change", item.pk), {"text": "About Goldie.\r\n", "question": "Why?"})
    refused = browser.post(url("release", pack.pk))

    assert (changed.status_code, refused.status_code) == (302, 409)
    assert PackItem.unscoped.get().text == "About Goldie."
    assert "Not released: a name or contact still stands in note 1." in page(refused)
    assert "“Goldie”" in page(refused)
    assert Pack.unscoped.get().is_released is False


@pytest.mark.parametrize(
    ("text", "question", "message"),
    [
        ("", "Kept question.", "This needs some words."),
        ("Kept words.", "why " * 1001, "at most 4000 characters"),
        ("long " * 20_001, "", "at most 100000 characters"),
    ],
)
def test_bad_input_for_an_item_is_said_and_kept(text: str, question: str, message: str) -> None:
    pack = make_pack()
    item = pack.items.get()

    response = signed_in(pack.prepared_by).post(url("change", item.pk), {"text": text, "question": question})

    assert response.status_code == 422
    assert message in page(response)
    assert question.strip()[:40] in page(response)
    assert text.strip()[:40] in page(response)
    assert PackItem.unscoped.get().text == item.text


def test_an_item_is_removed_and_a_draft_discarded() -> None:
    pack = make_pack()
    browser = signed_in(pack.prepared_by)

    removed = browser.post(url("remove", pack.items.get().pk), follow=True)
    empty = browser.post(url("release", pack.pk))
    discarded = browser.post(url("discard", pack.pk), follow=True)

    assert "There is no note in this pack" in page(removed)
    assert (empty.status_code, discarded.redirect_chain, Pack.unscoped.count()) == (409, [(AGENDA, 302)], 0)


def test_a_released_pack_has_no_form_and_refuses_change() -> None:
    pack = make_pack(is_released=True)
    item = pack.items.get()
    browser = signed_in(pack.prepared_by)

    shown = page(browser.get(url("pack", pack.pk)))
    changed = browser.post(url("change", item.pk), {"text": "Other words.", "question": ""})
    removed = browser.post(url("remove", item.pk), follow=True)
    discarded = browser.post(url("discard", pack.pk), follow=True)

    assert ('name="text"' in shown, "Release pack" in shown, "Export PDF" in shown) == (False, False, True)
    assert changed.status_code == 409
    assert "Other words.</textarea>" in page(changed)
    for response in (changed, removed, discarded):
        assert "This pack was released: it can be read, and no longer changed." in page(response)
    assert PackItem.unscoped.get().text == item.text


def test_the_admin_sees_and_exports_what_was_released_and_reads_no_word() -> None:
    pack = make_pack(is_released=True)
    reference = pack.items.get().client.reference
    browser = signed_in(make_user(Role.ADMIN))

    listed, shown = page(browser.get(PACKS)), page(browser.get(url("pack", pack.pk)))
    exported = browser.post(url("export", pack.pk))

    assert pack.prepared_by.name in listed
    assert "Export PDF" in shown
    assert reference not in shown
    assert "spoke of" not in shown
    text = PdfReader(io.BytesIO(exported.content)).pages[0].extract_text()
    assert (exported["Content-Type"], reference in text, "Goldie" in text) == ("application/pdf", True, False)
    assert exported["Content-Disposition"] == f'attachment; filename="supervision-pack-{timezone.localdate()}.pdf"'
    assert AuditEntry.objects.filter(deed="pack.export", subject_id=pack.pk).count() == 1


def test_the_admin_is_led_from_the_agenda_to_the_packs() -> None:
    response = signed_in(make_user(Role.ADMIN)).get(AGENDA)

    assert (response.status_code, response["Location"]) == (302, PACKS)


def test_the_admin_finds_no_draft() -> None:
    pack = make_pack()
    browser = signed_in(make_user(Role.ADMIN))

    codes = [browser.get(url("pack", pack.pk)).status_code, browser.post(url("export", pack.pk)).status_code]

    assert codes == [404, 404]
    assert "No packs yet" in page(browser.get(PACKS))


def test_a_draft_is_not_exported() -> None:
    pack = make_pack()

    response = signed_in(pack.prepared_by).post(url("export", pack.pk))

    assert (response.status_code, AuditEntry.objects.filter(deed="pack.export").count()) == (409, 0)


def test_damaged_items_are_marked_and_neither_released_nor_exported() -> None:
    draft, released = make_pack(), make_pack(is_released=True)
    damage(draft.items.get(), "text")
    damage(released.items.get(), "question")

    shown = signed_in(draft.prepared_by).get(url("pack", draft.pk))
    refused = signed_in(draft.prepared_by).post(url("release", draft.pk))
    exported = signed_in(released.prepared_by).post(url("export", released.pk))

    assert "Item can't be opened" in page(shown)
    assert 'name="text"' not in page(shown)
    assert (refused.status_code, exported.status_code) == (409, 409)


def test_an_item_whose_clients_record_is_damaged_says_that_it_cannot_be_checked() -> None:
    note = make_flagged_note()
    pack = make_pack(note)
    damage(note.client, "name")

    html = page(signed_in(note.author).get(url("pack", pack.pk)))

    assert "Can't be checked" in html
    assert "Nothing had to be replaced." not in html
    assert "<mark>[telephone]</mark>" in html


def test_the_number_of_anothers_pack_is_not_found() -> None:
    pack, note = make_pack(), make_flagged_note()

    response = signed_in(note.author).post(PREPARE, {"notes": [str(note.pk)], "nonce": str(pack.pk)})

    assert (response.status_code, Pack.unscoped.count()) == (404, 1)


@pytest.mark.parametrize("is_released", [False, True])
@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMIN, None])
def test_nobody_else_gets_at_a_pack(role: str | None, is_released: bool) -> None:
    pack = make_pack(is_released=is_released)
    item = pack.items.get()
    browser = signed_in(make_user(role)) if role else Browser()
    codes_by_role: dict[str | None, int] = {Role.ADMIN: 403, None: 302}
    expected = codes_by_role.get(role, 404)

    posts = [url("release", pack.pk), url("discard", pack.pk), url("change", item.pk), url("remove", item.pk)]

    assert [browser.post(address).status_code for address in posts] == [expected] * 4
    if role != Role.ADMIN:
        assert browser.get(url("pack", pack.pk)).status_code == expected
        assert browser.post(url("export", pack.pk)).status_code == expected


def test_a_get_changes_nothing() -> None:
    pack = make_pack()
    browser = signed_in(pack.prepared_by)

    names = ("release", "discard", "export")
    assert [browser.get(url(name, pack.pk)).status_code for name in names] == [405] * 3
    assert browser.get(PREPARE).status_code == 405


@pytest.mark.parametrize("rows", [1, 3])
def test_the_pages_take_as_many_queries_for_one_row_as_for_three(rows: int, django_assert_num_queries: Any) -> None:
    notes = make_flagged_notes(rows)
    packs = [make_pack(*notes) for _ in range(rows)]
    browser = signed_in(notes[0].author)

    for address, queries in ((AGENDA, 5), (PACKS, 3), (url("pack", packs[0].pk), 5)):
        cache.forget()
        with django_assert_num_queries(queries):
            browser.get(address)


@pytest.mark.parametrize(("role", "is_shown"), [(Role.ADMIN, True), (Role.COUNSELLOR, False)])
def test_today_tells_whoever_runs_the_practice_of_released_packs(role: str, is_shown: bool) -> None:
    pack = make_pack(is_released=True)
    make_pack()

    panels = [panel for panel in panels_for("today", make_user(role)) if panel.template.startswith("supervision/")]

    assert [panel.context["packs"] for panel in panels] == ([[pack]] if is_shown else [])
