"""Small files of each kind, and of kinds that are refused: made here, byte by byte."""

import io
import struct
import zipfile
import zlib

from notes import why_not

PDF = (
    b"%PDF-1.4\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n"
    b"2 0 obj\n<< /Type /Pages /Kids [] /Count 0 >>\nendobj\n"
    b"xref\n0 3\n0000000000 65535 f \n0000000009 00000 n \n0000000058 00000 n \n"
    b"trailer\n<< /Size 3 /Root 1 0 R >>\nstartxref\n111\n%%EOF\n"
)
TEXT = "Naïve, and kind: 愛, 🕊️.\r\nSecond line.\n".encode()
JPEG = (
    b"\xff\xd8\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00" + b"\xff\xdb\x00\x43\x00" + b"\x01" * 64
    + b"\xff\xd9"
)  # fmt: skip


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


PNG = (
    b"\x89PNG\r\n\x1a\n"
    + _chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    + _chunk(b"IDAT", zlib.compress(b"\x00\x00"))
    + _chunk(b"IEND", b"")
)


def zipped(**members: str | bytes) -> bytes:
    """Return a ZIP; two underscores in a name stand for a slash, a single trailing one for nothing."""
    return zipped_of({name.replace("__", "/"): content for name, content in members.items()})


def zipped_of(members: dict[str, str | bytes]) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            method = zipfile.ZIP_STORED if name == "mimetype" else zipfile.ZIP_DEFLATED
            archive.writestr(name, content, method)
    return packed.getvalue()


WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
MACRO_WORD = "application/vnd.ms-word.document.macroEnabled.main+xml"


def word(content_type: str = WORD, **more: str | bytes) -> bytes:
    """Return a Word document, or something like one."""
    types = f'<Types><Override PartName="/word/document.xml" ContentType="{content_type}"/></Types>'
    members: dict[str, str | bytes] = {"[Content_Types].xml": types, "_rels/.rels": "<a/>", "word/document.xml": "<w/>"}
    return zipped_of({**members, **{name.replace("__", "/"): content for name, content in more.items()}})


def open_document(mime: str = "application/vnd.oasis.opendocument.text", **more: str | bytes) -> bytes:
    """Return an OpenDocument file, or something like one."""
    members: dict[str, str | bytes] = {"mimetype": mime, "content.xml": "<o/>", "META-INF/manifest.xml": "<m/>"}
    return zipped_of({**members, **{name.replace("__", "/"): content for name, content in more.items()}})


TAKEN = {
    "pdf": PDF, "png": PNG, "jpeg": JPEG, "text": TEXT, "docx": word(), "odt": open_document(),
}  # fmt: skip

