"""A counsellor's private calendar feed: made, revoked, read. The database holds its token's hash, never the token."""

import hashlib
import re
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from clients.selectors import opened
from practice import clock, trail
from practice.models import User
from practice.roles import Permission, permissions_of
from sessions import ics
from sessions.diary import lock_diary
from sessions.models import ClientSession, Feed, TimeOff
from vault.services import warm

PAST = timedelta(days=90)
# A calendar program asks every few minutes; when it did last is written down this often.
NOTED_EVERY = timedelta(minutes=10)
# 32 random bytes in URL-safe Base64.
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class FeedUnknown(Exception):
    """There is no feed with this token: mistyped, or guessed."""


class FeedGone(Exception):
    """The feed was revoked, or its counsellor sees no clients here any more."""


@dataclass(frozen=True)
class Issue:
    """What a feed says, and since when it has said so: whole seconds, each time later than before."""

    content: bytes
    changed_at: datetime

    @property
    def etag(self) -> str:
        """Return the strong tag of these very bytes."""
        return f'"{hashlib.sha256(self.content).hexdigest()}"'


@transaction.atomic
def make_feed(*, actor: User, naming: Feed.Naming | str) -> tuple[Feed, str]:
    """Open a feed of a member's own diary; one that was open closes.

    Return it and its token, which nobody can read again. Locks the diary.
    """
    lock_diary(actor.pk)
    Feed.objects.filter(counsellor=actor, revoked_at=None).update(revoked_at=timezone.now())
    token = secrets.token_urlsafe(32)
    feed = Feed.objects.create(counsellor=actor, token_hash=_hash(token), naming=Feed.Naming(naming))
    trail.record("feed.make", actor=actor, subject=feed, naming=feed.naming)
    return feed, token


@transaction.atomic
def revoke_feed(*, actor: User, feed: Feed) -> None:
    """Close a feed: from now on its address says that it is gone. A closed one changes nothing. Locks the diary."""
    lock_diary(actor.pk)
    if Feed.objects.filter(pk=feed.pk, revoked_at=None).update(revoked_at=timezone.now()):
        trail.record("feed.revoke", actor=actor, subject=feed)


def close_feeds(member: User) -> None:
    """Close the feed of a member who leaves, so that coming back does not open it again. Part of `member.leave`."""
    Feed.objects.filter(counsellor=member, revoked_at=None).update(revoked_at=timezone.now())


def open_feed(member: User) -> Feed | None:
    """Return the feed of a member that is open, if there is one."""
    return Feed.objects.filter(counsellor=member, revoked_at=None).first()


def address_of(token: str) -> str:
    """Return where calendar programs read the feed of this token."""
    return f"{settings.SITE_URL}{reverse('sessions:feed', args=[token])}"


def resolve(token: str) -> Feed:
    """Return the open feed of this token, with its counsellor. Raise FeedUnknown or FeedGone.

    What is compared is a hash of 256 random bits, so timing tells nothing.
    """
    if not _TOKEN.fullmatch(token):
        raise FeedUnknown
    feed = Feed.objects.select_related("counsellor").filter(token_hash=_hash(token)).first()
    if feed is None:
        raise FeedUnknown
    if feed.revoked_at is not None or Permission.CLIENT_READ not in permissions_of(feed.counsellor):
        raise FeedGone
    return feed


def read_feed(feed: Feed) -> Issue:
    """Return what a feed says now: a constant number of queries.

    A look writes two things about the feed itself and nothing else: when it was last read, at most once in ten minutes,
    so that its counsellor sees whether somebody still does; and since when it says what it says, whenever that is news.
    The latter is what Last-Modified means, and no row of the diary knows it: time alone moves sessions out of a feed.
    """
    content = _written(feed)
    digest = hashlib.sha256(content).digest()
    is_noted = feed.last_read_at is not None and timezone.now() - feed.last_read_at < NOTED_EVERY
    if not is_noted or feed.changed_at is None or bytes(feed.digest) != digest:
        feed = _note(feed, digest)
    changed_at = feed.changed_at or feed.created_at
    return Issue(ics.stamped(content, changed_at), changed_at)


@transaction.atomic
def _note(feed: Feed, digest: bytes) -> Feed:
    """Write down that a feed was read, and that it says something else than before. Locks it.

    Two things said in one second are a second apart all the same: Last-Modified has no finer grain.
    """
    feed = Feed.objects.select_for_update().get(pk=feed.pk)
    now = timezone.now()
    feed.last_read_at = now
    if feed.changed_at is None or bytes(feed.digest) != digest:
        before = feed.changed_at or datetime.min.replace(tzinfo=now.tzinfo)
        feed.changed_at = max(now.replace(microsecond=0), before + timedelta(seconds=1))
        feed.digest = digest
    feed.save(update_fields=["last_read_at", "changed_at", "digest"])
    return feed


def _written(feed: Feed) -> bytes:
    since = clock.start_of(clock.today() - PAST)
    sessions = _sessions(feed.counsellor, since)
    time_off = TimeOff.visible_to(feed.counsellor).filter(ends_at__gt=since).order_by("starts_at", "pk")
    is_by_initials = feed.naming == Feed.Naming.INITIALS
    if is_by_initials:
        warm(session.client_id for session in sessions)
    return ics.feed_calendar(
        sessions,
        list(time_off),
        title_of=lambda session: initials(session.client) if is_by_initials else session.client.reference,
        url_of=lambda session: f"{settings.SITE_URL}{reverse('sessions:detail', args=[session.pk])}",
        first_year=clock.local(since).year,
    )


def _sessions(counsellor: User, since: datetime) -> list[ClientSession]:
    """Return what is in a feed. A cancelled session stays in it, as such, until its day: so every program drops it."""
    mine = ClientSession.visible_to(counsellor).filter(ends_at__gt=since)
    kept = mine.exclude(status__in=ClientSession.CANCELLED, starts_at__lt=clock.start_of(clock.today()))
    return list(kept.select_related("client").order_by("starts_at", "pk"))


def initials(client: Client) -> str:
    """Return the initials of what a client is called; the reference where there are none, or it does not open."""
    words = re.split(r"[\s-]+", unicodedata.normalize("NFC", opened(client, "called").text))
    letters = [word[0].upper() for word in words if word[:1].isalpha()]
    return " ".join(f"{letter}." for letter in letters) or client.reference


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode("ascii")).digest()
