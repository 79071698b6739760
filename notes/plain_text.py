"""Plain text: words in an encoding that desks use, without control characters and without anything that runs.

UTF-8; UTF-16 with its mark and Windows-1252, as Notepad saves them. What is taken is kept byte for byte.
"""

import codecs
import re
from typing import IO

CHUNK = 64 * 1024
# In Windows-1252 nearly every byte is a letter: more than this part beyond ASCII is no text of ours.
FOREIGN_MOST = 1 / 3
_OVERLAP = 32

MARKUP = re.compile(
    r"<\s*/?(?:!doctype|!entity|\?xml|\?php|(?:html|head|body|script|svg|iframe|object|embed|meta)\b)", re.I
)
# Blanks alone; a script's first line; another kind's first signs; a tag.
_OTHERWISE = re.compile(r"\s*(?:\Z|#!|@echo|%PDF-|<[a-z!?/])", re.I)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f-\x9f]")


def encoding_of(file: IO[bytes], head: bytes) -> str | None:
    """Return the encoding in which a file is plain text; None when it is not."""
    for encoding in _worth_trying(head):
        begins = head.decode(encoding, "ignore")
        if not _OTHERWISE.match(begins) and _is_plain(file, encoding):
            return encoding
    return None


def _worth_trying(head: bytes) -> tuple[str, ...]:
    if head.startswith(codecs.BOM_UTF8):
        return ("utf-8-sig",)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return ("utf-16",)
    return ("utf-8", "cp1252")


def _is_plain(file: IO[bytes], encoding: str) -> bool:
    """Read the whole file, piece by piece."""
    decoder, before, raw_before, foreign, length = codecs.getincrementaldecoder(encoding)(), "", "", 0, 0
    file.seek(0)
    while True:
        raw = file.read(CHUNK)
        try:
            text = decoder.decode(raw, final=not raw)
        except UnicodeDecodeError:
            return False
        as_bytes = raw.decode("latin-1")  # a program that overlooks the encoding finds no markup either
        if _CONTROL.search(text) or MARKUP.search(before + text) or MARKUP.search(raw_before + as_bytes):
            return False
        foreign, length = foreign + sum(not char.isascii() for char in text), length + len(text)
        if not raw:
            return encoding != "cp1252" or foreign <= length * FOREIGN_MOST
        before, raw_before = text[-_OVERLAP:], as_bytes[-_OVERLAP:]
