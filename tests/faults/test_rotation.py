"""A rotation is killed with -9 in the middle: every data key opens, and the next run brings the rest over."""

import time
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection
from pytest_django.fixtures import Settings

from outbox.models import Message
from practice.models import AuditEntry
from tests.faults.processes import environment, running, start
from tests.vault.rows import make_message
from tests.vault.test_rotation import add_master_key, assert_all_opens, masters
from vault.keyring import ring
from vault.models import DataKey
from vault.rotation import waiting

pytestmark = [pytest.mark.fault, pytest.mark.slow]
KEYS = 1000
ROTATE = ("-W", "error", "manage.py", "vault_rotate", "--batch", "1")


def make_data_keys(count: int) -> None:
    rows = [DataKey(owner_id=uuid4(), master_key_id="tests") for _ in range(count)]
    for row in rows:
        row.wrapped = ring().wrap(row.id.bytes * 2, key_id=row.id, owner_id=row.owner_id)
    DataKey.objects.bulk_create(rows)


def test_killed_rotation_is_taken_up(house: None, settings: Settings, tmp_path: Path) -> None:
    make_data_keys(KEYS)
    texts = {make_message(sent_copy=f"mail {number}").pk: f"mail {number}" for number in range(20)}
    add_master_key(settings)
    env = environment("smtp://127.0.0.1:1", VAULT_KEYS=settings.VAULT_KEYS)
    log = tmp_path / "rotate.log"

    with running(ROTATE, env, log) as rotation:
        until = time.monotonic() + 30
        while waiting("newer") > KEYS - 100:
            assert rotation.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.005)
        rotation.kill()
        assert rotation.wait() == -9

    left = waiting("newer")
    assert 0 < left <= KEYS - 100
    assert masters() == {("tests", "tests"), ("newer", "newer")}
    assert_all_opens()
    connection.close()
    assert start(ROTATE[:-2], env, log).wait(60) == 0, log.read_text()
    assert f"rewrapped under master key newer: {left} data keys" in log.read_text()
    deeds = AuditEntry.objects.filter(deed="key.rotate").order_by("number")
    assert [entry.detail["step"] for entry in deeds] == ["begun", "begun", "done"]
    assert masters() == {("newer", "newer")}
    settings.VAULT_KEYS = settings.VAULT_KEYS.split(",")[0]
    assert_all_opens()
    assert {row.pk: row.sent_copy for row in Message.objects.filter(pk__in=texts)} == texts
