"""Erasing at the same moment as something else: no row is left over, and nothing is sealed under a key that is gone."""

import random
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from django.core.exceptions import ObjectDoesNotExist
from django.db import IntegrityError, connection
from django.utils import timezone

from clients import erasure
from clients.handing_over import HandedOver
from clients.models import Client, Tombstone
from clients.services import change_client
from exercises.answers import NotWithClient, submit_answer
from exercises.models import Assignment
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from notes.services import save_draft
from practice import keeping
from practice.keeping import Sheet
from practice.models import AuditEntry
from sessions.models import ClientSession
from sessions.services import book_session, move_session
from tests.clients.test_erasure import ask, mint, rows_of
from tests.factories import make_client, make_session
from vault.errors import DataKeyMissing

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 4
# What a deed may meet when its client goes under its hands. A deadlock is not among them: erasing gives way.
GONE = (ObjectDoesNotExist, IntegrityError, DataKeyMissing, NotWithClient, HandedOver)
Deed = Callable[[Client], object]


def at_once(*deeds: Callable[[], object]) -> list[str]:
    """Run deeds in threads that start together; return what came of each."""
    start = Barrier(len(deeds))

    def attempt(deed: Callable[[], object]) -> str:
        try:
            start.wait(10)
            time.sleep(random.uniform(0, 0.02))
            deed()
        except (erasure.ClientGone, *GONE) as error:
            return type(error).__name__
        finally:
            connection.close()
        return "done"

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(attempt, deeds))


def asked_for() -> Client:
    client = make_client()
    make_session(client, timezone.now() - timedelta(days=1))
    make_session(client, timezone.now() + timedelta(days=2))
    Assignment.unscoped.create(
        client=client, version=current_versions()[0], assigned_by=client.counsellor, personal_line="l", why="w",
        plan_when="p", due_on=timezone.localdate(),
    )  # fmt: skip
    ask(client)
    return client


def erase(client: Client) -> Tombstone:
    return erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)


def book(client: Client) -> object:
    starts_at = timezone.now() + timedelta(days=3)
    return book_session(
        actor=client.counsellor, client=client, starts_at=starts_at, length=timedelta(minutes=50), mode="phone",
        place="Room 2",
    )  # fmt: skip


def move(client: Client) -> object:
    session = ClientSession.unscoped.get(client=client, starts_at__gt=timezone.now())
    starts_at = timezone.now() + timedelta(days=4)
    return move_session(actor=client.counsellor, session=session, starts_at=starts_at, length=timedelta(minutes=50))


def write(client: Client) -> object:
    session = ClientSession.unscoped.get(client=client, starts_at__lt=timezone.now())
    return save_draft(actor=client.counsellor, session=session, text="sit", version=0)


def answer(client: Client) -> object:
    assignment = Assignment.unscoped.select_related("client", "version").get(client=client)
    return submit_answer(assignment=assignment, sharing="shared", values={})


def change(client: Client) -> object:
    return change_client(actor=client.counsellor, client=client, version=1, phone="01632 960100")


def type_words(client: Client) -> object:
    sheet = Sheet("/notes/", client.pk, client.reference)
    return keeping.keep(user=client.counsellor, sheet=sheet, words={"text": "half a thought"})


@pytest.mark.parametrize("deed", [book, move, write, answer, change, mint, type_words], ids=lambda deed: deed.__name__)
def test_nothing_is_left_whoever_comes_first(deed: Deed) -> None:
    publish_shipped()
    for _ in range(ROUNDS):
        client = asked_for()
        erased, _ = at_once(lambda client=client: erase(client), lambda client=client: deed(client))  # type: ignore[misc]
        assert erased == "done"
        assert rows_of(client) == {}


def test_two_windows_erase_once() -> None:
    publish_shipped()
    client = asked_for()
    assert sorted(at_once(*[lambda: erase(client)] * 4)) == ["ClientGone"] * 3 + ["done"]
    assert Tombstone.unscoped.count() == AuditEntry.objects.filter(deed="client.erase").count() == 1
