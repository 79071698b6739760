"""What the practice holds of one client: how long it is kept, how much of what there is, whether it may go."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from django.db.models import ManyToOneRel, Model, QuerySet

from clients.models import AskedBy, Client, ErasureRequest
from clients.retention import Rule, answer_by, in_years, keep_until
from clients.selectors import Opened, opened
from clients.span import Span, span_of
from outbox.models import Message
from practice import clock
from practice.models import KeptWords, Practice, User
from vault.models import SealedFile

# Rows of rooms above, in a page's words; "" for what is counted under another name.
_NAMES = {
    "clients.clientlink": "Links in mails",
    "clients.erasurerequest": "Requests to erase",
    "client_sessions.agreement": "Agreed numbers of sessions",
    "client_sessions.clientreply": "Clients’ requests",
    "client_sessions.clientsession": "Sessions",
    "client_sessions.reminderset": "Reminder rules",
    "client_sessions.series": "Series",
    "client_sessions.waitingentry": "Places on the waiting list",
    "exercises.assignment": "Exercises",
    "exercises.answer": "Answers",
    "exercises.course": "Programmes and repetitions",
    "exercises.coursestep": "",
    "exercises.draft": "Half-written answers",
    "notes.note": "Notes",
    "notes.attachment": "",
    "supervision.packitem": "Notes in supervision packs",
}


@dataclass(frozen=True)
class Asked:
    """A request to erase, and by when it is to be answered; our own review has no such day."""

    request: ErasureRequest
    answer_by: date | None


@dataclass(frozen=True)
class Keeping:
    """What a record's page says of its keeping. `hold` is the reason, None where nothing holds it."""

    rule: Rule
    is_ahead: bool
    hold: Opened | None
    asked: Asked | None


def keeping_of(client: Client) -> Keeping:
    """Return until when a record is kept, and what stands for or against erasing it; three queries."""
    rule = rule_of(client)
    hold = opened(client, "hold_reason") if client.is_held else None
    return Keeping(rule, rule.is_ahead(clock.today()), hold, open_request(client))


def rule_of(client: Client, span: Span | None = None) -> Rule:
    """Return how long this record is kept. Counted from the last session, or where there was none from the end."""
    span = span or span_of(client)
    counted_from = span.last_on or clock.local(client.ended_at or client.admitted_at).date()
    years = Practice.current().retention_years
    born = opened(client, "date_of_birth")
    if born.is_damaged:
        return Rule(None, counted_from, has_session=span.last_on is not None, years=years)
    until = keep_until(counted_from, date.fromisoformat(born.text) if born.text else None, years)
    is_minors = until > in_years(counted_from, years)
    return Rule(until, counted_from, has_session=span.last_on is not None, years=years, is_minors=is_minors)


def counts_of(client: Client) -> dict[str, int]:
    """Return how many rows of each kind there are, by name; one query a kind, whatever the number of rows."""
    counts = {name: rows.count() for name, rows in _rows_of(client) if name}
    return {name: count for name, count in sorted(counts.items()) if count}


def lock_all(client: Client) -> None:
    """Lock every row of a client, waiting for none. Raise OperationalError where somebody else has one of them."""
    for _, rows in _rows_of(client):
        list(rows.order_by().select_for_update(nowait=True).values_list("pk"))


def _rows_of(client: Client) -> Iterator[tuple[str, QuerySet[Model]]]:
    """Yield everything that goes with a client: what refers to them, in every room, and what is sealed for them."""
    for relation in Client._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):
            model = relation.related_model
            name = _NAMES.get(model._meta.label_lower, str(model._meta.verbose_name_plural).capitalize())
            yield name, model._base_manager.filter(**{relation.field.name: client})
    yield "Mails", Message.objects.filter(owner_id=client.pk)
    yield "Files", SealedFile.objects.filter(owner_id=client.pk)
    yield "Words kept while typing", KeptWords.objects.filter(owner_id=client.pk)


def open_request(client: Client) -> Asked | None:
    """Return the request that waits for a decision."""
    requests = ErasureRequest.unscoped.filter(client=client)  # no viewer: the caller holds the row
    request = requests.filter(state=ErasureRequest.State.OPEN).first()
    return None if request is None else _asked(request)


def requests_before(client: Client) -> list[ErasureRequest]:
    """Return the requests that were not carried out, the latest first."""
    requests = ErasureRequest.unscoped.filter(client=client)  # no viewer: the caller holds the row
    return list(requests.exclude(state=ErasureRequest.State.OPEN).order_by("-closed_at"))


def requests_of(viewer: User) -> list[Asked]:
    """Return the open requests among the viewer's clients, the one to be answered first at the head; one query."""
    rows = ErasureRequest.visible_to(viewer).filter(state=ErasureRequest.State.OPEN).defer("note", "declined_note")
    asked = [_asked(request) for request in rows.select_related("client")]
    return sorted(asked, key=lambda one: (one.answer_by or date.max, one.request.received_on))


def _asked(request: ErasureRequest) -> Asked:
    # Our own review of what has been kept long enough has no clock.
    return Asked(request, None if request.asked_by == AskedBy.REVIEW else answer_by(request.received_on))
