"""What Beside does not start with: each refusal is one line on stderr that says what to do."""

import base64
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.running import KEPT, ROOT

MANAGE = "manage.py"
SITE = "https://beside.example.org"
VAULT_KEYS = f"k1:{base64.b64encode(bytes(range(32))).decode()}"
REAL = {"SECRET_KEY": "x" * 50, "VAULT_KEYS": VAULT_KEYS, "EMAIL_URL": "smtp://mail.example.org:587"}
SHOW_HSTS = (
    "from config import settings as s;"
    "print(s.SECURE_HSTS_SECONDS, s.SECURE_HSTS_INCLUDE_SUBDOMAINS, s.SECURE_HSTS_PRELOAD)"
)


def run(folder: Path, *command: str, env: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run Python on a site of its own, with nothing else in its environment."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    whole = {
        **kept,
        "BESIDE_VAR": str(folder / "var"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONWARNINGS": "ignore",
        **env,
    }
    return subprocess.run(
        [sys.executable, *command], cwd=ROOT, env=whole, capture_output=True, text=True, timeout=60, check=False
    )


def refusal(folder: Path, *command: str, env: Mapping[str, str]) -> str:
    """Return the one line with which a command refused."""
    done = run(folder, *command, env=env)
    assert done.returncode != 0
    (line,) = [line for line in done.stderr.splitlines() if line.strip()]
    return line


@pytest.mark.parametrize("command", ["start", "prepare"])
def test_outside_the_demo_there_has_to_be_a_mail_server(tmp_path: Path, command: str) -> None:
    env = {**REAL, "EMAIL_URL": ""}
    assert refusal(tmp_path, MANAGE, command, env=env) == (
        "Beside does not start: EMAIL_URL is not set: name the mail server through which clients' mail goes."
    )
    assert list((tmp_path / "var").iterdir()) == []


@pytest.mark.parametrize(
    ("env", "opens"),
    [
        ({"DEMO": "1"}, "True"),
        ({"DEMO": "1", "EMAIL_URL": "smtp://mail.example.org:587"}, "False"),
        ({**REAL, "EMAIL_URL": "smtp://127.0.0.1:8002"}, "False"),
    ],
)
def test_only_the_demo_opens_the_local_mailbox(tmp_path: Path, env: dict[str, str], opens: str) -> None:
    ask = "import django; django.setup(); from config.embedded import uses_local_mailbox as u; print(u())"
    done = run(tmp_path, "-c", ask, env=env)
    assert (done.stdout, done.stderr) == (f"{opens}\n", "")


@pytest.mark.parametrize(
    "command",
    [
        ("-c", "import config.wsgi"),
        (MANAGE, "start"),
        ("-m", "celery", "-A", "config", "worker", "--pool=solo"),
        ("-m", "celery", "-A", "config", "beat", "--schedule="),
    ],
    ids=["wsgi", "start", "worker", "beat"],
)
def test_nothing_starts_with_the_demos_placeholder(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "SECRET_KEY is not set" in refusal(tmp_path, *command, env={"DEMO": "1", "VAULT_KEYS": VAULT_KEYS})


@pytest.mark.parametrize("name", ["DEMO", "DEBUG"])
def test_a_site_with_tls_is_neither_a_demo_nor_debugged(tmp_path: Path, name: str) -> None:
    line = refusal(tmp_path, MANAGE, "check", env={**REAL, "SITE_URL": SITE, name: "1"})
    assert line.startswith(f"Beside does not start: {name} is on, and SITE_URL is a site with TLS")


@pytest.mark.parametrize("minutes", ["0", "-1", "0.5", "721", "nan", "soon"])
def test_a_sign_in_has_to_end_within_minutes(tmp_path: Path, minutes: str) -> None:
    assert refusal(tmp_path, MANAGE, "check", env={**REAL, "IDLE_MINUTES": minutes}) == (
        "Beside does not start: IDLE_MINUTES is not a number of minutes from 1 to 720: give one, or leave it out."
    )


def test_without_a_key_the_refusal_is_one_line(tmp_path: Path) -> None:
    assert "SECRET_KEY is not set" in refusal(tmp_path, MANAGE, "check", env={})


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({}, "31536000 True True"),
        ({"HSTS_SUBDOMAINS": "0"}, "31536000 False False"),
        ({"SITE_URL": ""}, "0 False False"),
    ],
)
def test_subdomains_are_held_to_tls_unless_one_says_no(tmp_path: Path, more: dict[str, str], said: str) -> None:
    done = run(tmp_path, "-c", SHOW_HSTS, env={**REAL, "SITE_URL": SITE, **more})
    assert done.stdout.strip() == said
