"""Keys that do not fit are ours to mend: no mail is failed for them, and one sentence says what to do."""

import base64
import secrets

import pytest
from django.core.management import CommandError, call_command
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from outbox.models import Sending
from outbox.sender import WRONG_KEYS, Tally, send_due
from outbox.services import resume
from tests.outbox.rows import State, again, plan_many
from tests.outbox.sink import Sink
from vault import services as vault
from vault.startup import ensure_canary

pytestmark = pytest.mark.django_db


@pytest.fixture
def right_keys(settings: Settings) -> str:
    ensure_canary()
    return str(settings.VAULT_KEYS)


def take_others(settings: Settings, *, name: str = "others") -> None:
    settings.VAULT_KEYS = f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}" if name else ""
    vault.cache.forget()


@pytest.mark.parametrize("name", ["others", ""])
def test_mail_stays_planned_and_sending_pauses(
    name: str,
    right_keys: str,
    settings: Settings,
    sink: Sink,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    rows = plan_many(3)
    take_others(settings, name=name)

    assert send_due() == Tally(retried=3)

    assert [(again(row).state, again(row).attempts, again(row).token) for row in rows] == [(State.PLANNED, 0, None)] * 3
    assert (Sending.objects.get().pause_reason, sink.taken) == (WRONG_KEYS, [])
    settings.VAULT_KEYS = right_keys
    with django_capture_on_commit_callbacks(execute=True):
        resume()
    assert send_due() == Tally(sent=3)


@pytest.mark.parametrize("name", ["tests", "others", ""])
def test_command_says_it_in_one_line_and_touches_no_mail(
    name: str, right_keys: str, settings: Settings, sink: Sink, capsys: pytest.CaptureFixture[str]
) -> None:
    (row,) = plan_many(1)
    take_others(settings, name=name)

    with pytest.raises(CommandError, match=r"^No mail was sent: [^\n]+$"):
        call_command("outbox_tick")

    assert (again(row).state, Sending.objects.exists(), sink.connections) == (State.PLANNED, False, 0)
    assert capsys.readouterr().out == ""
