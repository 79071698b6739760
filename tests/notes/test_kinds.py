"""Which files are taken: by their content alone, and with a name that agrees."""

import io
import re
import struct
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from notes.kinds import ENDINGS, KINDS, NAME_MOST, NotTaken, fitting_name, kind_of
from notes.models import Attachment
from tests.notes.samples import HTML, JPEG, OTHER_TEXTS, PDF, PNG, REASONS, REFUSED, TAKEN, WORD

DANGEROUS = (
    b"MZ", b"\x7fELF", b"#!", b"<html", b"<!DOCTYPE html", b"<svg", b"<?xml", b"<script", b"PK\x03\x04",
    b"\xd0\xcf\x11\xe0", b"\xca\xfe\xba\xbe", b"GIF8", b"Rar!", b"7z\xbc\xaf",
)  # fmt: skip


@pytest.mark.parametrize("key", sorted(TAKEN))
def test_each_kind_is_told_by_its_content(key: str) -> None:
    assert kind_of(io.BytesIO(TAKEN[key])).key == key


def test_every_kind_has_a_sample_and_a_column_value() -> None:
    assert set(KINDS) == set(TAKEN) == set(Attachment.Kind.values)


@pytest.mark.parametrize("what", sorted(REFUSED))
def test_anything_else_is_refused(what: str) -> None:
    with pytest.raises(NotTaken) as refusal:
        kind_of(io.BytesIO(REFUSED[what]))
    assert str(refusal.value) == REASONS[what]


def test_every_refusal_has_a_reason() -> None:
    assert set(REASONS) == set(REFUSED)


@pytest.mark.parametrize("encoding", sorted(OTHER_TEXTS))
def test_plain_text_is_taken_in_the_encodings_of_desks(encoding: str) -> None:
    assert kind_of(io.BytesIO(OTHER_TEXTS[encoding])).key == "text"


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
@pytest.mark.parametrize("at", range(40, 90, 5))
def test_a_document_that_is_damaged_inside_is_refused(at: int, method: int) -> None:
    types = b"<Types>" + WORD.encode() * 20 + b"</Types>"
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", method) as archive:
        archive.writestr("[Content_Types].xml", types)
        archive.writestr("word/document.xml", "<w/>")
    whole = packed.getvalue()
    assert kind_of(io.BytesIO(whole)).key == "docx"

    with pytest.raises(NotTaken):
        kind_of(io.BytesIO(whole[:at] + bytes(byte ^ 0xFF for byte in whole[at : at + 12]) + whole[at + 12 :]))


def test_a_long_list_of_members_is_not_even_read() -> None:
    """To list them takes seconds, and many times the file's memory."""
    member = struct.pack("<4s4B4HL2L5H2L", b"PK\x01\x02", 20, 0, 20, *[0] * 8, 1, *[0] * 6) + b"a"
    many, begin = member * 200_000, b"PK\x03\x04" + bytes(40)
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 0, 0, len(many), len(begin), 0)
    began = time.perf_counter()

    with pytest.raises(NotTaken):
        kind_of(io.BytesIO(begin + many + end))

    assert time.perf_counter() - began < 0.5


@pytest.mark.parametrize(
    "text",
    ["BM is how I begin.", "MZ and I spoke.", "<3 was what she drew.", "From: a@example.org\n\nDear Sam", "a < b > c",
     "ID3", "The PDF begins with %PDF-1.4.", "I feel <b>better</b>.", "PK"],
)  # fmt: skip
def test_prose_is_no_program(text: str) -> None:
    assert kind_of(io.BytesIO(text.encode())).key == "text"


def test_a_real_picture_is_known() -> None:
    icon = next(Path("docs/img").glob("*.png"))
    assert kind_of(io.BytesIO(icon.read_bytes())).key == "png"


@settings(max_examples=200, deadline=None)
@given(start=st.sampled_from(DANGEROUS), rest=st.binary(max_size=300), end=st.sampled_from([b"", PDF, PNG, JPEG, HTML]))
@example(start=b"MZ", rest=b"", end=b"")
def test_what_begins_dangerously_passes_as_words_at_most(start: bytes, rest: bytes, end: bytes) -> None:
    """Some letters alone may be prose; then nothing but readable text can follow."""
    try:
        kind = kind_of(io.BytesIO(start + rest + end))
    except NotTaken:
        return
    assert kind.key == "text"
    assert re.search(rb"[\x00-\x08\x0b\x0e-\x1f\x7f]", start + rest + end) is None


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("Letter.pdf", "Letter.pdf"),
        ("LETTER.PDF", "LETTER.PDF"),
        ("scan", "scan.pdf"),
        ("Letter of 3. March", "Letter of 3. March.pdf"),
        ("x.exe.pdf", "x.exe.pdf"),
        ("/etc/passwd.pdf", "passwd.pdf"),
        ("..\\..\\windows\\a.pdf", "a.pdf"),
        (".pdf", "File.pdf"),
        ("", "File.pdf"),
        ("...", "File.pdf"),
        ("two\r\nlines\x00.pdf", "twolines.pdf"),
        ("  much   space .pdf", "much space.pdf"),
        ("🕊️🌿.pdf", "🕊️🌿.pdf"),
        ("מכתב.pdf", "מכתב.pdf"),
        ("invoice\u202efdp.pdf", "invoicefdp.pdf"),
        ("e\u0301te\u0301.pdf", "été.pdf"),
        ("a" * 400 + ".pdf", "a" * (NAME_MOST - 4) + ".pdf"),
        ("愛" * 400, "愛" * (NAME_MOST - 4) + ".pdf"),
    ],
)
def test_a_name_is_cleaned_and_keeps_its_ending(given: str, kept: str) -> None:
    assert fitting_name(given, KINDS["pdf"]) == kept


@pytest.mark.parametrize(
    "name", ["x.pdf.exe", "x.PDF.Exe", "x.html", "x.pdf\u202e.exe", "x.pdf.exe.", "x.txt", "x.pdf.ps1~"]
)
def test_a_name_that_ends_otherwise_is_refused(name: str) -> None:
    with pytest.raises(NotTaken, match="Please rename it to end in .pdf"):
        fitting_name(name, KINDS["pdf"])


@given(name=st.text(max_size=300), key=st.sampled_from(sorted(KINDS)))
def test_whatever_a_name_holds_it_ends_as_its_kind(name: str, key: str) -> None:
    try:
        kept = fitting_name(name, KINDS[key])
    except NotTaken:
        return
    assert kept.lower().endswith(KINDS[key].endings)
    assert kept.lower().endswith(ENDINGS)
    assert len(kept) <= NAME_MOST
    assert kept == fitting_name(kept, KINDS[key])
    assert not any(char in kept for char in "/\\\r\n\0\u202e\u2066")
