"""A whole Beside in a process of its own, on free ports, in a folder of its own: for tests that use it as people do."""

import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
KEPT = ("PATH", "HOME", "LANG")


@dataclass
class Home:
    """Where one Beside lives: its folder, its environment, its log."""

    folder: Path
    env: dict[str, str]
    port: int

    @property
    def var(self) -> Path:
        return self.folder / "var"

    @property
    def log(self) -> Path:
        return self.folder / "log"

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def mailbox_url(self) -> str:
        return f"http://localhost:{self.port + 1}"

    def manage(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        """Run one manage.py command to its end; its output also goes to the log."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments],
            cwd=ROOT, env=self.env, capture_output=True, text=True, timeout=180, check=False,
        )  # fmt: skip
        with self.log.open("a") as log:
            log.write(done.stdout + done.stderr)
        if check and done.returncode:
            raise AssertionError(f"manage.py {' '.join(arguments)}: {done.stdout}{done.stderr}")
        return done

    @contextmanager
    def process(self, *command: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run a long-lived process; SIGINT at the end, and at most 20 s to put its things away."""
        with self.log.open("ab") as log:
            running = subprocess.Popen([sys.executable, *command], cwd=ROOT, env=self.env, stdout=log, stderr=log)
            try:
                yield running
            finally:
                if running.poll() is None:
                    running.send_signal(signal.SIGINT)
                try:
                    running.wait(20)
                except subprocess.TimeoutExpired:
                    running.kill()
                    running.wait()

    @contextmanager
    def started(self) -> Iterator[subprocess.Popen[bytes]]:
        """Run `manage.py start` until the block ends."""
        with self.process("manage.py", "start") as running:
            self.wait_until_ready(running)
            yield running

    def wait_until_ready(self, running: subprocess.Popen[bytes], health: str = "/health/ready") -> None:
        """Wait a minute at most; `/health/live` for pages without a worker, whose mail is late after minutes."""
        until(lambda: self.status(health) == 200 or running.poll() is not None, 60)
        if running.poll() is not None:
            raise AssertionError(self.log.read_text())

    def status(self, path: str) -> int:
        """Return the HTTP status of a page, 0 where nobody answers."""
        try:
            with urlopen(self.url + path, timeout=10) as response:
                return int(response.status)
        except HTTPError as error:
            return error.code
        except (URLError, OSError):
            return 0


def until(holds: Callable[[], object], seconds: float = 30) -> None:
    """Wait until a callable is true. Raise AssertionError when it never is."""
    ends = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > ends:
            raise AssertionError("It did not come to be in time.")
        time.sleep(0.1)


def free_ports() -> int:
    """Return a port of which the next two are free as well, below those that outgoing connections take."""
    while True:
        port = random.randrange(20_000, 32_000, 4)
        if all(_is_free(port + step) for step in range(3)):
            return port


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def make_home(folder: Path, **env: str) -> Home:
    """Return a home with nothing in it; `env` adds to an otherwise empty environment.

    Temporary files land in it too, so that a test can look for what is left there.
    """
    port = free_ports()
    for name in ("var", "temp"):
        (folder / name).mkdir(parents=True)
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    own: Mapping[str, str] = {
        "DEMO": "1", "BESIDE_VAR": str(folder / "var"), "PORT": str(port), "OUTBOX_TICK_SECONDS": "1",
        "PYTHONWARNINGS": "default", "TMPDIR": str(folder / "temp"),
    }  # fmt: skip
    return Home(folder, {**kept, **own, **env}, port)


def copy_of(other: Home, folder: Path) -> Home:
    """Return a home of its own, with its own ports, that holds what another one holds; neither may be running."""
    home = make_home(folder)
    shutil.copytree(other.var, home.var, dirs_exist_ok=True)
    shutil.copy(other.log, home.log)
    return home
