from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import strip_tags
from pytest_django.fixtures import Settings

from practice import clock, trail
from practice.models import AuditEntry, User
from tests.factories import confirm_identity, make_client
from tests.vault.rows import make_message
from tests.vault.test_startup import other_ring
from vault.models import Canary, DataKey
from vault.services import create_data_key
from vault.startup import ensure_canary

PAGE = "/practice/keys/"


@pytest.fixture
def canary(db: None) -> None:
    ensure_canary()


@pytest.fixture
def reader(canary: None, as_admin: Client) -> Client:
    confirm_identity(as_admin)
    return as_admin


def rows(client: Client) -> list[tuple[str, int, bool, bool]]:
    return [(row.id, row.count, row.is_newest, row.is_in_ring) for row in client.get(PAGE).context["keys"].rows]


def text(client: Client) -> str:
    return " ".join(client.get(PAGE).content.decode().split())


def test_page_asks_who_it_is_once_more(as_admin: Client) -> None:
    answer = as_admin.get(PAGE)

    assert answer.status_code == 302
    assert answer.headers["Location"] == "/accounts/reauthenticate/?next=%2Fpractice%2Fkeys%2F"


def test_counsellors_are_turned_away(as_counsellor: Client) -> None:
    confirm_identity(as_counsellor)

    assert [as_counsellor.get(PAGE).status_code, as_counsellor.post(PAGE).status_code] == [403, 403]


def test_keys_are_shown_by_id_and_never_by_their_secret(reader: Client, settings: Settings) -> None:
    create_data_key(uuid4())
    count = DataKey.objects.count()
    settings.VAULT_KEYS = f"{other_ring('newer')},{settings.VAULT_KEYS}"

    assert rows(reader) == [("newer", 0, True, True), ("tests", count, False, True)]

    shown = text(reader)
    assert [key.partition(":")[2] in shown for key in settings.VAULT_KEYS.split(",")] == [False, False]
    assert f"{count} data keys are under an older master key." in shown
    assert "It opens." in shown


def test_looking_leaves_a_trace(reader: Client, admin: User) -> None:
    reader.get(PAGE)

    entry = AuditEntry.objects.get()
    assert (entry.deed, entry.actor, entry.subject_type) == ("key.view", admin, "vault.masterkeyuse")


def test_nothing_to_rewrap_offers_no_button(reader: Client) -> None:
    assert "Every data key is under the newest master key." in text(reader)
    assert "Rewrap data keys" not in text(reader)


def test_button_rewraps_and_leaves_a_trace(reader: Client, admin: User, settings: Settings) -> None:
    message = make_message(sent_copy="a mail")
    count = DataKey.objects.count()
    settings.VAULT_KEYS = f"{other_ring('newer')},{settings.VAULT_KEYS}"

    page = reader.post(PAGE, follow=True)

    assert f"Every data key is under “newer” now. Rewrapped: {count}." in page.content.decode()
    assert rows(reader)[0][0] == "newer"
    assert rows(reader)[1] == ("tests", 0, False, True)
    entries = AuditEntry.objects.filter(deed="key.rotate").order_by("number")
    assert [(entry.actor, entry.detail) for entry in entries] == [
        (admin, {"master_key": "newer", "step": "begun", "waiting": count}),
        (admin, {"master_key": "newer", "step": "done", "rewrapped": count, "damaged": 0}),
    ]
    message.refresh_from_db()
    assert message.sent_copy == "a mail"


def test_damaged_key_is_said(reader: Client, settings: Settings) -> None:
    create_data_key(uuid4())
    row = DataKey.objects.latest("created_at")
    DataKey.objects.filter(pk=row.pk).update(wrapped=bytes(row.wrapped)[:-1])
    settings.VAULT_KEYS = f"{other_ring('newer')},{settings.VAULT_KEYS}"

    page = reader.post(PAGE, follow=True).content.decode()

    assert "Not opened: 1; vault_check names them." in page


def test_wrong_order_is_said_and_rewraps_nothing_backwards(reader: Client, settings: Settings) -> None:
    old = settings.VAULT_KEYS
    settings.VAULT_KEYS = f"{other_ring('newer')},{old}"
    create_data_key(uuid4())
    settings.VAULT_KEYS = ",".join(reversed(settings.VAULT_KEYS.split(",")))

    assert rows(reader)[0][:1] == ("newer",)
    assert "VAULT_KEYS lists “tests” before “newer”" in text(reader)

    settings.VAULT_KEYS = old
    page = reader.post(PAGE, follow=True).content.decode()
    assert "Not everything was rewrapped. This process does not hold “newer”" in page
    assert "Missing from VAULT_KEYS" in page


def test_lost_canary_is_said(reader: Client) -> None:
    Canary.objects.all().delete()

    assert "The canary row is gone although data keys exist" in text(reader)


def test_erasure_is_final_once_every_key_from_before_is_gone(reader: Client, admin: User, settings: Settings) -> None:
    subject = make_client()
    assert "To make erasures final" not in text(reader)
    trail.record("client.erase", actor=admin, subject=subject, reference=subject.reference)
    assert "To make erasures final" in text(reader)
    assert "Write it before the old one in VAULT_KEYS" in text(reader)
    assert "destroy every copy of the old key, and the key tables dumped before" in text(reader)

    settings.VAULT_KEYS = f"{other_ring('newer')},{settings.VAULT_KEYS}"
    reader.post(PAGE)
    assert "To make erasures final" in text(reader)
    assert "Rotated on" not in text(reader)
    settings.VAULT_KEYS = settings.VAULT_KEYS.split(",")[0]

    assert "To make erasures final" not in text(reader)
    said, today = strip_tags(text(reader)), clock.today()
    assert f"Rotated on {today:%a} {today.day} {today:%B}" in said
    assert (
        "Erasures are final once every copy of the older keys and the key tables dumped before are destroyed." in said
    )


def test_steps_for_a_key_file_are_the_guides_own_in_its_order(
    reader: Client, admin: User, settings: Settings, tmp_path: Path
) -> None:
    path = tmp_path / "vault.keys"
    path.write_text(settings.VAULT_KEYS)
    settings.VAULT_KEYS = str(path)
    subject = make_client()
    trail.record("client.erase", actor=admin, subject=subject, reference=subject.reference)

    said = text(reader)

    steps = ("vault_rotate --make-key<", "Put a copy", "vault_check<", "vault_rotate --retire<", "destroy every copy")
    places = [said.index(step) for step in steps]
    assert places == sorted(places)


def test_queries_do_not_grow_with_the_keys(reader: Client, settings: Settings) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as caught:
            reader.get(PAGE)
        return len(caught)

    reader.get(PAGE)
    one = queries()
    for name in ("second", "third"):
        settings.VAULT_KEYS = f"{other_ring(name)},{settings.VAULT_KEYS}"
        create_data_key(uuid4())

    assert queries() == one
