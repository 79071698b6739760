"""Questions about exercises: the library, what a client has, what waits to be read."""

from datetime import datetime

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone

from clients.models import Client
from exercises.models import ExerciseVersion
from practice.models import User
from sessions.models import ClientSession


def current_versions() -> QuerySet[ExerciseVersion]:
    """Return the newest words of every exercise, in the order of the library; one query."""
    newest = ExerciseVersion.objects.filter(exercise=OuterRef("exercise")).order_by("-number").values("pk")[:1]
    return (
        ExerciseVersion.objects.filter(pk=Subquery(newest))
        .select_related("exercise")
        .order_by("exercise__position", "exercise__slug")
    )


def next_session(viewer: User, client: Client, after: datetime | None = None) -> ClientSession | None:
    """Return the client's next booked session."""
    booked = ClientSession.visible_to(viewer).filter(
        client=client, status=ClientSession.Status.BOOKED, starts_at__gt=after or timezone.now()
    )
    return booked.order_by("starts_at").first()
