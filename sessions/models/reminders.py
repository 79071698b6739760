"""When clients are reminded: rules of the practice, of a counsellor, for one client, for one session."""

import re
import uuid
from typing import Any

from django.db import models
from django.db.models import Q

from clients.models import Client
from practice.models import User
from sessions.models.session import ClientSession

# "24h", "90m": so long before the start; "eve18:00": the evening before at that time, by the practice's clock.
RULE = re.compile(r"(?P<hours>[1-9]\d{0,2})h|(?P<minutes>[1-9]\d{0,3})m|eve(?P<at>[01]\d:[0-5]\d|2[0-3]:[0-5]\d)")
USUAL = ["24h"]


class ReminderSet(models.Model):
    """Any number of rules (see RULE), none meaning no reminder. Whose it is: a session's, a client's, a counsellor's.

    With none of the three it is the practice's. The nearest one counts, whole: session, client, counsellor, practice.
    It holds no client's words, and is reached by way of its session or client.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    counsellor = models.ForeignKey(User, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    client = models.ForeignKey(Client, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(ClientSession, null=True, blank=True, on_delete=models.CASCADE, related_name="+")
    rules: Any = models.JSONField(default=list)

    objects = models.Manager["ReminderSet"]()

    class Privacy:
        sealed = ()
        plain = ("id", "counsellor", "client", "session", "rules")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["counsellor"], condition=Q(counsellor__isnull=False), name="sessions_reminders_counsellor"
            ),
            models.UniqueConstraint(
                fields=["client"], condition=Q(client__isnull=False), name="sessions_reminders_client"
            ),
            models.UniqueConstraint(
                fields=["session"], condition=Q(session__isnull=False), name="sessions_reminders_session"
            ),
            models.CheckConstraint(
                condition=Q(counsellor__isnull=True, client__isnull=True)
                | Q(counsellor__isnull=True, session__isnull=True)
                | Q(client__isnull=True, session__isnull=True),
                name="sessions_reminders_of_one",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"reminder rules {self.id}"
