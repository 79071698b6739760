"""Fixtures of the practice's tests: members, a trail that breaks, and nothing left in the cache."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache
from django.db.models.signals import pre_save
from django.test import Client

from practice.models import AuditEntry, Practice, User
from practice.roles import Role
from tests.factories import make_practice, make_user


class TrailBroken(Exception):
    """The database refuses an audit row."""


@pytest.fixture(autouse=True)
def _no_tries_counted() -> Iterator[None]:
    """Forget the rate limits, which live in the cache."""
    cache.clear()
    yield
    cache.clear()


@pytest.fixture
def practice(db: None) -> Practice:
    return make_practice()


@pytest.fixture
def admin(practice: Practice) -> User:
    return make_user(Role.ADMIN, name="Alder Testman")


@pytest.fixture
def counsellor(practice: Practice) -> User:
    return make_user(Role.COUNSELLOR, name="Rowan Testling")


@pytest.fixture
def as_admin(client: Client, admin: User) -> Client:
    client.force_login(admin)
    return client


@pytest.fixture
def as_counsellor(client: Client, counsellor: User) -> Client:
    client.force_login(counsellor)
    return client


@pytest.fixture
def broken_trail() -> Iterator[type[Exception]]:
    """Let every insert into the trail fail, as a full disk would."""

    def refuse(sender: type[AuditEntry], **rest: Any) -> None:
        raise TrailBroken

    pre_save.connect(refuse, sender=AuditEntry)
    yield TrailBroken
    pre_save.disconnect(refuse, sender=AuditEntry)


@pytest.fixture
def commits(django_capture_on_commit_callbacks: Any) -> Any:
    """Return a block that runs what waits for the commit."""
    return django_capture_on_commit_callbacks
