"""Rows for tests, made directly and complete: a practice, members, clients, sessions. Names are plainly invented."""

from datetime import datetime, time, timedelta
from itertools import count
from time import time as time_now
from typing import Any
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.test import Client as Browser
from django.utils import timezone

from clients.models import Client
from practice import trail
from practice.models import Practice, User
from practice.roles import Role
from sessions.models import ClientSession, DiaryRules, WaitingEntry
from vault.services import create_data_key

PASSWORD = "a quiet place to sit"
_numbers = count(1)


def make_practice(**fields: Any) -> Practice:
    """Return the one practice, with its data key; mail may leave at any hour unless told otherwise."""
    values = {
        "name": "Willow Practice",
        "contact_line": "call or text 01632 960 100",
        "mail_from_time": time(0, 0),
        "mail_until_time": time.max,
        **fields,
    }
    practice = Practice.objects.first()
    if practice is None:
        practice = Practice.objects.create(**values)
        create_data_key(practice.id)
        # Tests of notices switch them on.
        DiaryRules.objects.create(notify_booked=False, notify_moved=False, notify_cancelled=False)
    elif fields:
        Practice.objects.filter(pk=practice.pk).update(**fields)
        practice.refresh_from_db()
    return practice


def make_user(role: str = Role.COUNSELLOR, **fields: Any) -> User:
    """Return a member who can sign in with PASSWORD."""
    make_practice()
    number = next(_numbers)
    values = {"email": f"member{number}@beside.test", "name": f"Member {number}", "role": role, **fields}
    user = User.objects.create_user(password=PASSWORD, **values)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def confirm_identity(browser: Browser) -> None:
    """Let a signed-in browser count as one whose user has just typed the password again (`@reconfirmed`)."""
    session = browser.session
    session["account_authentication_methods"] = [{"method": "password", "at": time_now(), "reauthenticated": True}]
    session["account_authentication_methods_user"] = session["_auth_user_id"]
    session.save()


def begin_trail() -> None:
    """Let the trail have its head and key, as it has from the day the practice was opened."""
    trail.record("practice.create", actor=None, subject=make_practice())


def trail_queries() -> int:
    """Return how many statements one row of a trail takes that has begun, its key at hand."""
    return len(["read and lock the head", "insert the row, which moves the head on"])


def make_client(counsellor: User | None = None, **fields: Any) -> Client:
    """Return an active client who may be e-mailed."""
    number = next(_numbers)
    client = Client(
        **{
            "id": uuid4(),
            "reference": f"C-{number:04d}",
            "counsellor": counsellor or make_user(),
            "name": f"Marigold Testwell {number}",
            "email": f"marigold{number}@example.org",
            "may_email": Client.MayEmail.YES,
            **fields,
        }
    )
    create_data_key(client.id)
    client.save(force_insert=True)
    return client


def make_session(client: Client | None = None, starts_at: datetime | None = None, **fields: Any) -> ClientSession:
    """Return a booked session of 50 minutes, by default at this time tomorrow."""
    client = client or make_client()
    starts_at = starts_at or timezone.now() + timedelta(days=1)
    values = {"counsellor": client.counsellor, "ends_at": starts_at + timedelta(minutes=50), **fields}
    return ClientSession.unscoped.create(client=client, starts_at=starts_at, **values)


def make_waiting(client: Client | None = None, **fields: Any) -> WaitingEntry:
    """Return a client's place on the waiting list, at any time of the week unless told otherwise."""
    return WaitingEntry.unscoped.create(client=client or make_client(), **fields)
