"""Where a member is signed in: each browser in plain words, seen lately, ended at once.

django-allauth keeps a row for each sign-in. What says more than needed goes before it is stored: of the address only
the network stays, and of the browser's long name two words. A row goes with its sign-in.
"""

import hashlib
import ipaddress
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from practice import trail
from practice.models import User

SEEN_EVERY = timedelta(minutes=5)
# In this order: many browsers also bear the names of others.
BROWSERS = (
    ("Edg", "Edge"), ("OPR/", "Opera"), ("SamsungBrowser", "Samsung Internet"), ("Firefox", "Firefox"),
    ("FxiOS", "Firefox"), ("CriOS", "Chrome"), ("Chrome", "Chrome"), ("Chromium", "Chrome"), ("Safari", "Safari"),
)  # fmt: skip
SYSTEMS = (
    ("iPhone", "an iPhone"), ("iPad", "an iPad"), ("Android", "Android"), ("Windows", "Windows"),
    ("CrOS", "a Chromebook"), ("Mac OS", "a Mac"), ("Linux", "Linux"),
)  # fmt: skip


@dataclass(frozen=True)
class SignIn:
    """One sign-in as its member sees it."""

    id: int
    device: str
    network: str
    began_at: datetime
    seen_at: datetime
    is_this: bool


def device_in_words(user_agent: str) -> str:
    """Return browser and system: "Firefox on Linux"."""
    browser = next((name for mark, name in BROWSERS if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS if mark in user_agent), "")
    return " on ".join(part for part in (browser or "A browser", system) if part)


def network_of(ip: str) -> str:
    """Return the address of the network: 203.0.113.0 of 203.0.113.7, and the first 48 bits of an IPv6 address."""
    address = ipaddress.ip_address(ip)
    network = ipaddress.ip_network((address, 24 if address.version == 4 else 48), strict=False)
    return str(network.network_address)


def _network_in_words(ip: str) -> str:
    """Return 203.0.113.* or 2001:db8:1:*."""
    return re.sub(r"\.0$", ".*", ip) if "." in ip else re.sub(r"::$", ":*", ip)


def shorten(session_key: str | None) -> None:
    """Keep of a new sign-in what its member needs to know it by. In the transaction that wrote it."""
    row = UserSession.objects.filter(session_key=session_key).first()
    if row is not None:
        row.ip, row.user_agent = network_of(row.ip), device_in_words(row.user_agent)
        row.save(update_fields=["ip", "user_agent"])


def of(user: User, *, this: str | None) -> list[SignIn]:
    """Return a member's sign-ins, this one first, then the one seen last. `this` is the session key."""
    rows = list(UserSession.objects.filter(user=user))
    alive = set(
        Session.objects.filter(
            session_key__in=[row.session_key for row in rows], expire_date__gt=timezone.now()
        ).values_list("session_key", flat=True)
    )
    found = [
        SignIn(row.pk, row.user_agent or "A browser", _network_in_words(row.ip), row.created_at, row.last_seen_at,
               row.session_key == this)
        for row in rows if row.session_key in alive
    ]  # fmt: skip
    return sorted(found, key=lambda sign_in: (not sign_in.is_this, -sign_in.seen_at.timestamp()))


@transaction.atomic
def end_one(*, actor: User, sign_in: UserSession) -> None:
    """End one sign-in: its browser is at the door with its next click."""
    _end([sign_in])
    trail.record("sign_in.end", actor=actor, subject=actor, number=1)


@transaction.atomic
def end_the_others(*, actor: User, keep: str | None) -> int:
    """End all of the member's sign-ins but this one, and return how many."""
    number = end_others(actor, keep=keep)
    if number:
        trail.record("sign_in.end", actor=actor, subject=actor, number=number)
    return number


def end_others(user: User, *, keep: str | None) -> int:
    """End a member's sign-ins but the one with this session key, as part of another deed."""
    return _end(list(UserSession.objects.filter(user=user).exclude(session_key=keep or "")))


def _end(rows: list[UserSession]) -> int:
    Session.objects.filter(session_key__in=[row.session_key for row in rows]).delete()
    UserSession.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)


def forget(session_key: str | None) -> None:
    """Delete the row of a sign-in that ends by itself."""
    UserSession.objects.filter(session_key=session_key or "").delete()


def renew(request: HttpRequest) -> None:
    """Give a sign-in a new token and let the one before open nothing (ASVS 7.2.4). Its row goes along."""
    before = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=before or "").update(session_key=request.session.session_key)


def sweep() -> int:
    """Delete sign-ins that have run out, and what was kept of them. Return how many."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    rows = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key"))
    return int(rows.delete()[0])


class LastSeenMiddleware:
    """Notes that a sign-in is in use, at most once in five minutes: a page is not to wait for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        key = request.session.session_key
        if key and request.user.is_authenticated:
            _note_seen(key)
        return response


def _note_seen(session_key: str) -> None:
    now = timezone.now()
    name = f"seen:{hashlib.sha256(session_key.encode()).hexdigest()}"
    noted = cache.get(name)
    if noted is not None and now.timestamp() - noted < SEEN_EVERY.total_seconds():
        return
    cache.set(name, now.timestamp(), timeout=24 * 60 * 60)
    if noted is not None:
        UserSession.objects.filter(session_key=session_key).update(last_seen_at=now)
