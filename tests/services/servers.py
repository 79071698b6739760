"""A PostgreSQL and a Redis for one run of the tests: on loopback, in a temporary folder, gone afterwards."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.services.packages import find

START_SECONDS = 30.0
# Nothing in these clusters has to outlive the run, so nothing waits for the disk.
POSTGRES_OPTIONS = (
    "listen_addresses=127.0.0.1",
    "fsync=off",
    "synchronous_commit=off",
    "full_page_writes=off",
    "max_connections=200",
)


class ServerFailed(Exception):
    """A server that the tests need did not come up; the text holds the end of its log."""


@contextmanager
def postgres() -> Iterator[str]:
    """Run a fresh cluster and yield its URL. Raises ServerFailed."""
    owner = _server_user()
    with _folder("postgres", owner) as folder:
        data = folder / "data"
        creation = [_program("initdb"), "--pgdata", str(data), "--username", "beside", "--auth", "trust"]
        creation += ["--encoding", "UTF8", "--no-locale", "--no-sync"]
        made = subprocess.run(
            creation,
            user=owner,
            extra_groups=_groups(owner),
            cwd=folder,
            capture_output=True,
            text=True,
            check=False,
        )
        if made.returncode:
            raise ServerFailed(f"initdb: {made.stderr.strip()}")
        port = _free_port()
        options = [f"unix_socket_directories={folder}", *POSTGRES_OPTIONS]
        command = [
            _program("postgres"),
            "-D",
            str(data),
            "-p",
            str(port),
            *(f"-c{option}" for option in options),
        ]
        # SIGINT is PostgreSQL's fast shutdown: it ends what is open and leaves at once.
        with _running(command, folder, port, owner, stop=signal.SIGINT):
            yield f"postgres://beside@127.0.0.1:{port}/postgres"


@contextmanager
def redis() -> Iterator[str]:
    """Run a Redis that keeps nothing and yield its URL. Raises ServerFailed."""
    with _folder("redis", None) as folder:
        port = _free_port()
        command = [_program("redis-server", "valkey-server"), "--port", str(port), "--bind", "127.0.0.1"]
        command += ["--save", "", "--appendonly", "no", "--dir", str(folder)]
        with _running(command, folder, port, None, stop=signal.SIGTERM):
            yield f"redis://127.0.0.1:{port}/0"


@contextmanager
def _running(command: list[str], folder: Path, port: int, owner: int | None, *, stop: signal.Signals) -> Iterator[None]:
    """Run a server, wait until it listens, stop it at the end. Ctrl-C at the terminal does not reach it."""
    log = folder / "server.log"
    with log.open("w") as output:
        server = subprocess.Popen(
            command,
            user=owner,
            extra_groups=_groups(owner),
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        if not _listens(server, port):
            raise ServerFailed(f"{command[0]}:\n{log.read_text()[-2000:]}")
        yield
    finally:
        server.send_signal(stop)
        try:
            server.wait(10)
        except subprocess.TimeoutExpired:
            server.kill()
            server.wait()


def _listens(server: subprocess.Popen[bytes], port: int) -> bool:
    """Wait until the port answers; False when the process ended or START_SECONDS are over."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return True
        time.sleep(0.05)
    return False


@contextmanager
def _folder(name: str, owner: int | None) -> Iterator[Path]:
    """Yield a new folder that belongs to the server's user, and remove it."""
    folder = Path(tempfile.mkdtemp(prefix=f"beside-{name}-", dir=_short_tmp()))
    try:
        if owner is not None:
            os.chown(folder, owner, -1)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _short_tmp() -> str | None:
    """Return /tmp where it is writable: a socket's path holds 107 bytes at most."""
    return "/tmp" if os.access("/tmp", os.W_OK) else None


def _server_user() -> int | None:
    """Return the user PostgreSQL shall run as when we are root, which it refuses; else None."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_uid
        except KeyError:
            continue
    raise ServerFailed("PostgreSQL does not run as root, and there is no user postgres or nobody")


def _groups(owner: int | None) -> list[int] | None:
    """Return no further groups for another user, ours when the user stays."""
    return None if owner is None else []


def _program(*names: str) -> str:
    """Return a program's path. Raises ServerFailed."""
    if found := find(*names):
        return found
    raise ServerFailed(f"{names[0]} is not on this machine")


def _free_port() -> int:
    """Return a port on loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
