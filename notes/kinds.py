"""What kind of file somebody hands in: told by its content alone, and held to a short list.

A name and a browser's word for a type are never believed. What is not on the list, or is two things at once, is
refused; a name may only end in what the content is, so that nothing turns into a program on somebody's desk.
"""

import codecs
import lzma
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic

NAME_MOST = 120
HEAD = 4096
CHUNK = 64 * 1024
# Listing a ZIP's members must not cost more than reading the file.
MEMBERS_MOST = 4096
LIST_MOST = 128 * MEMBERS_MOST
MEMBER_MOST = 1024 * 1024

TAKEN = (
    "By its content this file is of no kind that can be taken. Nor are documents with a password or with macros, or"
    " text that is not UTF-8."
)


class NotTaken(Exception):
    """The file is of no kind on the list. Its words are for whoever chose it."""


@dataclass(frozen=True)
class Kind:
    """A kind of file: what it is called, which names fit it, and how its content is told."""

    key: str
    label: str
    mime: str
    endings: tuple[str, ...]
    holds: Callable[[IO[bytes], bytes], bool]


def kind_of(file: IO[bytes]) -> Kind:
    """Return the kind of a file by its content. Raise NotTaken."""
    file.seek(0)
    head = file.read(HEAD)
    for kind in KINDS.values():
        if kind.holds(file, head):
            return kind
    raise NotTaken(TAKEN)


def fitting_name(name: str, kind: Kind) -> str:
    """Return a name without path, control and direction marks, of at most 120 characters, ending as its kind does.

    Raise NotTaken where it ends otherwise: a browser, and the desk it lands on, go by the name.
    """
    bare = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    # Cc: control; Cf: marks that turn the reading direction around and make "exe.pdf" look like "fdp.exe".
    kept = "".join(
        char for char in bare if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
    )
    clean = " ".join(kept.split()).rstrip(". ")
    stem, ending = _split(clean)
    if ending and ending.lower() not in kind.endings:
        said = " or ".join(kind.endings)
        raise NotTaken(f"The name ends in {ending}, and the file is {kind.label}. Please rename it to end in {said}.")
    ending = ending or kind.endings[0]
    return (stem[: NAME_MOST - len(ending)].strip(". ") or "File") + ending


def _split(name: str) -> tuple[str, str]:
    """Return stem and ending; "Letter of 3. March" has none."""
    found = re.fullmatch(r"(.*?)(\.[A-Za-z0-9_~-]{1,10})", name)
    return (found[1], found[2]) if found else (name, "")


# --- what holds a kind ------------------------------------------------------------------------------
def _names(head: bytes) -> dict[str, float]:
    """Return what puremagic takes the first bytes for: media types, and how sure it is."""
    try:
        return {match.mime_type: match.confidence for match in reversed(puremagic.magic_string(head))}
    except puremagic.PureError:
        return {}


def _tail(file: IO[bytes], length: int) -> bytes:
    size = file.seek(0, 2)
    file.seek(max(size - length, 0))
    return file.read(length)


def _is_pdf(file: IO[bytes], head: bytes) -> bool:
    if not re.match(rb"%PDF-[12]\.\d", head) or "application/pdf" not in _names(head):
        return False
    tail = _tail(file, 2048)
    return b"startxref" in tail and re.search(rb"%%EOF[\s\0]*\Z", tail) is not None


def _is_png(file: IO[bytes], head: bytes) -> bool:
    is_begun = head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and "image/png" in _names(head)
    return is_begun and _tail(file, 12) == b"\x00\x00\x00\x00IEND\xaeB`\x82"


def _is_jpeg(file: IO[bytes], head: bytes) -> bool:
    # Cameras append data of their own after the end mark, so the end is looked for near the end.
    is_begun = re.match(rb"\xff\xd8\xff[\xc0-\xfe]", head) is not None and "image/jpeg" in _names(head)
    return is_begun and b"\xff\xd9" in _tail(file, CHUNK)


_MARKUP = re.compile(
    r"<\s*/?(?:!doctype|!entity|\?xml|\?php|(?:html|head|body|script|svg|iframe|object|embed|meta)\b)", re.I
)
_OVERLAP = 32
# What puremagic calls texts that are no more than texts.
_PLAIN = {"", "message/rfc822", "text/plain", "text/csv", "text/markdown", "text/x-markdown", "text/vcard"}


