"""The deed of handing a client over, with everything that goes along. It stands here: draft packs are touched."""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

import clients.handing_over
import sessions.handing_over
from clients.handing_over import CannotReceive, HandedOver
from clients.models import Client
from notes.models import Note
from practice import trail
from practice.models import AuditEntry, User
from sessions.handing_over import DiariesClash
from sessions.models import ClientSession
from supervision.models import Pack, PackItem

DEED = "client.hand_over"
NEWS_LASTS = timedelta(days=14)

__all__ = ["CannotReceive", "DiariesClash", "DraftsOpen", "HandedOver", "Result", "hand_over"]


class DraftsOpen(Exception):
    """Notes of sessions that have been are not signed yet, and a note is signed by whoever wrote it. Carries them."""

    def __init__(self, notes: Sequence[Note]) -> None:
        super().__init__("There are notes to sign first.")
        self.notes = list(notes)


@dataclass(frozen=True)
class Result:
    """What came of a hand-over: sessions in the new diary, sessions cancelled, mails that had left by then."""

    moved: int
    cancelled: int
    on_their_way: int


@transaction.atomic
def hand_over(
    *,
    actor: User,
    client: Client,
    to: User,
    is_told: bool,
    takes_drafts: bool = False,
    cancels_clashing: bool = False,
) -> Result:
    """Make a client another counsellor's, from this moment on and whole: record, notes, exercises, booked sessions.

    `is_told` is what the actor says of the client: it is recorded, and decides nothing. Notes keep their author, past
    sessions their counsellor. Drafts of packs lose the client's notes; a released pack stays as it is. Locks, in this
    order: both counsellors, the client, their booked sessions, the drafts of packs. Raise HandedOver, CannotReceive;
    DiariesClash unless `cancels_clashing`; DraftsOpen unless `takes_drafts`.
    """
    client = clients.handing_over.locked_for(client, to)
    was = client.counsellor_id
    booked = sessions.handing_over.locked_with(client)
    clashing = sessions.handing_over.clashing(booked, to)
    if clashing and not cancels_clashing:
        raise DiariesClash(clashing)
    if not takes_drafts and (drafts := notes_to_sign(client)):
        raise DraftsOpen(drafts)
    items = _take_out_of_drafts(client)
    going = [each for each in booked if each not in clashing]
    sessions.handing_over.give(client, going, to)
    mail = sessions.handing_over.cancel(clashing)
    left = clients.handing_over.give(client, to)
    # All audit rows at the end: the trail's head is the last lock (practice/trail.py).
    for session in clashing:
        trail.record(
            "session.cancel", actor=actor, subject=session, reference=client.reference,
            by=session.status, why="hand-over",
        )  # fmt: skip
    trail.record(
        DEED, actor=actor, subject=client, reference=client.reference, from_member=was, to_member=to.pk,
        client_told=is_told, sessions_moved=len(going), sessions_cancelled=len(clashing), taken_out_of_packs=items,
    )  # fmt: skip
    return Result(len(going), len(clashing), left + mail.on_their_way)


def notes_to_sign(client: Client) -> list[Note]:
    """Return the drafts of sessions that have begun, oldest first, their words unopened.

    A note prepared for a session to come cannot be signed yet; it goes along with the session.
    """
    drafts = Note.unscoped.filter(client=client, state=Note.State.DRAFT)  # no viewer: the caller holds the client
    begun = drafts.filter(session__starts_at__lte=timezone.now())
    return list(begun.select_related("session").defer("text", "supervision_question").order_by("session__starts_at"))


def clashes_for(clients: Sequence[Client], to: User) -> dict[str, list[ClientSession]]:
    """Return the sessions that would clash, by their client's reference; a client without any is left out."""
    booked = {each.reference: sessions.handing_over.booked_with(each) for each in clients}
    found = {ref: sessions.handing_over.clashing(rows, to) for ref, rows in booked.items()}
    return {reference: rows for reference, rows in found.items() if rows}


def hand_over_all(*, actor: User, clients: Sequence[Client], to: User, is_told: bool, cancels_clashing: bool) -> Result:
    """Hand over the clients of a member who leaves or has left, each in a transaction of its own; drafts go along.

    Nobody takes over a colleague's clients by themselves while the colleague works here: whoever runs the practice
    reads no note. A client whom somebody else has handed over meanwhile is left alone. Raise CannotReceive;
    DiariesClash for the first that clashes, the ones before having been handed over.
    """
    if to == actor and any(client.counsellor.is_active for client in clients):
        raise CannotReceive
    done = []
    for client in clients:
        with contextlib.suppress(HandedOver):
            done.append(
                hand_over(
                    actor=actor,
                    client=client,
                    to=to,
                    is_told=is_told,
                    takes_drafts=True,
                    cancels_clashing=cancels_clashing,
                )  # fmt: skip
            )
    return Result(
        sum(each.moved for each in done), sum(each.cancelled for each in done), sum(each.on_their_way for each in done)
    )


def _take_out_of_drafts(client: Client) -> int:
    """Take a client's notes out of every pack that is still being prepared. Locks those packs. Return how many."""
    theirs = PackItem.unscoped.filter(client=client)  # no viewer: the caller holds the client
    drafts = Pack.unscoped.filter(state=Pack.State.DRAFT, pk__in=theirs.values("pack"))  # no viewer: as above
    locked = [pack.pk for pack in drafts.order_by("pk").select_for_update() if not pack.is_released]
    removed, _ = theirs.filter(pack__in=locked).delete()
    return removed


# --- what others see of it ---------------------------------------------------------------------------
def hand_overs_of(client: Client) -> QuerySet[AuditEntry]:
    """Return a client's hand-overs, by the trail, oldest first."""
    return AuditEntry.objects.filter(deed=DEED, subject_id=client.pk).order_by("id")


def newly_received(viewer: User) -> list[Client]:
    """Return whom the viewer received within two weeks and whose record they have not opened since. One query."""
    read = AuditEntry.objects.filter(
        deed="client.read", actor=viewer, subject_id=OuterRef("subject_id"), id__gt=OuterRef("id")
    )
    news = AuditEntry.objects.filter(
        ~Exists(read), deed=DEED, at__gte=timezone.now() - NEWS_LASTS, detail__to_member=str(viewer.pk)
    )
    return list(Client.visible_to(viewer).filter(pk__in=news.values("subject_id")).order_by("reference"))


def names_of(members: set[str]) -> dict[str, str]:
    """Return what members are called, by their id as the trail writes it."""
    return {str(pk): name for pk, name in User.objects.filter(pk__in=members).values_list("pk", "name")}
