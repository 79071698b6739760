"""Packs: who may, what bad input leads to, and what each may see."""

import io
from typing import Any

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pypdf import PdfReader

from practice.models import AuditEntry, User
from practice.panels import panels_for
from practice.roles import Role
from supervision.models import Pack, PackItem
from tests.factories import PASSWORD, begin_trail, confirm_identity, make_user, trail_queries
from tests.notes.browsing import page, signed_in
from tests.notes.factories import damage
from tests.supervision.browsing import AGENDA, PACKS, PREPARE, just_before, make_flagged_notes, url
from tests.supervision.factories import make_flagged_note, make_pack
from vault.services import cache

pytestmark = pytest.mark.django_db


def confirmed(member: User) -> Browser:
    """Return the browser of a member who has just typed the password once more."""
    browser = signed_in(member)
    confirm_identity(browser)
    return browser


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
        ("Kept words.", "why " * 1001, "at most 4,000 fit"),
        ("long " * 20_001, "", "at most 100,000 fit"),
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
    browser = confirmed(make_user(Role.ADMIN))

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


def test_the_admin_finds_no_draft() -> None:
    pack = make_pack()
    browser = confirmed(make_user(Role.ADMIN))

    codes = [browser.get(url("pack", pack.pk)).status_code, browser.post(url("export", pack.pk)).status_code]

    assert codes == [404, 404]
    assert "No packs yet" in page(browser.get(PACKS))


def test_an_export_asks_for_the_password_and_leads_back_to_the_page() -> None:
    pack = make_pack(is_released=True)
    browser = signed_in(pack.prepared_by)

    asked = browser.post(url("export", pack.pk), headers={"Referer": f"http://testserver{url('pack', pack.pk)}"})

    assert asked.headers["Location"] == f"/accounts/reauthenticate/?next={url('pack', pack.pk).replace('/', '%2F')}"
    confirmed_then = browser.post("/accounts/reauthenticate/", {"password": PASSWORD, "next": url("pack", pack.pk)})
    assert confirmed_then.headers["Location"] == url("pack", pack.pk)
    assert browser.post(url("export", pack.pk)).content.startswith(b"%PDF")


def test_a_draft_is_not_exported() -> None:
    pack = make_pack()

    response = confirmed(pack.prepared_by).post(url("export", pack.pk))

    assert (response.status_code, AuditEntry.objects.filter(deed="pack.export").count()) == (409, 0)


def test_damaged_items_are_marked_and_neither_released_nor_exported() -> None:
    draft, released = make_pack(), make_pack(is_released=True)
    damage(draft.items.get(), "text")
    damage(released.items.get(), "question")

    shown = signed_in(draft.prepared_by).get(url("pack", draft.pk))
    refused = signed_in(draft.prepared_by).post(url("release", draft.pk))
    exported = confirmed(released.prepared_by).post(url("export", released.pk))

    assert "Item can't be opened" in page(shown)
    assert 'name="text"' not in page(shown)
    assert (refused.status_code, exported.status_code) == (409, 409)


def test_a_damaged_item_is_not_written_over_and_the_typed_words_can_be_copied() -> None:
    pack = make_pack()
    item = pack.items.get()
    damage(item, "question")

    response = signed_in(pack.prepared_by).post(url("change", item.pk), {"text": "Other words.", "question": "Why?"})

    assert response.status_code == 409
    assert "Item can't be opened" in page(response)
    assert "Other words.</textarea>" in page(response)
    assert "Save item" not in page(response)
    assert PackItem.unscoped.get().text == item.text


@pytest.mark.parametrize("what", ["item", "pack"])
@pytest.mark.parametrize("name", ["change", "remove"])
def test_an_item_that_goes_meanwhile_is_not_found(name: str, what: str) -> None:
    pack = make_pack()
    item = pack.items.get()
    browser = signed_in(pack.prepared_by)
    gone = PackItem.unscoped.filter(pk=item.pk) if what == "item" else Pack.unscoped.filter(pk=pack.pk)

    with just_before('FROM "supervision_pack" WHERE', gone.delete):
        response = browser.post(url(name, item.pk), {"text": "Other words.", "question": ""})

    assert response.status_code == 404


@pytest.mark.parametrize("name", ["release", "discard"])
def test_a_pack_that_goes_meanwhile_is_not_found(name: str) -> None:
    pack = make_pack()
    browser = signed_in(pack.prepared_by)

    with just_before('FROM "supervision_pack" WHERE', Pack.unscoped.filter(pk=pack.pk).delete):
        response = browser.post(url(name, pack.pk))

    assert response.status_code == 404


def test_reading_a_packs_words_leaves_an_audit_row() -> None:
    pack = make_pack(is_released=True)
    admin = make_user(Role.ADMIN)

    for member in (pack.prepared_by, admin):
        signed_in(member).get(url("pack", pack.pk))

    # The admin was shown no word.
    rows = AuditEntry.objects.filter(deed="pack.read").values_list("actor", "subject_id", "detail")
    assert list(rows) == [(pack.prepared_by_id, pack.pk, {})]


def test_an_item_whose_clients_record_is_damaged_says_that_it_cannot_be_checked() -> None:
    note = make_flagged_note()
    pack = make_pack(note)
    damage(note.client, "name")

    html = page(signed_in(note.author).get(url("pack", pack.pk)))

    assert "Can't be checked" in html
    assert "Nothing had to be replaced." not in html
    assert "<mark>[telephone]</mark>" in html


@pytest.mark.parametrize("is_released", [False, True])
@pytest.mark.parametrize("role", [Role.COUNSELLOR, Role.ADMIN, None])
def test_nobody_else_gets_at_a_pack(role: str | None, is_released: bool) -> None:
    pack = make_pack(is_released=is_released)
    item = pack.items.get()
    browser = confirmed(make_user(role)) if role else Browser()
    # Signed out, a form comes back with its words, and a page leads to the sign-in.
    read, posted = {Role.ADMIN.value: (403, 403), None: (302, 401)}.get(role, (404, 404))

    posts = [url("release", pack.pk), url("discard", pack.pk), url("change", item.pk), url("remove", item.pk)]

    assert [browser.post(address).status_code for address in posts] == [posted] * 4
    if role != Role.ADMIN:
        assert browser.get(url("pack", pack.pk)).status_code == read
        assert browser.post(url("export", pack.pk)).status_code == posted


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
    begin_trail()

    # The pack's page leaves a row in the trail, whose key is looked up like the clients' is.
    for address, queries in ((AGENDA, 5), (PACKS, 3), (url("pack", packs[0].pk), 9 + trail_queries())):
        cache.forget()
        with django_assert_num_queries(queries):
            browser.get(address)


@pytest.mark.parametrize(("role", "is_shown"), [(Role.ADMIN, True), (Role.COUNSELLOR, False)])
def test_today_tells_whoever_runs_the_practice_of_released_packs(role: str, is_shown: bool) -> None:
    pack = make_pack(is_released=True)
    make_pack()

    panels = [panel for panel in panels_for("today", make_user(role)) if panel.template.startswith("supervision/")]

    assert [panel.context["packs"] for panel in panels] == ([[pack]] if is_shown else [])
