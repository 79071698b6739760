"""The notice of a series: one mail for a deed, however many sessions it touches. Always the net effect.

What has not left yet when the next deed comes is planned anew, for whatever is still to be said of the series then.
"""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet
from django.utils import timezone

import outbox.services
from outbox.models import Message
from outbox.services import Wanted
from practice import clock
from practice.models import Practice
from sessions.models import ClientSession, DiaryRules, Series
from sessions.notices import What

SERIES_NOTICE = "series_notice"
# As the outbox says of a mail that the next plan no longer wants.
_REPLACED = "replaced by a newer plan"
_State = Message.State


def about(series: Series, what: What) -> list[ClientSession]:
    """Return the sessions that a notice is about, by their start: those ahead, or those that a deed has cancelled."""
    rows = ClientSession.unscoped.filter(series=series, starts_at__gt=timezone.now())  # no viewer: the client's own
    rows = rows.select_related("client").order_by("starts_at")
    if what is not What.CANCELLED:
        return list(rows.filter(status__in=ClientSession.AHEAD))
    gone = rows.filter(status__in=ClientSession.CANCELLED, known="")
    return [each for each in gone if each.known_version == each.version]


def tell(series: Series, news: Iterable[What]) -> None:
    """Make the notices of a series be exactly these, as far as there is something to say and the practice sends such.

    In the caller's transaction, once its rows are written.
    """
    rules, practice = DiaryRules.current(), Practice.current()
    outbox.services.plan(
        SERIES_NOTICE, subject_id=series.pk, owner_id=series.client_id, reference=series.client.reference,
        wanted=[want for what in news for want in _wanted(series, what, rules, practice)],
    )  # fmt: skip


def _wanted(series: Series, what: What, rules: DiaryRules, practice: Practice) -> list[Wanted]:
    """Return the notice, if it is sent and can leave in time: it is of use as long as one of its days is ahead."""
    is_sent = {
        What.BOOKED: rules.notify_booked, What.MOVED: rules.notify_moved, What.CANCELLED: rules.notify_cancelled,
    }[what]  # fmt: skip
    sessions = about(series, what) if is_sent else []
    due_at = clock.next_mail_moment(timezone.now() + rules.notice_delay, practice)
    if not sessions or due_at >= sessions[-1].starts_at:
        return []
    return [Wanted(what.value, series.version, due_at, sessions[-1].starts_at)]


def unsaid(series_id: UUID, client_id: UUID) -> set[What]:
    """Return what the client has not heard yet: the notices that have not left.

    What a worker has written of them is taken back, or it could still leave and say what is being changed.
    """
    rows = Message.objects.filter(kind=SERIES_NOTICE, subject_id=series_id, dispatched_at=None)
    waiting = rows.filter(state__in=(_State.PLANNED, _State.LEASED)).values_list("key", flat=True)
    if waiting.exists():
        outbox.services.recall(client_id)
    return _whats(waiting)


def unsaid_before(series: Series, version: int) -> set[What]:
    """Return what the client had not heard when the series was at this version, and a deed has planned anew since."""
    rows = _of(series).filter(dispatched_at=None, state=_State.DROPPED, reason=_REPLACED)
    return _whats(rows.filter(key__endswith=f":{version}").values_list("key", flat=True))


def has_left(series: Series, version: int) -> bool:
    """Say whether the notice of a deed has left, as far as anybody knows; `version` is the one that the deed left."""
    rows = _of(series).filter(key__endswith=f":{version}")
    return rows.filter(state__in=(_State.SENT, _State.UNSURE)).exists()


def _of(series: Series) -> QuerySet[Message]:
    return Message.objects.filter(kind=SERIES_NOTICE, subject_id=series.pk)


def _whats(keys: Iterable[str]) -> set[What]:
    return {What(key.split(":")[2]) for key in keys}
