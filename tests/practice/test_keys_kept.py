"""A running site and a key file that somebody has spoilt: it keeps its keys, says so, and does not start anew."""

from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import pytest
import structlog
from django.test import Client
from pytest_django.fixtures import Settings

from practice.models import User
from tests.factories import PASSWORD
from tests.vault.test_startup import other_ring, why_not
from vault import keyring
from vault.errors import VaultError
from vault.keyring import ring
from vault.services import cache, create_data_key
from vault.startup import check_ring, ensure_canary

GOOD = (other_ring("second"), other_ring("first"))
REFUSED: dict[str, tuple[Callable[[Path], object], str]] = {
    "gone": (lambda path: path.unlink(), "that can be read (No such file or directory)."),
    "empty": (lambda path: path.write_text(""), "VAULT_KEYS is empty"),
    "editor": (lambda path: path.write_bytes(b"b0VIM \xff\x00"), "that can be read (not text)."),
    "half a key": (lambda path: path.write_text(f"{GOOD[0]}\n{GOOD[1][:30]}"), "VAULT_KEYS: key no. 2 "),
    "bare secret": (lambda path: path.write_text("quietheron"), "VAULT_KEYS: key no. 1 has 0 bytes"),
    "half the list": (lambda path: path.write_text(GOOD[1]), "put “second” first"),
    "wrong order": (lambda path: path.write_text(f"{GOOD[1]}\n{GOOD[0]}"), "put “second” first"),
    "older left out": (lambda path: path.write_text(GOOD[0]), "does not hold master key “first”"),
    "stranger": (lambda path: path.write_text(other_ring("other")), "does not hold master key"),
    "same name": (lambda path: path.write_text(other_ring("second")), "“second” is another key than the one"),
}


@pytest.fixture
def path(db: None, tmp_path: Path, settings: Settings) -> Path:
    """Return the key file of a site that runs with two keys, both needed."""
    path = tmp_path / "vault.keys"
    settings.VAULT_KEYS = str(path)
    path.write_text(GOOD[1])
    ensure_canary()
    path.write_text("\n".join(GOOD))
    create_data_key(uuid4())
    cache.forget()
    return path


@pytest.mark.parametrize(("spoil", "why"), REFUSED.values(), ids=REFUSED)
def test_site_goes_on_with_the_keys_it_has_and_says_what_is_wrong(
    path: Path, client: Client, counsellor: User, spoil: Callable[[Path], object], why: str
) -> None:
    spoil(path)
    cache.forget()

    with structlog.testing.capture_logs() as lines:
        answer = client.post("/accounts/login/", {"login": counsellor.email, "password": PASSWORD})
        create_data_key(uuid4())

    assert (answer.status_code, list(ring())) == (302, ["second", "first"])
    assert client.get("/health/ready").json()["vault"] == "trouble"
    (said,) = [line for line in lines if line["event"] == "vault.keys_refused"]
    assert (said["log_level"], why in said["why"]) == ("error", True)
    assert [secret in said["why"] for secret in ("quietheron", *(key.partition(":")[2] for key in GOOD))] == [False] * 3


@pytest.mark.parametrize(("spoil", "why"), REFUSED.values(), ids=REFUSED)
def test_fresh_start_refuses(path: Path, spoil: Callable[[Path], object], why: str) -> None:
    spoil(path)
    keyring._rings.clear()
    cache.forget()

    line = why_not()

    assert (line.startswith("Beside does not start: "), why in line) == (True, True)


def test_trouble_is_said_once_a_minute(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [1000.0]
    monkeypatch.setattr("vault.keyring.time.monotonic", lambda: now[0])
    path.write_text("rubbish")

    with structlog.testing.capture_logs() as lines:
        for _ in range(121):
            ring()
            now[0] += 1
            path.write_text("rubbish" * int(now[0] % 7))  # somebody is writing

    assert [line["event"] for line in lines] == ["vault.keys_refused"] * 3


def test_file_put_right_is_taken_at_once(path: Path, client: Client) -> None:
    path.write_text("rubbish")
    assert list(ring()) == ["second", "first"]
    with pytest.raises(VaultError):
        check_ring()

    path.write_text("\n".join((other_ring("third"), *GOOD)))

    assert list(ring()) == ["third", "second", "first"]
    check_ring()
