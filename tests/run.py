"""All tests: on SQLite with browser and faults, then on PostgreSQL. Arguments go to pytest."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from types import FrameType

from tests.services import packages, servers

NO_TESTS = 5  # pytest's exit code when nothing was collected
WORKERS = ("-n", "2")
# What a developer's shell may hold for Beside has no say in the tests.
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "TERM", "TMPDIR", "USER", "LOGNAME", "COLUMNS", "NO_COLOR", "CI")


class Stopped(KeyboardInterrupt):
    """SIGTERM reached this process alone; Ctrl-C reaches pytest too."""


@dataclass(frozen=True)
class Pass:
    """One round of pytest: on which database, and which tests it leaves out."""

    name: str
    database_url: str | None
    marks: str


@dataclass
class Outcome:
    """What became of a round: pytest's exit code and its last line."""

    code: int
    closing: str


def main(arguments: Sequence[str]) -> int:
    """Run the rounds and return the worst exit code; 2 when a needed program is missing."""
    signal.signal(signal.SIGTERM, _interrupt)
    packages.ensure()
    try:
        with ExitStack() as stack:
            postgres_url = stack.enter_context(servers.postgres())
            env = _environment(postgres_url, stack.enter_context(servers.redis()))
            rounds = (Pass("SQLite", None, "not postgres"), Pass("PostgreSQL", postgres_url, "not browser"))
            outcomes = [_run(each, env, arguments) for each in rounds]
    except servers.ServerFailed as failure:
        print(failure, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130
    return _verdict(outcomes, is_filtered=bool(arguments))


def _environment(postgres_url: str, redis_url: str) -> dict[str, str]:
    """Return the environment of every round: little of the shell's, and where the servers are."""
    env = {name: os.environ[name] for name in KEPT if name in os.environ}
    env |= {"TEST_POSTGRES_URL": postgres_url, "TEST_REDIS_URL": redis_url}
    env["TEST_CHROMIUM"] = packages.find(*packages.PARTS[0].programs) or ""
    return env


def _run(each: Pass, env: Mapping[str, str], arguments: Sequence[str]) -> Outcome:
    """Run pytest once, its output passed on as it comes."""
    print(f"\n{each.name}", flush=True)
    database = {"DATABASE_URL": each.database_url} if each.database_url else {}
    colour = ("--color=yes",) if sys.stdout.isatty() else ()
    command = [sys.executable, "-m", "pytest", *WORKERS, *colour, "-m", each.marks, *arguments]
    closing = ""
    with _child(command, {**env, **database}) as pytest:
        assert pytest.stdout is not None
        while chunk := os.read(pytest.stdout.fileno(), 65536):
            sys.stdout.buffer.write(chunk)
            sys.stdout.buffer.flush()
            closing = (closing + chunk.decode(errors="replace"))[-1000:]
        code = pytest.wait()
    return Outcome(abs(code), closing.rstrip().rpartition("\n")[2])


@contextmanager
def _child(command: Sequence[str], env: Mapping[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    """Run a process and see it end: after an interrupt it gets 20 s to put its things away."""
    process = subprocess.Popen(command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        yield process
    except Stopped:
        process.send_signal(signal.SIGINT)
        raise
    finally:
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()


def _verdict(outcomes: Sequence[Outcome], *, is_filtered: bool) -> int:
    """Return the worst code. A filter that hits nothing in one round is no failure, in all it is.

    When an earlier round failed and the last did not, the failed round's closing line is said once
    more, so that the output does not end on a success.
    """
    codes = [outcome.code for outcome in outcomes]
    if is_filtered and set(codes) != {NO_TESTS}:
        codes = [0 if code == NO_TESTS else code for code in codes]
    if any(codes[:-1]) and not codes[-1]:
        print(next(outcome.closing for outcome, code in zip(outcomes, codes, strict=True) if code))
    return max(codes)


def _interrupt(number: int, frame: FrameType | None) -> None:
    """Take SIGTERM as Ctrl-C, so that the servers are stopped."""
    raise Stopped


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
