"""`manage.py start`: one process that comes up, says where it is, stops cleanly and refuses with one line."""

import os
import signal
from pathlib import Path

import pytest

from tests.running import Home, copy_of, make_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def built(furnished: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home with the demo in it, not running."""
    return copy_of(furnished, tmp_path_factory.mktemp("start"))


def processes_of(home: Home) -> list[str]:
    """Return the command lines of processes that live in this home."""
    found = []
    for entry in Path("/proc").iterdir():
        try:
            environ = (entry / "environ").read_bytes() if entry.name.isdigit() else b""
        except OSError:
            continue
        if f"BESIDE_VAR={home.var}".encode() in environ.split(b"\0"):
            found.append((entry / "cmdline").read_bytes().decode())
    return found


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="looks for processes in /proc")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_it(built: Home, number: signal.Signals) -> None:
    with built.started() as running:
        assert len(processes_of(built)) == 1
        os.kill(running.pid, number)
        assert running.wait(20) == 0
    assert processes_of(built) == []


def test_it_says_where_it_is(built: Home) -> None:
    with built.started():
        pass
    said = built.log.read_text()
    for line in (built.url, built.mailbox_url, "counsellor@beside.test", "admin@beside.test"):
        assert line in said


def test_a_second_start_keeps_the_data(built: Home) -> None:
    built.manage("prepare")
    assert "there already" in built.manage("demo").stdout


def test_the_demo_does_not_mix_with_a_real_practice(tmp_path: Path) -> None:
    home = make_home(tmp_path)
    home.manage("prepare")
    home.manage(
        "shell", "--no-imports", "-c", "from practice.models import Practice; Practice.objects.create(name='Real')"
    )
    refused = home.manage("demo", check=False)
    assert refused.returncode != 0
    assert refused.stderr.startswith("CommandError: There is a practice here already")


def test_a_taken_port_is_said_in_one_line(built: Home) -> None:
    with built.started():
        refused = built.manage("start", check=False)
    assert refused.returncode != 0
    assert "A port is taken" in refused.stderr
    assert "Traceback" not in refused.stderr


@pytest.mark.parametrize("command", [["manage.py", "start"], ["-m", "celery", "-A", "config", "worker"]])
def test_a_wrong_key_refuses_to_start_in_one_line(built: Home, command: list[str]) -> None:
    wrong = f"demo-1:{'A' * 43}="
    home = Home(built.folder, {**built.env, "VAULT_KEYS": wrong, "PYTHONWARNINGS": "ignore"}, built.port)
    before = len(home.log.read_text())
    with home.process(*command) as running:
        assert running.wait(30) != 0
    said = home.log.read_text()[before:]
    assert "Beside does not start" in said
    assert "Traceback" not in said
