"""How many sessions were agreed with a client."""

import uuid

from django.db import models
from django.db.models import Q

from clients.models import Client
from practice.scoping import ScopedModel


class Agreement(ScopedModel):
    """The number of sessions agreed with a client, counted from a day on."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="+")
    sessions = models.PositiveSmallIntegerField()
    counts_from = models.DateField()

    class Privacy:
        sealed = ()
        plain = ("id", "client", "sessions", "counts_from")

    class Meta(ScopedModel.Meta):
        abstract = False
        constraints = [models.CheckConstraint(condition=Q(sessions__gte=1), name="sessions_agreed_some")]

    def __str__(self) -> str:
        return f"agreement {self.id}"
