"""The sealed format: opens where it was sealed, whole, and nowhere else."""

from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.errors import VaultError
from vault.sealing import Blob, Place, key_id_of, seal, unseal

KEY = bytes(range(32))
KEY_ID = UUID(int=7)
PLACE = Place("notes.Note", "text", UUID(int=1), UUID(int=2))
OVERHEAD = 1 + 16 + 12 + 16

texts = st.text(st.characters(codec="utf-8"), max_size=2000)


def sealed(text: str) -> Blob:
    return seal(text, key_id=KEY_ID, key=KEY, place=PLACE)


@given(texts)
@settings(deadline=None)
def test_any_text_comes_back_as_it_went_in(text: str) -> None:
    assert unseal(sealed(text), key=KEY, place=PLACE) == text


@pytest.mark.parametrize(
    "text", ["", "\0", "a\0b\0", "👩🏽‍🦽 Zoë 🌿", "\r\n\t ", "x" * 252, "x" * 253, "ü" * 300_000], ids=ascii
)
def test_odd_texts_come_back_as_they_went_in(text: str) -> None:
    assert unseal(sealed(text), key=KEY, place=PLACE) == text


@pytest.mark.parametrize(("length", "blocks"), [(0, 1), (1, 1), (252, 1), (253, 2), (508, 2), (509, 3)])
def test_length_says_only_how_many_blocks_of_256(length: int, blocks: int) -> None:
    assert len(sealed("x" * length)) - OVERHEAD == 256 * blocks


def test_two_seals_of_one_text_differ() -> None:
    first, second = sealed("the same"), sealed("the same")

    assert first != second
    assert first[:17] == second[:17]  # version and key id
    assert first[17:29] != second[17:29]  # nonce


def test_blob_names_its_data_key() -> None:
    assert key_id_of(sealed("x"), PLACE) == KEY_ID


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, row_id=UUID(int=3)),
        replace(PLACE, column="question"),
        replace(PLACE, owner_id=UUID(int=3)),
        replace(PLACE, model="notes.Draft"),
        Place("notes.Not", "etext", PLACE.row_id, PLACE.owner_id),
        replace(PLACE, row_id=PLACE.owner_id, owner_id=PLACE.row_id),
    ],
    ids=["row", "column", "owner", "model", "shifted letters", "row and owner swapped"],
)
def test_blob_does_not_open_in_another_place(elsewhere: Place) -> None:
    with pytest.raises(VaultError, match="does not open"):
        unseal(sealed("in confidence"), key=KEY, place=elsewhere)


def test_blob_does_not_open_under_another_key() -> None:
    with pytest.raises(VaultError, match="does not open"):
        unseal(sealed("in confidence"), key=bytes(32), place=PLACE)


@given(st.data())
@settings(deadline=None)
def test_no_flipped_bit_goes_unseen(data: st.DataObject) -> None:
    blob = bytearray(sealed("in confidence"))
    # The key id (bytes 1 to 16) chooses the key; the field compares it with the owner's.
    place = data.draw(st.sampled_from([0, *range(17, len(blob))]))
    blob[place] ^= 1 << data.draw(st.integers(0, 7))

    with pytest.raises(VaultError):
        unseal(bytes(blob), key=KEY, place=PLACE)


def test_no_cut_goes_unseen() -> None:
    blob = sealed("in confidence " * 40)

    for end in range(len(blob)):
        with pytest.raises(VaultError):
            unseal(blob[:end], key=KEY, place=PLACE)


def test_more_bytes_than_were_sealed_do_not_open() -> None:
    with pytest.raises(VaultError, match="does not open"):
        unseal(sealed("x") + b"\0", key=KEY, place=PLACE)


@pytest.mark.parametrize("version", [0, 2, 255])
def test_unknown_version_is_named(version: int) -> None:
    with pytest.raises(VaultError, match="unknown version"):
        unseal(bytes([version]) + sealed("x")[1:], key=KEY, place=PLACE)


@given(st.binary(max_size=700))
@settings(deadline=None)
def test_any_bytes_give_a_vault_error(blob: bytes) -> None:
    with pytest.raises(VaultError):
        unseal(blob, key=KEY, place=PLACE)


def test_what_is_wrong_is_said_without_the_text() -> None:
    with pytest.raises(VaultError) as caught:
        unseal(sealed("Marigold said"), key=bytes(32), place=PLACE)

    assert str(caught.value) == f"notes.Note.text of row {UUID(int=1)}: sealed text does not open."
