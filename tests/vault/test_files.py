"""Sealed files: whole or refused, chunk by chunk, and gone when they should be."""

import os
import time
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import settings as budget
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from vault import files
from vault.errors import DataKeyMissing, VaultError
from vault.files import CHUNK, PAYLOAD, check_file, keep, open_file, path_of, remove, remove_all
from vault.models import DataKey, SealedFile
from vault.sealing import Place
from vault.services import cache, create_data_key, destroy_data_key
from vault.sweeping import rowless, sweep
from vault.tasks import sweep_files

HEAD = 1 + 16 + 32 + 7
SEALED = CHUNK + 16


def a_place(**fields: UUID) -> Place:
    place = Place("notes.Attachment", "file", uuid4(), fields.get("owner_id") or uuid4())
    if "owner_id" not in fields:
        create_data_key(place.owner_id)
    return place


def text(size: int) -> bytes:
    return (b"in confidence " * (size // 14 + 1))[:size]


def kept(size: int, place: Place) -> SealedFile:
    return keep([text(size)], place=place)


def chunks_of(blob: bytes) -> list[bytes]:
    return [blob[start : start + SEALED] for start in range(HEAD, len(blob), SEALED)]


def read(file: SealedFile, place: Place) -> bytes:
    return b"".join(open_file(file, place=place))


def read_until_refused(file: SealedFile, place: Place) -> bytes:
    """Return what was given before the refusal."""
    given_out = bytearray()
    with pytest.raises(VaultError):  # noqa: PT012 - what came before it is what we ask for
        for piece in open_file(file, place=place):
            given_out += piece
    return bytes(given_out)


@pytest.mark.django_db
@pytest.mark.parametrize("size", [0, 1, PAYLOAD - 1, PAYLOAD, PAYLOAD + 1, 5 * PAYLOAD, 9 * PAYLOAD + 17])
def test_file_comes_back_as_it_went_in(size: int) -> None:
    place = a_place()

    file = kept(size, place)

    assert read(file, place) == text(size)
    assert check_file(file, place=place) == size
    assert file.place == place


class AnyFile(TestCase):
    @budget(deadline=None, max_examples=25)
    @given(st.lists(st.binary(max_size=200) | st.just(text(PAYLOAD)) | st.just(text(3 * PAYLOAD + 5)), max_size=5))
    def test_however_it_is_cut_when_it_comes_in(self, pieces: list[bytes]) -> None:
        place = a_place()

        assert read(keep(pieces, place=place), place) == b"".join(pieces)


@pytest.mark.django_db
def test_nothing_of_it_stands_on_the_disk_or_in_its_name() -> None:
    place = a_place()
    file = kept(100_000, place)
    path = path_of(file)

    assert b"confidence" not in path.read_bytes()
    assert path == files.folder() / file.id.hex[:2] / str(file.id)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [folder.stat().st_mode & 0o777 for folder in (path.parent, files.folder())] == [0o700, 0o700]
    assert [other.name for other in path.parent.iterdir() if other.name.startswith(".")] == []


@pytest.mark.django_db
def test_size_says_little() -> None:
    place = a_place()
    sizes = {size: path_of(kept(size, place)).stat().st_size for size in (0, 1, PAYLOAD)}
    large = path_of(kept(33 * PAYLOAD, place)).stat().st_size

    assert set(sizes.values()) == {HEAD + SEALED}
    assert large == HEAD + 36 * SEALED
    assert all(count <= files._padded_count(count) <= count * 1.12 for count in range(1, 5000))


@pytest.mark.django_db
def test_two_seals_of_one_file_share_nothing() -> None:
    place = a_place()
    first, second = (path_of(kept(10, place)).read_bytes() for _ in range(2))

    assert first[:17] == second[:17]  # version and data key
    assert first[17:HEAD] != second[17:HEAD]
    assert first[HEAD:] != second[HEAD:]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "given_out"),
    [
        (lambda head, chunks: head + b"".join(chunks[:-1]), 1),
        (lambda head, chunks: head + b"".join(chunks)[:-1], 0),
        (lambda head, chunks: head, 0),
        (lambda head, chunks: head[:20], 0),
        (lambda head, chunks: b"", 0),
        (lambda head, chunks: head + b"".join(chunks) + b"\0", 0),
        (lambda head, chunks: head + b"".join(chunks) + chunks[-1], 2),
        (lambda head, chunks: head + chunks[0] + chunks[2] + chunks[1], 1),
        (lambda head, chunks: head + chunks[0] + chunks[0] + chunks[2], 1),
        (lambda head, chunks: head + chunks[1] + chunks[2], 0),
        (lambda head, chunks: b"\x02" + head[1:] + b"".join(chunks), 0),
        (lambda head, chunks: b"\0" * (HEAD + SEALED), 0),
    ],
    ids=[
        "last chunk cut off", "cut short", "head alone", "half a head", "empty", "a byte more", "last chunk twice",
        "reordered", "repeated", "first chunk gone", "unknown version", "zeros",
    ],
)  # fmt: skip
def test_changed_file_is_refused_before_a_byte_of_the_bad_chunk(
    change: Callable[[bytes, list[bytes]], bytes], given_out: int
) -> None:
    place = a_place()
    file = kept(3 * PAYLOAD, place)
    blob = path_of(file).read_bytes()

    path_of(file).write_bytes(change(blob[:HEAD], chunks_of(blob)))

    assert read_until_refused(file, place) == text(3 * PAYLOAD)[: given_out * PAYLOAD]
    with pytest.raises(VaultError):
        check_file(file, place=place)


