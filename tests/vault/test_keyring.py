"""The key ring: what it reads, what it wraps, what it refuses."""

import base64
import os
from contextlib import suppress
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from pytest_django.fixtures import Settings

from vault.errors import KeyRingError, VaultError
from vault.keyring import KeyRing, MasterKey, master_key_of, parse, ring

KEY_ID, OWNER = UUID(int=1), UUID(int=2)
DATA_KEY = bytes(range(32))


def encoded(secret: bytes = b"k" * 32) -> str:
    return base64.b64encode(secret).decode()


def key(name: str) -> MasterKey:
    return MasterKey(name, os.urandom(32))


def wrapped_by(*keys: MasterKey) -> bytes:
    return KeyRing(list(keys)).wrap(DATA_KEY, key_id=KEY_ID, owner_id=OWNER)


def test_keys_are_read_newest_first_from_commas_and_line_breaks() -> None:
    keys = parse(f"2026-b:{encoded(b'b' * 32)}, 2026-a:{encoded(b'a' * 32)}\nold:{encoded()}\n")

    assert [each.id for each in keys] == ["2026-b", "2026-a", "old"]
    assert keys[0].secret == b"b" * 32
    assert KeyRing(keys).newest == "2026-b"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("A:x", "a key id has 1 to 16 lower-case letters, digits or hyphens"),
        ("no colon", "a key id has 1 to 16 lower-case letters, digits or hyphens"),
        (f":{encoded()}", "a key id has 1 to 16 lower-case letters, digits or hyphens"),
        ("a-very-long-key-id:x", "a key id has 1 to 16 lower-case letters, digits or hyphens"),
        ("a:not base64", "key no. 1 is not base64"),
        ("a:schlüssel", "key no. 1 is not base64"),
        ("a:", "key no. 1 has 0 bytes and needs 32"),
        (f"a:{encoded(b'short')}", "key no. 1 has 5 bytes and needs 32"),
        (f"a:{encoded(b'x' * 33)}", "key no. 1 has 33 bytes and needs 32"),
    ],
)
def test_malformed_keys_are_named_in_one_line(text: str, words: str) -> None:
    with pytest.raises(KeyRingError) as caught:
        parse(text)

    assert str(caught.value) == f"VAULT_KEYS: {words}."


@given(st.text(max_size=80))
@budget(deadline=None)
def test_any_text_is_keys_or_a_key_ring_error(text: str) -> None:
    with suppress(KeyRingError):
        assert all(len(each.secret) == 32 for each in parse(text))


def test_ring_needs_a_key_and_each_id_once() -> None:
    with pytest.raises(KeyRingError, match="VAULT_KEYS is empty"):
        KeyRing([])
    with pytest.raises(KeyRingError, match="the same key id twice"):
        KeyRing([key("a"), key("a")])


def test_wrapped_key_comes_back_and_names_its_master_key() -> None:
    new, old = key("new"), key("old")
    blob = wrapped_by(old)

    assert master_key_of(blob) == "old"
    assert KeyRing([new, old]).unwrap(blob, key_id=KEY_ID, owner_id=OWNER) == DATA_KEY


def test_newest_key_wraps() -> None:
    assert master_key_of(wrapped_by(key("new"), key("old"))) == "new"


def test_missing_master_key_is_named() -> None:
    blob = wrapped_by(key("old"))

    with pytest.raises(KeyRingError, match="has no master key “old”"):
        KeyRing([key("new")]).unwrap(blob, key_id=KEY_ID, owner_id=OWNER)


def test_another_key_of_the_same_name_does_not_open() -> None:
    blob = wrapped_by(key("a"))

    with pytest.raises(VaultError, match="does not open under master key “a”"):
        KeyRing([key("a")]).unwrap(blob, key_id=KEY_ID, owner_id=OWNER)


@pytest.mark.parametrize(("key_id", "owner_id"), [(KEY_ID, UUID(int=9)), (UUID(int=9), OWNER)])
def test_wrapped_key_moved_to_another_row_is_refused(key_id: UUID, owner_id: UUID) -> None:
    master = key("a")

    with pytest.raises(VaultError, match="was wrapped for another row"):
        KeyRing([master]).unwrap(wrapped_by(master), key_id=key_id, owner_id=owner_id)


def test_no_flipped_byte_or_cut_of_a_wrapped_key_goes_unseen() -> None:
    master = key("a")
    keys, blob = KeyRing([master]), wrapped_by(master)
    changed = [blob[:place] + bytes([blob[place] ^ 1]) + blob[place + 1 :] for place in range(len(blob))]

    for damaged in [*changed, *(blob[:end] for end in range(len(blob))), blob + b"\0"]:
        with pytest.raises(VaultError):
            keys.unwrap(damaged, key_id=KEY_ID, owner_id=OWNER)


def test_secret_key_plays_no_part(settings: Settings) -> None:
    master = key("a")
    blob = wrapped_by(master)

    settings.SECRET_KEY = "another one altogether"

    assert KeyRing([master]).unwrap(blob, key_id=KEY_ID, owner_id=OWNER) == DATA_KEY


def test_master_key_does_not_stand_in_what_it_wraps() -> None:
    master = key("a")

    assert master.secret not in wrapped_by(master)
    assert DATA_KEY not in wrapped_by(master)


def test_ring_is_read_from_a_file(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "vault.keys"
    path.write_text(f"from-file:{encoded()}\n")

    settings.VAULT_KEYS = str(path)

    assert ring().newest == "from-file"
    assert "from-file" in ring()


def test_missing_keys_are_said(settings: Settings) -> None:
    settings.VAULT_KEYS = ""

    with pytest.raises(KeyRingError, match="VAULT_KEYS is not set"):
        ring()


def test_unreadable_file_is_said_without_repeating_what_may_be_a_key(settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "binary").write_bytes(b"\xff\xfe")
    for source in (encoded(), f"/{uuid4()}", str(tmp_path), str(tmp_path / "binary")):
        settings.VAULT_KEYS = source

        with pytest.raises(KeyRingError) as caught:
            ring()

        assert str(caught.value).startswith("VAULT_KEYS is neither id:base64 nor a file that can be read (")
        assert source not in str(caught.value)
