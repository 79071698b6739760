"""What has happened with a client, and what is to come: rooms above register their own sources."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from clients.models import Client
from practice.models import User

_ICONS = {"session": "calendar", "note": "note", "exercise": "leaf", "answer": "pencil", "mail": "mail"}


@dataclass(frozen=True)
class TimelineEntry:
    """One thing at one moment. `title` holds nothing sealed; `tone` is the badge's class (ok, wait, soft, warn)."""

    at: datetime
    kind: str
    title: str
    url: str = ""
    badge: str = ""
    tone: str = ""
    detail: str = ""

    @property
    def icon(self) -> str:
        return _ICONS.get(self.kind, "info")

    @property
    def is_ahead(self) -> bool:
        return self.at > timezone.now()


Source = Callable[[Client, User], Iterable[TimelineEntry]]
_SOURCES: dict[str, Source] = {}


def register(name: str, source: Source) -> None:
    """Add a source, from an app's `ready`; the same name replaces."""
    _SOURCES[name] = source


def timeline_of(client: Client, viewer: User) -> list[TimelineEntry]:
    """Return what every source has for this client and viewer, newest first."""
    entries = [entry for _, source in sorted(_SOURCES.items()) for entry in source(client, viewer)]
    return sorted(entries, key=lambda entry: entry.at, reverse=True)
