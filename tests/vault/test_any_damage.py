"""Whatever is done to a sealed value or a wrapped key where it is stored: refused, never empty, never saved over."""

import os
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from clients.models import Client
from tests.factories import make_client, make_user
from tests.vault.rows import blob_of, put_blob
from vault.errors import VaultError
from vault.keyring import KeyRing, MasterKey
from vault.sealing import SHORTEST
from vault.services import cache

COLUMNS = ["name", "email", "presenting"]
LONG = "what brings her here " * 30


def changed(data: st.DataObject, blob: bytes) -> bytes:
    """Return the blob with one bit flipped or its end cut off, as far as the column's CHECK lets it in."""
    if data.draw(st.booleans(), label="cut"):
        return blob[: data.draw(st.integers(SHORTEST, len(blob) - 1))]
    place = data.draw(st.integers(1, len(blob) - 1))
    return blob[:place] + bytes([blob[place] ^ 1 << data.draw(st.integers(0, 7))]) + blob[place + 1 :]


def assert_refused(client: Client, column: str, blob: bytes, *, is_anothers: bool = False) -> None:
    """Expect a refusal on reading, and the same bytes after a save; with another's blob in it, the row is not saved."""
    put_blob(client, column, blob)
    cache.forget()
    row = Client.visible_to(client.counsellor).get(pk=client.pk)
    with pytest.raises(VaultError):
        getattr(row, column)
    row.phone = "01632 960 101"
    if is_anothers:
        with pytest.raises(VaultError), transaction.atomic():
            row.save()
    else:
        row.save()
        assert Client.visible_to(client.counsellor).get(pk=client.pk).phone == "01632 960 101"
    assert blob_of(client, column) == blob


class InTheTable(TestCase):
    def setUp(self) -> None:
        counsellor = make_user()
        self.client_row = make_client(counsellor, presenting=LONG)
        self.other = make_client(counsellor, presenting=LONG)

    @budget(deadline=None, max_examples=30)
    @given(st.data())
    def test_damaged_value_is_refused_and_stays(self, data: st.DataObject) -> None:
        assert_refused(self.client_row, "presenting", changed(data, blob_of(self.client_row, "presenting")))

    @budget(deadline=None, max_examples=15)
    @given(st.sampled_from(COLUMNS), st.sampled_from(COLUMNS), st.booleans())
    def test_value_of_another_client_or_column_is_refused_and_stays(
        self, source: str, target: str, is_anothers: bool
    ) -> None:
        if source == target and not is_anothers:
            return
        blob = blob_of(self.other if is_anothers else self.client_row, source)
        assert_refused(self.client_row, target, blob, is_anothers=is_anothers)

    @budget(deadline=None, max_examples=15)
    @given(st.text(st.characters(codec="utf-8"), max_size=600))
    def test_any_text_comes_back_from_the_table(self, text: str) -> None:
        self.client_row.presenting = text
        self.client_row.save()
        cache.forget()

        assert Client.visible_to(self.client_row.counsellor).get(pk=self.client_row.pk).presenting == text


KEY_ID, OWNER = UUID(int=1), UUID(int=2)
MASTER, ANOTHER = MasterKey("a", b"a" * 32), MasterKey("b", b"b" * 32)
RING = KeyRing([MASTER, ANOTHER])


@budget(deadline=None)
@given(st.binary(min_size=32, max_size=32), st.sampled_from(["a", "b"]), st.booleans())
def test_any_wrapped_key_comes_back_whichever_key_stands_first(key: bytes, name: str, is_turned: bool) -> None:
    blob = RING.wrap(key, key_id=KEY_ID, owner_id=OWNER, under=name)
    keys = KeyRing([ANOTHER, MASTER]) if is_turned else RING

    assert keys.unwrap(blob, key_id=KEY_ID, owner_id=OWNER) == key


@budget(deadline=None)
@given(st.data())
def test_no_change_to_a_wrapped_key_goes_unseen(data: st.DataObject) -> None:
    blob = RING.wrap(os.urandom(32), key_id=KEY_ID, owner_id=OWNER)
    place = data.draw(st.integers(0, len(blob) - 1))
    if data.draw(st.booleans(), label="cut"):
        blob = blob[:place]
    else:
        blob = blob[:place] + bytes([blob[place] ^ 1 << data.draw(st.integers(0, 7))]) + blob[place + 1 :]

    with pytest.raises(VaultError):
        RING.unwrap(blob, key_id=KEY_ID, owner_id=OWNER)


@budget(deadline=None)
@given(st.binary(max_size=300))
def test_any_bytes_are_no_wrapped_key(blob: bytes) -> None:
    with pytest.raises(VaultError):
        RING.unwrap(blob, key_id=KEY_ID, owner_id=OWNER)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_unknown_version_of_a_wrapped_key_is_named(version: int) -> None:
    blob = RING.wrap(b"k" * 32, key_id=KEY_ID, owner_id=OWNER)

    with pytest.raises(VaultError, match="unknown version"):
        RING.unwrap(bytes([version]) + blob[1:], key_id=KEY_ID, owner_id=OWNER)


def test_wrapped_key_of_another_row_is_refused() -> None:
    blob = RING.wrap(b"k" * 32, key_id=KEY_ID, owner_id=OWNER)

    for key_id, owner_id in ((KEY_ID, uuid4()), (uuid4(), OWNER), (OWNER, KEY_ID)):
        with pytest.raises(VaultError, match="was wrapped for another row"):
            RING.unwrap(blob, key_id=key_id, owner_id=owner_id)
