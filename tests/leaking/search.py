"""Looking for a word where it must not be: in files, in files that are open and have no name, in Redis."""

import os
from pathlib import Path

import redis

from tests.running import Home


def files_with(folder: Path, needle: bytes) -> list[str]:
    """Return the files that hold the needle, in either case, but for those of the mailbox."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "mailbox" not in path.parts and needle.lower() in path.read_bytes().lower()
    )


def processes_of(home: Home) -> list[int]:
    """Return the processes of one Beside, known by its folder in their environment."""
    mark = f"BESIDE_VAR={home.var}".encode()
    return [int(each.name) for each in Path("/proc").iterdir() if each.name.isdigit() and mark in _environment(each)]


def _environment(process: Path) -> bytes:
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""  # it has ended, or is somebody else's


def open_files_with(home: Home, needle: bytes) -> list[str]:
    """Return the open files under a home that hold the needle: those without a name as well."""
    found = []
    for pid in processes_of(home):
        for handle in _handles(pid):
            try:
                target = os.readlink(handle)
                is_ours = target.startswith(str(home.folder)) and "mailbox" not in target
                if is_ours and needle.lower() in handle.read_bytes().lower():
                    found.append(target)
            except OSError:
                continue  # it was closed meanwhile
    return found


def _handles(pid: int) -> list[Path]:
    try:
        return list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return []


def everything_in(redis_url: str) -> bytes:
    """Return every key of a Redis with what it holds."""
    store = redis.Redis.from_url(redis_url)
    return b"\n".join(bytes(key) + b"=" + bytes(store.dump(key) or b"") for key in store.scan_iter("*"))
