"""A client's link to their session, and what stands on the page behind it."""

import html
import re
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone

from clients.links import mint
from clients.models import ClientLink
from practice.models import AuditEntry
from sessions.models import ClientSession, DiaryRules
from tests.factories import make_practice

LONDON = ZoneInfo("Europe/London")
# A Tuesday.
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=LONDON)


def link_to(session: ClientSession, days: int = 7) -> str:
    """Return the address that a mail carries; a negative number of days for one that ran out so long ago."""
    now = timezone.now()
    token = mint(client=session.client, purpose="session", subject_id=session.pk, expires_at=now + timedelta(days=7))
    if days < 0:
        past = now + timedelta(days=days)
        ClientLink.unscoped.filter(subject_id=session.pk).update(created_at=past - timedelta(days=1), expires_at=past)
    return f"/s/{token}/"


def set_rules(**changes: Any) -> DiaryRules:
    make_practice()
    return DiaryRules.objects.update_or_create(only_row=True, defaults=changes)[0]


def form(session: ClientSession, deed: str, **words: Any) -> dict[str, Any]:
    """Return what a form on the page carries."""
    return {"deed": deed, "revision": str(session.revision), **words}


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def heading(answer: Any) -> str:
    (h1,) = re.findall(r"<h1[^>]*>(.*?)</h1>", read(answer))
    return str(h1).strip()


def deeds() -> list[str]:
    return list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))