@pytest.mark.django_db
def test_chunk_of_another_file_of_the_same_owner_is_refused() -> None:
    place = a_place()
    file, other = kept(3 * PAYLOAD, place), kept(3 * PAYLOAD, place)
    blob, foreign = path_of(file).read_bytes(), path_of(other).read_bytes()

    path_of(file).write_bytes(blob[: HEAD + SEALED] + foreign[HEAD + SEALED :])

    assert read_until_refused(file, place) == text(PAYLOAD)


@pytest.mark.django_db
def test_file_put_in_place_of_another_is_refused() -> None:
    place = a_place()
    file, other = kept(10, place), kept(10, place)

    path_of(file).write_bytes(path_of(other).read_bytes())

    assert read_until_refused(file, place) == b""


@pytest.mark.django_db
@pytest.mark.parametrize("part", ["row_id", "column", "model", "owner_id"])
def test_file_does_not_open_for_another_place(part: str) -> None:
    place = a_place()
    elsewhere: dict[str, Any] = {
        "row_id": uuid4(), "column": "scan", "model": "notes.Note", "owner_id": a_place().owner_id,
    }  # fmt: skip
    file = kept(10, place)

    with pytest.raises(VaultError):
        open_file(file, place=replace(place, **{part: elsewhere[part]}))


class AnyDamage(TestCase):
    @budget(deadline=None, max_examples=60)
    @given(st.data())
    def test_no_flipped_bit_or_cut_goes_unseen(self, data: st.DataObject) -> None:
        place = a_place()
        file = kept(20, place)
        blob = bytearray(path_of(file).read_bytes())
        if data.draw(st.booleans()):
            blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
        else:
            del blob[data.draw(st.integers(0, len(blob) - 1)) :]

        path_of(file).write_bytes(blob)

        assert read_until_refused(file, place) == b""


@pytest.mark.django_db
def test_missing_file_is_said() -> None:
    place = a_place()
    file = kept(10, place)
    path_of(file).unlink()

    with pytest.raises(VaultError, match=r"cannot be read \(No such file or directory\)"):
        open_file(file, place=place)


@pytest.mark.django_db
def test_erased_key_closes_the_file() -> None:
    place = a_place()
    file = kept(10, place)

    destroy_data_key(place.owner_id)

    with pytest.raises(DataKeyMissing):
        open_file(file, place=place)


@pytest.mark.django_db
def test_large_file_is_never_whole_in_memory() -> None:
    place = a_place()
    piece = os.urandom(CHUNK)
    tracemalloc.start()
    try:
        file = keep((piece for _ in range(320)), place=place)  # 20 MB
        assert check_file(file, place=place) == 320 * CHUNK
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert peak < 2_000_000
    path_of(file).unlink()


