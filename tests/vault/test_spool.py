"""A spool gives back what was appended, and nothing of it stands on the disk as it is."""

import io
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vault.spool import BLOCK, SealedSpool


@settings(max_examples=40, deadline=None)
@given(
    pieces=st.lists(st.integers(0, BLOCK * 2), max_size=4),
    reads=st.lists(st.tuples(st.integers(0, BLOCK * 5), st.integers(0, BLOCK * 2)), max_size=5),
)
def test_it_reads_like_the_file_that_was_written(pieces: list[int], reads: list[tuple[int, int]]) -> None:
    plain = io.BytesIO()
    with SealedSpool() as spool:
        for length in pieces:
            piece = os.urandom(length)
            plain.write(piece)
            spool.append(piece)
        assert spool.size == len(plain.getvalue())
        for start, length in reads:
            assert (spool.seek(start), plain.seek(start)) == (start, start)
            assert spool.read(length) == plain.read(length)
        assert spool.seek(-1, io.SEEK_END) == spool.tell() == max(spool.size - 1, 0)
        spool.seek(0)
        assert spool.readall() == plain.getvalue()


def test_the_file_has_no_name_and_holds_no_plain_byte(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR = tmp_path
    with SealedSpool() as spool:
        spool.append(b"QUIETHERON" * 20_000)
        assert list(tmp_path.iterdir()) == []
        spool._file.seek(0)
        on_disk = spool._file.read()
    assert len(on_disk) == 3 * (BLOCK + 16)
    assert b"QUIETHERON" not in on_disk


def test_nothing_of_a_closed_spool_can_be_read() -> None:
    spool = SealedSpool()
    spool.append(b"kind")
    spool.close()
    spool.close()
    with pytest.raises(ValueError, match="closed"):
        spool.read(1)
    assert spool._unsealed == b""
