"""The key file: a new key goes to its front, old ones leave it, and running processes notice."""

import os
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from tests.vault.test_startup import other_ring
from vault import keyring
from vault.errors import KeyRingError
from vault.keyfile import add_key, drop_all_but
from vault.keyring import parse, ring
from vault.models import MasterKeyUse


@pytest.fixture
def path(tmp_path: Path, settings: Settings) -> Path:
    path = tmp_path / "vault.keys"
    path.write_text(other_ring("first") + "\n")
    path.chmod(0o604)
    settings.VAULT_KEYS = str(path)
    return path


def ids(path: Path) -> list[str]:
    return [key.id for key in parse(path.read_text())]


@pytest.mark.django_db
def test_new_key_stands_first_and_the_others_stay(path: Path) -> None:
    before = parse(path.read_text())

    key_id = add_key()

    assert ids(path) == [key_id, "first"]
    assert parse(path.read_text())[1:] == before
    assert path.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in path.parent.iterdir()] == ["vault.keys"]


@pytest.mark.django_db
def test_file_stays_readable_for_the_group_that_could_read_it(path: Path) -> None:
    """A service of that group goes on while somebody else rotates."""
    path.chmod(0o640)

    add_key()

    assert path.stat().st_mode & 0o777 == 0o640


@pytest.mark.django_db
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to somebody else")
def test_file_stays_its_owners_when_root_rotates(path: Path) -> None:
    os.chown(path, 10_001, 10_002)

    add_key()

    now = path.stat()
    assert (now.st_uid, now.st_gid, now.st_mode & 0o777) == (10_001, 10_002, 0o600)


@pytest.mark.django_db
def test_each_new_key_has_a_name_and_a_secret_of_its_own(path: Path) -> None:
    day = add_key()
    MasterKeyUse.objects.create(key_id=f"{day}-2", fingerprint=b"x" * 32, number=1)  # retired, and known

    assert add_key() == f"{day}-3"

    keys = parse(path.read_text())
    assert len({key.secret for key in keys}) == 3


@pytest.mark.django_db
def test_old_keys_leave_the_file(path: Path) -> None:
    key_id = add_key()

    assert drop_all_but(key_id) == ["first"]
    assert drop_all_but(key_id) == []

    assert ids(path) == [key_id]
    with pytest.raises(KeyRingError, match="does not hold “first” any more"):
        drop_all_but("first")


@pytest.mark.django_db
def test_link_to_the_file_stays_a_link(path: Path, tmp_path: Path, settings: Settings) -> None:
    link = tmp_path / "link"
    link.symlink_to(path)
    settings.VAULT_KEYS = str(link)

    key_id = add_key()

    assert ids(path) == [key_id, "first"]
    assert link.is_symlink()


@pytest.mark.django_db
def test_keys_in_the_environment_are_changed_by_hand(settings: Settings) -> None:
    for deed in (add_key, lambda: drop_all_but("tests")):
        with pytest.raises(KeyRingError, match="VAULT_KEYS holds the keys themselves and names no file"):
            deed()


@pytest.mark.django_db
def test_disk_that_refuses_leaves_the_file_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_text()
    monkeypatch.setattr(os, "fsync", refuse)

    with pytest.raises(KeyRingError, match=r"cannot be written \(No space left on device\): change it by hand"):
        add_key()

    assert path.read_text() == before
    assert [each.name for each in path.parent.iterdir()] == ["vault.keys"]


@pytest.mark.django_db
def test_running_process_reads_the_file_again_when_it_has_changed(path: Path) -> None:
    assert ring().newest == "first"
    same = ring()
    assert ring() is same

    key_id = add_key()

    assert list(ring()) == [key_id, "first"]
    drop_all_but(key_id)
    assert list(ring()) == [key_id]


@pytest.mark.django_db
def test_slip_of_the_pen_leaves_a_running_process_with_the_keys_it_has(path: Path) -> None:
    assert ring().newest == "first"

    path.write_text("second:not base64")
    assert list(ring()) == ["first"]
    assert list(ring()) == ["first"]
    path.unlink()
    assert list(ring()) == ["first"]
    path.write_text(other_ring("second"))

    assert list(ring()) == ["second"]
    keyring._rings.clear()
    path.write_text("")
    with pytest.raises(KeyRingError, match="VAULT_KEYS is empty"):
        ring()
