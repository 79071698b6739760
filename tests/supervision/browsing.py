"""What tests of pages do: find a page, and act in another tab meanwhile."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from django.db import connection
from django.urls import reverse
from django.utils import timezone

from notes.models import Note
from practice.models import User
from tests.factories import make_user
from tests.supervision.factories import make_flagged_note, make_known_client

AGENDA, PREPARE, PACKS = "/supervision/", "/supervision/prepare/", "/supervision/packs/"


def url(name: str, pk: Any) -> str:
    return reverse(f"supervision:{name}", args=[pk])


@contextmanager
def just_before(words: str, deed: Callable[[], object]) -> Iterator[None]:
    """Do something once, just before a statement with these words: what another tab does meanwhile."""
    waiting = [deed]

    def look(execute: Any, statement: str, params: Any, many: bool, context: Any) -> Any:
        if words in statement and waiting:
            waiting.pop()()
        return execute(statement, params, many, context)

    with connection.execute_wrapper(look):
        yield
    assert waiting == []


def make_flagged_notes(number: int, counsellor: User | None = None) -> list[Note]:
    counsellor = counsellor or make_user()
    return [
        make_flagged_note(make_known_client(counsellor), session={"starts_at": timezone.now() - timedelta(days=days)})
        for days in range(1, number + 1)
    ]
