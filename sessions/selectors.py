"""Questions about the diary."""

from datetime import datetime
from uuid import UUID

from sessions.models import ClientSession


def clash(
    counsellor_id: UUID, starts_at: datetime, ends_at: datetime, *, but: UUID | None = None
) -> ClientSession | None:
    """Return the first session of a counsellor that overlaps with this time; `but` is a session that may."""
    diary = ClientSession.unscoped.filter(counsellor_id=counsellor_id)  # no viewer: the diary's own bookings ask
    taken = diary.filter(starts_at__lt=ends_at, ends_at__gt=starts_at).exclude(status__in=ClientSession.CANCELLED)
    if but is not None:
        taken = taken.exclude(pk=but)
    return taken.order_by("starts_at").first()
