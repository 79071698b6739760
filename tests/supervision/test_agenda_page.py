"""The agenda: what it shows, and how ticked notes become a pack."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from practice.roles import Role
from supervision.models import Pack
from tests.factories import make_user
from tests.notes.browsing import page, signed_in
from tests.notes.factories import damage
from tests.supervision.browsing import AGENDA, PACKS, PREPARE, make_flagged_notes, url
from tests.supervision.factories import make_flagged_note, make_pack

pytestmark = pytest.mark.django_db


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


def test_the_admin_is_led_from_the_agenda_to_the_packs() -> None:
    response = signed_in(make_user(Role.ADMIN)).get(AGENDA)

    assert (response.status_code, response["Location"]) == (302, PACKS)


def test_the_number_of_anothers_pack_is_not_found() -> None:
    pack, note = make_pack(), make_flagged_note()

    response = signed_in(note.author).post(PREPARE, {"notes": [str(note.pk)], "nonce": str(pack.pk)})

    assert (response.status_code, Pack.unscoped.count()) == (404, 1)
