"""The form that assigns an exercise, as a counsellor fills it in."""

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.urls import reverse

from clients.models import Client
from practice import clock

LONDON = ZoneInfo("Europe/London")
MONDAY = datetime(2026, 11, 23, 9, 30, tzinfo=LONDON)


def url(client: Client, slug: str = "quiet-minute") -> str:
    return reverse("exercises:assign", args=[client.pk]) + (f"?exercise={slug}" if slug else "")


def typed(**fields: Any) -> dict[str, Any]:
    return {
        "nonce": str(uuid4()),
        "personal_line": "For the walk home.",
        "why": "You spoke of the harsh voice.",
        "plan_when": "after supper",
        "plan_where": "",
        "often": "once",
        "minutes": "5",
        "by": "day",
        "due_on": (clock.today() + timedelta(days=4)).isoformat(),
        "send": "now",
        "nudges": "1",
        **fields,
    }
