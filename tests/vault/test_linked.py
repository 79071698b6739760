"""Words under a key that only a link holds: they open with its token, in their place, whole, and otherwise not."""

import secrets
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.errors import VaultError
from vault.linked import open_with_token, seal_with_token
from vault.sealing import Place

TOKEN = "A-token_of_43_characters_aaaaaaaaaaaaaaaaaa"
PLACE = Place("exercises.Answer", "kept", UUID(int=1), UUID(int=2))
OVERHEAD = 1 + 12 + 16
TEXTS = st.text(st.characters(codec="utf-8"), max_size=2000)


def sealed(text: str = "Dear me,") -> bytes:
    return seal_with_token(text, token=TOKEN, place=PLACE)


@given(TEXTS)
@settings(deadline=None)
def test_any_text_comes_back_as_it_went_in(text: str) -> None:
    assert open_with_token(sealed(text), token=TOKEN, place=PLACE) == text


@pytest.mark.parametrize(
    "text", ["", "\0", "👩🏽‍🦽 Zoë 🌿", "שלום, זהרה", "x" * 252, "x" * 253, "ü" * 300_000], ids=ascii
)
def test_odd_texts_come_back_as_they_went_in(text: str) -> None:
    assert open_with_token(sealed(text), token=TOKEN, place=PLACE) == text


@pytest.mark.parametrize(
    "token", ["", TOKEN[:-1], TOKEN + "a", TOKEN.swapcase(), secrets.token_urlsafe(32)],
    ids=["none", "cut", "grown", "case", "another"],
)  # fmt: skip
def test_another_token_opens_nothing(token: str) -> None:
    with pytest.raises(VaultError):
        open_with_token(sealed(), token=token, place=PLACE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        replace(PLACE, row_id=UUID(int=3)),
        replace(PLACE, owner_id=UUID(int=3)),
        replace(PLACE, column="values"),
        replace(PLACE, model="exercises.Draft"),
    ],
    ids=["another row", "another client", "another column", "another model"],
)
def test_in_another_place_it_does_not_open(elsewhere: Place) -> None:
    with pytest.raises(VaultError):
        open_with_token(sealed(), token=TOKEN, place=elsewhere)


def test_with_any_bit_flipped_it_does_not_open() -> None:
    blob = sealed()
    for number in range(len(blob)):
        with pytest.raises(VaultError):
            open_with_token(_flipped(blob, number), token=TOKEN, place=PLACE)


def _flipped(blob: bytes, number: int) -> bytes:
    changed = bytearray(blob)
    changed[number] ^= 1 << number % 8
    return bytes(changed)


def test_cut_off_it_does_not_open() -> None:
    blob = sealed()
    for length in (0, 1, 13, 14, 29, len(blob) - 1):
        with pytest.raises(VaultError):
            open_with_token(blob[:length], token=TOKEN, place=PLACE)


def test_what_it_raises_says_no_word_and_no_token() -> None:
    with pytest.raises(VaultError) as raised:
        open_with_token(_flipped(sealed("Dear me,"), 40), token=TOKEN, place=PLACE)
    assert ("Dear" in str(raised.value), TOKEN in str(raised.value)) == (False, False)


def test_two_seals_of_one_text_differ() -> None:
    blobs = {sealed() for _ in range(50)}
    assert (len(blobs), len({blob[1:13] for blob in blobs})) == (50, 50)


@pytest.mark.parametrize(("length", "blocks"), [(0, 1), (1, 1), (252, 1), (253, 2), (508, 2), (509, 3)])
def test_length_says_only_how_many_blocks_of_256(length: int, blocks: int) -> None:
    assert len(sealed("x" * length)) - OVERHEAD == 256 * blocks
