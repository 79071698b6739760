"""The way back from giving an exercise: to the session's page or the note from which a counsellor came.

The address carries `?back=session:<uuid>` or `note:<uuid>`, the session's id in both; all else leads to the record.
"""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from clients.models import Client
from practice.models import User
from sessions.models import ClientSession

# What a place is called, and the page that shows it.
_PLACES = {"session": ("Session", "sessions:detail"), "note": ("Session note", "notes:write")}


@dataclass(frozen=True)
class Back:
    """Where a page leads back to. `mark` goes on in addresses, empty for the record."""

    url: str
    label: str
    mark: str = ""

    @property
    def query(self) -> str:
        """Return the mark as the further part of an address that has a question already."""
        return f"&back={self.mark}" if self.mark else ""


def back_to(viewer: User, client: Client, asked: str, name: str) -> Back:
    """Return the way back that an address asks for; the record, called by `name`, for all that is no page of theirs."""
    place, _, number = asked.partition(":")
    if place in _PLACES and _is_theirs(viewer, client, number):
        label, route = _PLACES[place]
        return Back(reverse(route, args=[UUID(number)]), label, f"{place}:{UUID(number)}")
    return Back(reverse("clients:record", args=[client.pk]), name)


def _is_theirs(viewer: User, client: Client, number: str) -> bool:
    try:
        session_id = UUID(number)
    except ValueError:
        return False
    return ClientSession.visible_to(viewer).filter(pk=session_id, client=client).exists()
