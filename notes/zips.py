"""A ZIP's members, read so that a hostile one costs no more than reading the file: documents of today are ZIPs."""

import lzma
import re
import zipfile
import zlib
from typing import IO

# Listing a ZIP's members must not cost more than reading the file.
MEMBERS_MOST = 4096
LIST_MOST = 128 * MEMBERS_MOST
MEMBER_MOST = 1024 * 1024


def tail_of(file: IO[bytes], length: int) -> bytes:
    """Return the last bytes of a file."""
    size = file.seek(0, 2)
    file.seek(max(size - length, 0))
    return file.read(length)


def _has_short_list(file: IO[bytes]) -> bool:
    """Tell by a ZIP's last 22 bytes whether its list is small enough to be read; a ZIP64 says that elsewhere."""
    tail = tail_of(file, 42)
    locator, end = tail[:-22], tail[-22:]
    return (
        end.startswith(b"PK\x05\x06")
        and not locator.startswith(b"PK\x06\x07")
        and int.from_bytes(end[12:16], "little") <= LIST_MOST
    )


def members(file: IO[bytes], head: bytes) -> zipfile.ZipFile | None:
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


def read(archive: zipfile.ZipFile, name: str) -> bytes:
    """Return a small member; nothing for one that is missing, large, locked or damaged."""
    try:
        if archive.getinfo(name).file_size > MEMBER_MOST:
            return b""
        with archive.open(name) as member:
            return member.read(MEMBER_MOST)
    except _UNREADABLE:
        return b""


_ACTIVE = re.compile(r"vba|macro|activex|oleobject|(?:^|/)(?:basic|scripts)/|\.(?:bin|exe|dll|js|vbs|html?)$", re.I)


def is_quiet(archive: zipfile.ZipFile) -> bool:
    """Tell whether a document carries nothing that runs, and nothing that escapes its folder."""
    names = archive.namelist()
    return not any(_ACTIVE.search(name) or name.startswith("/") or ".." in name for name in names)


def is_locked(archive: zipfile.ZipFile) -> bool:
    """Tell whether something in it is encrypted: in the ZIP's own way, or in OpenDocument's, an older or the newer."""
    if any(member.flag_bits & 1 for member in archive.infolist()):
        return True
    return "encrypted-package" in archive.namelist() or b"encryption-data" in read(archive, "META-INF/manifest.xml")