def _is_text(file: IO[bytes], head: bytes) -> bool:
    """Tell UTF-8 without control characters, without markup that a browser would run, without a script's first line."""
    if re.match(rb"\s*(?:\Z|#!|@echo|%PDF-|<[a-z!?/])", head.removeprefix(codecs.BOM_UTF8), re.I):
        return False
    if any(sure >= 0.4 and mime not in _PLAIN for mime, sure in _names(head).items()):
        return False
    decoder, before = codecs.getincrementaldecoder("utf-8")(), ""
    file.seek(0)
    while True:
        raw = file.read(CHUNK)
        try:
            text = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError:
            return False
        if re.search(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]", text) or _MARKUP.search(before + text):
            return False
        if not raw:
            return True
        before = text[-_OVERLAP:]


def _has_short_list(file: IO[bytes]) -> bool:
    """Tell by a ZIP's last 22 bytes whether its list is small enough to be read; a ZIP64 says that elsewhere."""
    tail = _tail(file, 42)
    locator, end = tail[:-22], tail[-22:]
    return (
        end.startswith(b"PK\x05\x06")
        and not locator.startswith(b"PK\x06\x07")
        and int.from_bytes(end[12:16], "little") <= LIST_MOST
    )


def _members(file: IO[bytes], head: bytes) -> zipfile.ZipFile | None:
    """Return a ZIP that is nothing else: it begins with its first member and ends with its list."""
    if not head.startswith(b"PK\x03\x04") or not _has_short_list(file):
        return None
    try:
        archive = zipfile.ZipFile(file)
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return None
    members = archive.infolist()
    is_whole = bool(members) and min(each.header_offset for each in members) == 0 and not archive.comment
    return archive if is_whole and len(members) <= MEMBERS_MOST else None


# What a member can be: missing, damaged in the ZIP or in its packing (each method has an error of its own), locked.
_UNREADABLE = (
    KeyError, zipfile.BadZipFile, zlib.error, lzma.LZMAError, RuntimeError, NotImplementedError, ValueError, OSError,
    EOFError,
)  # fmt: skip


def _read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a small member; nothing for one that is missing, large, locked or damaged."""
    try:
        if archive.getinfo(name).file_size > MEMBER_MOST:
            return b""
        with archive.open(name) as member:
            return member.read(MEMBER_MOST)
    except _UNREADABLE:
        return b""


_ACTIVE = re.compile(r"vba|macro|activex|oleobject|(?:^|/)(?:basic|scripts)/|\.(?:bin|exe|dll|js|vbs|html?)$", re.I)


def _is_quiet(archive: zipfile.ZipFile) -> bool:
    """Tell whether a document carries nothing that runs, and nothing that escapes its folder."""
    names = archive.namelist()
    return not any(_ACTIVE.search(name) or name.startswith("/") or ".." in name for name in names)


def _is_docx(file: IO[bytes], head: bytes) -> bool:
    archive = _members(file, head)
    if archive is None or not _is_quiet(archive):
        return False
    types = _read(archive, "[Content_Types].xml")
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    is_plain = not re.search(rb"macroenabled|vbaproject|<!doctype|<!entity", types, re.I)
    return main in types and is_plain and "word/document.xml" in archive.namelist()


def _is_odt(file: IO[bytes], head: bytes) -> bool:
    archive = _members(file, head)
    if archive is None or not _is_quiet(archive):
        return False
    is_said = _read(archive, "mimetype") == b"application/vnd.oasis.opendocument.text"
    return is_said and archive.infolist()[0].filename == "mimetype" and "content.xml" in archive.namelist()


_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
KINDS = {
    kind.key: kind
    for kind in (
        Kind("pdf", "a PDF", "application/pdf", (".pdf",), _is_pdf),
        Kind("png", "a PNG picture", "image/png", (".png",), _is_png),
        Kind("jpeg", "a JPEG picture", "image/jpeg", (".jpg", ".jpeg"), _is_jpeg),
        Kind("docx", "a Word document", _WORD, (".docx",), _is_docx),
        Kind("odt", "an OpenDocument text", "application/vnd.oasis.opendocument.text", (".odt",), _is_odt),
        Kind("text", "plain text", "text/plain; charset=utf-8", (".txt", ".md"), _is_text),
    )
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)
