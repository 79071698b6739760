"""All measurements; the table goes to the terminal and to bench/RESULTS.md. Without PostgreSQL its part is left out."""

import json
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

from bench.ground import Figure, prepare
from tests.services import servers

RESULTS = Path(__file__).parent / "RESULTS.md"
LIMIT_SECONDS = 120
HEAD = """# Measurements

Written by `make bench`. Each figure stands beside a peer or a limit that was measured in the same run, in turns with
it; the ratio is what to compare between machines and between versions, not the figure. Times are medians, an empty
tick the best of five rounds. A ratio of mails per second is better when higher, every other when lower. Other
work on the machine moves figures up to twofold, and ratios too, though less.

{where}

"""


def main() -> int:
    """Measure, print, write; 1 when a part failed."""
    figures: list[Figure] = []
    failed = 0
    for module, database_url in _parts():
        found = _measure(module, database_url)
        failed += not found
        figures += found
    table = _table(figures)
    print(table)
    if not failed:
        RESULTS.write_text(HEAD.format(where=_where()) + table + "\n")
    return 1 if failed else 0


def _parts() -> Iterator[tuple[str, str]]:
    yield "bench.seal", ""
    yield "bench.rotate", ""
    yield "bench.mail", ""
    yield "bench.trail", ""
    # A cluster each: every part has keys of its own, and opens no database that another one wrote.
    for module in ("bench.rotate", "bench.mail", "bench.trail"):
        with _postgres() as url:
            if url:
                yield module, url
    yield "bench.pages", ""
    yield "bench.diary", ""
    yield "bench.practice", ""


@contextmanager
def _postgres() -> Iterator[str]:
    """Yield the URL of a cluster of our own, or nothing where the machine has no PostgreSQL."""
    try:
        cluster = servers.postgres()
        url = cluster.__enter__()
    except servers.ServerFailed as failure:
        print(f"without PostgreSQL: {failure}", file=sys.stderr)
        yield ""
        return
    try:
        yield url
    finally:
        cluster.__exit__(None, None, None)


def _measure(module: str, database_url: str) -> list[Figure]:
    """Run one part in a process of its own and return its figures; none when it failed, its words on stderr."""
    with tempfile.TemporaryDirectory(prefix="beside-bench-") as var:
        out = Path(var) / "figures.json"
        env = prepare(var) | ({"DATABASE_URL": database_url} if database_url else {})
        try:
            subprocess.run(
                [sys.executable, "-W", "error", "-m", module, str(out)], env=env, check=True, timeout=LIMIT_SECONDS
            )
        except (subprocess.CalledProcessError, subprocess.TimeoutExpired) as error:
            print(f"{module}: {error}", file=sys.stderr)
            return []
        return [Figure(**each) for each in json.loads(out.read_text())]


def _table(figures: list[Figure]) -> str:
    rows = [("part", "what", "Beside", "peer or limit", "ratio")]
    rows += [(each.part, each.what, each.ours, each.peer, each.ratio) for each in figures]
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    lines.insert(1, "|" + "|".join("-" * (width + 2) for width in widths) + "|")
    return "\n".join(lines)


def _where() -> str:
    packages = ", ".join(f"{name} {version(name)}" for name in ("Django", "cryptography", "psycopg"))
    cores = os.cpu_count()
    return (
        f"Last run: {cores} cores, Python {platform.python_version()}, {packages}. PostgreSQL is a throw-away cluster"
        " that does not wait for the disk."
    )


if __name__ == "__main__":
    sys.exit(main())
