"""Questions about the supervision agenda and packs."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from clients.models import Client
from clients.selectors import Opened, opened
from notes.models import Note
from practice.models import AuditEntry, User
from sessions.models import ClientSession
from supervision.models import Pack, PackItem
from supervision.pseudonyms import Identity, remains
from vault.errors import VaultError
from vault.services import warm

_Row = TypeVar("_Row", Note, PackItem)
Look = Callable[[Identity, str, str], list[str]]


@dataclass(frozen=True)
class AgendaRow:
    """A flagged note: its question, opened, and the packs it is in already."""

    note: Note
    question: Opened
    is_whole: bool
    packs: list[Pack]


@dataclass(frozen=True)
class PreviewItem:
    """An item as its counsellor sees it before release.

    `found` is what still tells who the client is; it is None where that cannot be known, since something of the item
    or of the client's record does not open.
    """

    item: PackItem
    number: int
    question: Opened
    text: Opened
    replaced: list[dict[str, str | int]]
    found: list[str] | None
    is_handed_over: bool = False

    @property
    def is_damaged(self) -> bool:
        return self.question.is_damaged or self.text.is_damaged


def identity_of(client: Client) -> Identity:
    """Return what a client's record says of who they are. Raise VaultError where a part of it does not open."""
    return Identity(
        reference=client.reference,
        name=client.name,
        preferred_name=client.preferred_name,
        email=client.email,
        phone=client.phone,
        date_of_birth=client.date_of_birth,
        emergency_contact=client.emergency_contact,
        gp=client.gp,
    )


def flagged_notes(viewer: User) -> QuerySet[Note]:
    """Return the viewer's notes on the agenda, the oldest session first."""
    notes = Note.visible_to(viewer).filter(is_for_supervision=True).select_related("client")
    return _numbered(notes, client="client_id", starts_at="session__starts_at").order_by("session__starts_at", "id")


def agenda(viewer: User) -> list[AgendaRow]:
    """Return the agenda's rows, in three queries. A note is opened only to see that it does."""
    notes = list(flagged_notes(viewer))
    warm(note.client_id for note in notes)
    packs: dict[UUID, list[Pack]] = {note.pk: [] for note in notes}
    items = PackItem.visible_to(viewer).filter(note__in=notes, pack__prepared_by=viewer)
    for item in items.select_related("pack").only("note_id", "pack").order_by("pack__created_at"):
        packs[item.note_id].append(item.pack)
    return [AgendaRow(note, opened(note, "supervision_question"), _is_whole(note), packs[note.pk]) for note in notes]


def items_of(pack: Pack) -> list[PackItem]:
    """Return a pack's items in order, with their clients, notes and session numbers."""
    items = PackItem.unscoped.filter(pack=pack)  # no viewer: the caller holds the pack
    numbered = _numbered(items, client="client_id", starts_at="note__session__starts_at")
    rows = list(numbered.select_related("client", "note").order_by("position"))
    warm(row.client_id for row in rows)
    return rows


def preview(pack: Pack) -> list[PreviewItem]:
    """Return a pack's items for its counsellor's eyes."""
    return [
        _preview(item, number) if item.client.counsellor_id == pack.prepared_by_id else _without_names(item, number)
        for number, item in enumerate(items_of(pack), start=1)
    ]


def packs_for(viewer: User) -> QuerySet[Pack]:
    """Return the packs that the viewer may see, the newest first, with the number of their notes as `size`."""
    packs = Pack.visible_to(viewer).select_related("prepared_by").annotate(size=Count("items"))
    return packs.order_by(Coalesce("released_at", "created_at").desc(), "id")


def packs_to_export(viewer: User) -> list[Pack]:
    """Return the released packs that the viewer may see and that nobody has exported, by the audit trail."""
    exported = AuditEntry.objects.filter(deed="pack.export").values("subject_id")
    return list(packs_for(viewer).filter(state=Pack.State.RELEASED).exclude(pk__in=exported))


def remaining(identity: Identity, question: str, text: str) -> list[str]:
    """Return what in an item's words still tells who its client is. Takes up to a second for long ones."""
    return list(dict.fromkeys([*remains(question, identity), *remains(text, identity)]))


def still_there(item: PackItem, look: Look = remaining) -> list[str]:
    """Return what in an item still tells who its client is. Raise VaultError where something does not open."""
    return look(identity_of(item.client), item.question, item.text)


def _preview(item: PackItem, number: int) -> PreviewItem:
    try:
        found = still_there(item)
    except VaultError:
        found = None
    try:
        replaced = item.replaced
    except VaultError:
        replaced, found = [], None
    return PreviewItem(item, number, opened(item, "question"), opened(item, "text"), replaced, found)


def _without_names(item: PackItem, number: int) -> PreviewItem:
    return PreviewItem(item, number, opened(item, "question"), opened(item, "text"), [], [], is_handed_over=True)


def _is_whole(note: Note) -> bool:
    """Say whether a note and its client's record open, so that a pack can be made of it."""
    try:
        identity_of(note.client)
        return all(isinstance(text, str) for text in (note.text, note.supervision_question))
    except VaultError:
        return False


def _numbered(rows: QuerySet[_Row], *, client: str, starts_at: str) -> QuerySet[_Row]:
    """Annotate `session_number`: which session of that client it was, cancelled and missed ones not counted."""
    held = (
        ClientSession.unscoped.filter(client=OuterRef(client), starts_at__lte=OuterRef(starts_at))  # no viewer: a count
        .exclude(status__in=(*ClientSession.CANCELLED, ClientSession.Status.DID_NOT_ATTEND))
        .order_by()
        .values("client")
        .annotate(held=Count("pk"))
        .values("held")
    )
    return rows.annotate(session_number=Coalesce(Subquery(held, output_field=IntegerField()), 1))
