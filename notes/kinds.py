"""What kind of file somebody hands in: told by its content alone, and held to a short list.

A name and a browser's word for a type are never believed. What is not on the list, or is two things at once, is
refused; a name may only end in what the content is, so that nothing turns into a program on somebody's desk.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

import puremagic

from notes.plain_text import encoding_of
from notes.why_not import why_not
from notes.zips import is_locked, is_quiet, members, read, tail_of

NAME_MOST = 120
HEAD = 4096
CHUNK = 64 * 1024


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
    raise NotTaken(why_not(file, head))


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


def _is_pdf(file: IO[bytes], head: bytes) -> bool:
    if not re.match(rb"%PDF-[12]\.\d", head) or "application/pdf" not in _names(head):
        return False
    tail = tail_of(file, 2048)
    return b"startxref" in tail and re.search(rb"%%EOF[\s\0]*\Z", tail) is not None


def _is_png(file: IO[bytes], head: bytes) -> bool:
    is_begun = head.startswith(b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR") and "image/png" in _names(head)
    return is_begun and tail_of(file, 12) == b"\x00\x00\x00\x00IEND\xaeB`\x82"


def _is_jpeg(file: IO[bytes], head: bytes) -> bool:
    # Cameras append data of their own after the end mark, so the end is looked for near the end.
    is_begun = re.match(rb"\xff\xd8\xff[\xc0-\xfe]", head) is not None and "image/jpeg" in _names(head)
    return is_begun and b"\xff\xd9" in tail_of(file, CHUNK)


# What puremagic calls texts that are no more than texts.
_PLAIN = {"", "message/rfc822", "text/plain", "text/csv", "text/markdown", "text/x-markdown", "text/vcard"}


def _is_text(file: IO[bytes], head: bytes) -> bool:
    encoding = encoding_of(file, head)
    if encoding is None:
        return False
    begins = head.decode(encoding, "ignore").encode() if encoding == "utf-16" else head
    return not any(sure >= 0.4 and mime not in _PLAIN for mime, sure in _names(begins).items())


def _is_docx(file: IO[bytes], head: bytes) -> bool:
    archive = members(file, head)
    if archive is None or not is_quiet(archive):
        return False
    types = read(archive, "[Content_Types].xml")
    main = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    is_plain = not re.search(rb"macroenabled|vbaproject|<!doctype|<!entity", types, re.I)
    return main in types and is_plain and "word/document.xml" in archive.namelist()


def _is_odt(file: IO[bytes], head: bytes) -> bool:
    archive = members(file, head)
    if archive is None or not is_quiet(archive):
        return False
    is_said = read(archive, "mimetype") == b"application/vnd.oasis.opendocument.text"
    is_said = is_said and not is_locked(archive)
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
        Kind("text", "plain text", "text/plain", (".txt", ".md"), _is_text),
    )
}
ENDINGS = tuple(ending for kind in KINDS.values() for ending in kind.endings)
