"""Why a file is not taken, and what to do instead: one reason for each case, in words of a desk."""

import re
import zipfile
from typing import IO

from notes.plain_text import CHUNK, MARKUP
from notes.zips import is_locked, is_quiet, members, read

BLANK = "There are no words in this file."
PROGRAM = "This file is a program or a script, whatever its name says. Those are not taken."
WEB_PAGE = "This is a web page, or has the code of one in it. Please print it to a PDF, and add that."
MACROS = (
    "This document has macros or other parts in it that can run. Please save it as .docx (Word) or .odt (OpenDocument)"
    " without them, and add that."
)
LOCKED = (
    "This document has a password. Please save it without one, and add that: every file is encrypted as it arrives."
)
ARCHIVE = "This is an archive. Please unpack it, and add the files in it one by one."
OLD_OFFICE = "This is an Office file of the older kind. Please save it as .docx or as a PDF, and add that."
OTHER_OFFICE = "This is a table, slides or a template. Please save it as a PDF, and add that."
RICH_TEXT = "This is rich text (RTF). Please save it as .docx or as a PDF, and add that."
OTHER_PICTURE = "This is a picture of a kind that is not taken. Please save it as JPEG or PNG, and add that."
SOUND_OR_FILM = "This is a sound or a film. Those are not taken."
BROKEN = "This file is damaged, or a part of it is missing. Please save or export it once more, and add that."
UNKNOWN = (
    "It is not plain what kind of file this is. PDF, JPEG, PNG, plain text, Word (.docx) and OpenDocument text (.odt)"
    " can be taken: please save it as one of these."
)

# The first bytes of what people hand in by mistake.
_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (rb"\s*\Z", BLANK),
    (rb"MZ|\x7fELF|\xca\xfe\xba\xbe|[\xce\xcf]\xfa\xed\xfe|\s*(?:#!|(?i:@echo)\b)", PROGRAM),
    (rb"\s*%PDF-|\x89PNG|\xff\xd8\xff", BROKEN),
    (rb"\x1f\x8b|Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|.{257}ustar", ARCHIVE),
    (rb"\{\\rtf", RICH_TEXT),
    (rb"\s*<[A-Za-z!?/]", WEB_PAGE),
    (rb"GIF8|BM.{4}\0{4}|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(?:hei|hev|mif|msf|avif)", OTHER_PICTURE),
    (rb"ID3|OggS|fLaC|RIFF.{4}(?:WAVE|AVI)|.{4}ftyp|\x1a\x45\xdf\xa3|\xff[\xf2\xf3\xfb]", SOUND_OR_FILM),
)
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LOCKED_INSIDE = "EncryptedPackage".encode("utf-16-le")


def why_not(file: IO[bytes], head: bytes) -> str:
    """Return the reason why a file of no kind on the list is not taken."""
    if head.startswith(_OLD):
        return LOCKED if _has(file, _LOCKED_INSIDE) else OLD_OFFICE
    if head.startswith(b"PK\x03\x04"):
        archive = members(file, head)
        return _why_no_document(archive) if archive is not None else BROKEN
    for begins, reason in _BEGINNINGS:
        if re.match(begins, head.removeprefix(b"\xef\xbb\xbf"), re.S):
            return reason
    return WEB_PAGE if _has_markup(file) else UNKNOWN


def _why_no_document(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    if is_locked(archive):
        return LOCKED
    if not names & {"[Content_Types].xml", "mimetype"}:
        return ARCHIVE
    if any(name.startswith("/") or ".." in name for name in names):
        return BROKEN
    if not is_quiet(archive):
        return MACROS
    told = read(archive, "[Content_Types].xml") + read(archive, "mimetype")
    if re.search(rb"macroenabled|vbaproject", told, re.I):
        return MACROS
    return OTHER_OFFICE if re.search(rb"spreadsheet|presentation|graphics|template", told) else BROKEN


def _has(file: IO[bytes], what: bytes) -> bool:
    before = b""
    file.seek(0)
    while raw := file.read(CHUNK):
        if what in before + raw:
            return True
        before = raw[-len(what) :]
    return False


def _has_markup(file: IO[bytes]) -> bool:
    """Look for a web page's code, be it in an encoding of two bytes a letter."""
    before = ""
    file.seek(0)
    while raw := file.read(CHUNK):
        text = before + raw.replace(b"\0", b"").decode("latin-1")
        if MARKUP.search(text):
            return True
        before = text[-32:]
    return False