HTML = b"<!doctype html><html><body><script>alert(1)</script></body></html>"
REFUSED: dict[str, bytes] = {
    "html": HTML,
    "html without a doctype": b"<p onclick=x>Hello</p>",
    "html after a mark and blanks": b"\xef\xbb\xbf \n\t<HTML>",
    "markup far into a text": b"Dear Sam,\n" * 20_000 + b"< ScRiPt >x</script>",
    "markup over two chunks": b"a" * (64 * 1024 - 4) + b"<script>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>x</script></svg>',
    "xml": b'<?xml version="1.0"?><a/>',
    "php": b"Hello <?php system('x'); ?>",
    "shell script": b"#!/bin/sh\nrm -r x\n",
    "batch file": b"@ECHO off\r\ndel x\r\n",
    "Windows program": b"MZ\x90\x00\x03" + b"\x00" * 300,
    "Linux program": b"\x7fELF\x02\x01\x01" + b"\x00" * 300,
    "ZIP archive": zipped_of({"a.txt": "hello"}),
    "gzip": b"\x1f\x8b\x08\x00" + b"\x00" * 40,
    "rar": b"Rar!\x1a\x07\x00" + b"\x00" * 40,
    "Word with macros": word(MACRO_WORD),
    "Word with macros, renamed within": word(word__vbaProject="x"),
    "Word with an embedded program": word(word__embeddings__oleObject1="x"),
    "Word with ActiveX": word(word__activeX__activeX1="x"),
    "Word whose list is a bomb": word("x" * 2_000_000 + WORD),
    "Word that is a spreadsheet": word(WORD.replace("wordprocessingml.document", "spreadsheetml.sheet")),
    "Word with a path that climbs": zipped_of(
        {"../evil.txt": "x", "[Content_Types].xml": WORD, "word/document.xml": ""}
    ),
    "Word after a program": b"MZ\x90\x00" + word(),
    "Word cut short": word()[:-30],
    "old Word": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 600,
    "OpenDocument with macros": open_document(Basic__Standard__Module1="x"),
    "OpenDocument with scripts": open_document(Scripts__python__x="x"),
    "OpenDocument spreadsheet": open_document("application/vnd.oasis.opendocument.spreadsheet"),
    "PDF inside HTML": HTML + PDF,
    "PDF after a blank line": b"\n" + PDF,
    "PDF with HTML behind it": PDF + HTML,
    "PDF cut short": PDF[:-40],
    "PNG with a ZIP behind it": PNG + zipped_of({"a.txt": "x"}),
    "PNG cut short": PNG[:-10],
    "only a PNG's first bytes": b"\x89PNG\r\n\x1a\n",
    "only a JPEG's first bytes": b"\xff\xd8\xff\xe0" + b"\x00" * 50,
    "text with a null": b"Hello\x00there",
    "text with an escape": b"Hello \x1b[2J",
    "rich text": b"{\\rtf1\\ansi hello}",
    "only blanks": b" \n \t ",
    "GIF": b"GIF89a" + b"\x00" * 40,
    "HEIC, as some phones take pictures": b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic" + b"\x00" * 40,
    "MP3": b"ID3\x04\x00\x00" + b"\x00" * 40,
    "web page in UTF-16": "Hello <script>x</script>".encode("utf-16"),
    "web page in Latin-1": "Café <script>x</script>".encode("latin-1"),
    "UTF-16 without its mark": "Hello there".encode("utf-16-le"),
    "UTF-16 with half a letter": "Hello".encode("utf-16") + b"\x3d\xd8",
    "UTF-16 with an escape": "Hello \x1b[2J".encode("utf-16"),
    "markup in the bytes of UTF-16": b"\xff\xfe" + b"<script>",
    "a text of hardly a letter": "àéîõü".encode("latin-1"),
    "Latin-1 with a control character": b"Caf\xe9 \x81",
    "Word with a password": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
    + b"\x00" * 600
    + "EncryptedPackage".encode("utf-16-le"),
    "OpenDocument with a password": open_document(**{"META-INF/manifest.xml": "<m:encryption-data/>"}),
    "OpenDocument with a newer password": zipped_of(
        {"mimetype": "application/vnd.oasis.opendocument.text", "encrypted-package": "x"}
    ),
}

_REASONS = {
    why_not.BLANK: "only blanks",
    why_not.PROGRAM: "shell script, batch file, Windows program, Linux program, Word after a program",
    why_not.WEB_PAGE: "html, html without a doctype, html after a mark and blanks, markup far into a text,"
    " markup over two chunks, svg, xml, php, PDF inside HTML, web page in UTF-16, web page in Latin-1,"
    " markup in the bytes of UTF-16",
    why_not.MACROS: "Word with macros, Word with macros/ renamed within, Word with an embedded program,"
    " Word with ActiveX, OpenDocument with macros, OpenDocument with scripts",
    why_not.LOCKED: "Word with a password, OpenDocument with a password, OpenDocument with a newer password",
    why_not.ARCHIVE: "ZIP archive, gzip, rar",
    why_not.OLD_OFFICE: "old Word",
    why_not.OTHER_OFFICE: "Word that is a spreadsheet, OpenDocument spreadsheet",
    why_not.RICH_TEXT: "rich text",
    why_not.OTHER_PICTURE: "GIF, HEIC/ as some phones take pictures",
    why_not.SOUND_OR_FILM: "MP3",
    why_not.BROKEN: "Word whose list is a bomb, Word with a path that climbs, Word cut short, PDF after a blank line,"
    " PDF with HTML behind it,"
    " PDF cut short, PNG with a ZIP behind it, PNG cut short, only a PNG's first bytes, only a JPEG's first bytes",
    why_not.UNKNOWN: "text with a null, text with an escape, UTF-16 without its mark, UTF-16 with half a letter,"
    " UTF-16 with an escape, a text of hardly a letter, Latin-1 with a control character",
}
# Why each of those is refused.
REASONS = {what.strip().replace("/", ","): reason for reason, whats in _REASONS.items() for what in whats.split(",")}

# Plain text as Windows' own editor saves it, and as older programs do.
OTHER_TEXTS = {
    "UTF-16": "Naïve, and kind: 愛, 🕊️.\r\n".encode("utf-16-le").join([b"\xff\xfe", b""]),
    "UTF-16, the other way around": b"\xfe\xff" + "Naïve, and kind.".encode("utf-16-be"),
    "UTF-16 of 愛 only": "愛の手紙".encode("utf-16"),
    "Latin-1": "Café".encode("latin-1"),
    "Windows-1252": "She said: “not yet – perhaps”, for 20 €.\r\n".encode("cp1252"),
    "Windows-1252 over two chunks": "Café, ".encode("cp1252") * 20_000,
    "UTF-8 that ends amid a letter": "Hello, and kind words 🕊".encode()[:-1],
}