@pytest.mark.django_db
def test_upload_that_breaks_off_leaves_nothing() -> None:
    def broken() -> Iterator[bytes]:
        yield text(PAYLOAD + 1)
        raise ConnectionError("the line is gone")

    before = on_disk()
    with pytest.raises(ConnectionError):
        keep(broken(), place=a_place())

    assert SealedFile.objects.count() == 0
    assert on_disk() == before


def on_disk() -> set[Path]:
    return {path for path in files.folder().rglob("*") if path.is_file()}


def age(path: Path, days: float) -> None:
    then = time.time() - days * 86_400
    os.utime(path, (then, then))


@pytest.mark.django_db(transaction=True)
def test_file_goes_when_the_removal_is_committed() -> None:
    place = a_place()
    file = kept(10, place)
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 - what is rolled back
        remove(file)
        raise RuntimeError
    assert read(file, place) == text(10)

    remove(file)

    assert path_of(file).exists() is False
    assert SealedFile.objects.exists() is False


@pytest.mark.django_db(transaction=True)
def test_all_files_of_one_owner_go_and_nobody_elses() -> None:
    place, other = a_place(), a_place()
    mine = [kept(10, place), kept(10, place)]
    theirs = kept(10, other)

    assert remove_all(place.owner_id) == 2

    assert [path_of(file).exists() for file in mine] == [False, False]
    assert read(theirs, other) == text(10)


@pytest.mark.django_db(transaction=True)
def test_file_of_a_transaction_that_rolled_back_is_known_after_an_hour_and_swept_after_a_month() -> None:
    place = a_place()
    stays = kept(10, place)
    age(path_of(stays), days=3)
    with pytest.raises(RuntimeError), transaction.atomic():  # noqa: PT012 - what is rolled back
        orphan = path_of(kept(10, place))
        raise RuntimeError

    assert sweep() == 0
    age(orphan, days=0.05)
    assert [path for path, _ in rowless()] == [orphan]
    assert sweep() == 0
    age(orphan, days=31)
    sweep_files()

    assert orphan.exists() is False
    assert read(stays, place) == text(10)


@pytest.mark.django_db
def test_unfinished_file_is_swept_too() -> None:
    path = path_of(kept(10, a_place()))
    unfinished = path.with_name(f".{uuid4()}")
    unfinished.write_bytes(b"")
    age(unfinished, days=0.05)

    assert sweep() == 1
    assert path.exists()


@pytest.mark.django_db
def test_file_of_another_copy_of_the_database_stays_for_a_month() -> None:
    """An older backup has been restored, and the newer one may be next: its files wait for it."""
    place = a_place()
    file = kept(10, place)
    SealedFile.objects.all().delete()
    destroy_data_key(place.owner_id)
    cache.forget()
    path = path_of(file)
    age(path, days=400)
    assert sweep() == 0
    age(path, days=29)
    assert sweep() == 0

    age(path, days=31)

    assert sweep() == 1
    assert path.exists() is False


@pytest.mark.django_db
def test_file_that_belongs_here_again_is_foreign_for_the_first_time_later() -> None:
    place = a_place()
    file = kept(10, place)
    path, key = path_of(file), DataKey.objects.get(owner_id=place.owner_id)
    for _ in range(2):
        age(path, days=400)
        SealedFile.objects.all().delete()
        destroy_data_key(place.owner_id)
        assert sweep() == 0
        age(path, days=20)
        key.save(force_insert=True)  # as a restore brings them back
        file.save(force_insert=True)
        assert sweep() == 0
        assert read(file, place) == text(10)
    path.unlink()


@pytest.mark.django_db(transaction=True)
def test_a_disk_that_refuses_keeps_nothing_else_from_following_the_commit() -> None:
    place = a_place()
    refused, goes = kept(10, place), kept(10, place)
    path_of(refused).unlink()
    path_of(refused).mkdir()
    followed = []

    with transaction.atomic():
        remove(refused)
        remove(goes)
        transaction.on_commit(lambda: followed.append(True))

    assert (followed, path_of(goes).exists()) == ([True], False)
    path_of(refused).rmdir()
