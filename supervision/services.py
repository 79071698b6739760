"""Deeds on packs: prepare, change, put together anew, release, export."""

from collections.abc import Sequence
from functools import cache
from uuid import UUID, uuid4

from django.db import transaction
from django.utils import timezone

from clients.handing_over import refuse_handed_over
from notes.models import Note
from practice import clock, trail
from practice.models import User
from supervision.models import Pack, PackItem
from supervision.pdf import Case, Sheet, pack_pdf
from supervision.pseudonyms import Pseudonymised, pseudonymise
from supervision.selectors import Look, identity_of, items_of, remaining, still_there


class PackReleased(Exception):
    """The pack was released: it can be read and exported, and no longer changed."""


class PackNotReleased(Exception):
    """The pack is still being prepared: nothing of it leaves."""


class FormUsed(Exception):
    """The form's number belongs to another's pack."""


class PackGone(Exception):
    """The pack was discarded meanwhile, or the item taken out of it."""


class PackEmpty(Exception):
    """There is no note in the pack."""


class IdentityRemains(Exception):
    """A real name or contact still stands in a pack. `found` maps an item's number (1 is the first) to what."""

    def __init__(self, found: dict[int, list[str]]) -> None:
        super().__init__(f"A name or contact remains in item {', '.join(map(str, found))}.")
        self.found = found


def prepare_pack(*, actor: User, notes: Sequence[Note], pack_id: UUID | None = None) -> Pack:
    """Make a draft of the actor's flagged notes, names and contacts replaced. The notes themselves stay as they are.

    `pack_id` becomes the row's id: the same form sent twice leads to the one pack. Looking for names in long notes
    takes seconds, so it is done before the transaction. Locks the actor's row. Raise VaultError where a note or its
    client's record does not open; FormUsed where that id is another's; HandedOver where a client is, by now; ValueError
    for a note that is another's or not flagged, or for none.
    """
    if not notes or any(note.client.counsellor_id != actor.pk or not note.is_for_supervision for note in notes):
        raise ValueError("A pack is made of one's own notes that are flagged for supervision.")
    pack = Pack(id=pack_id or uuid4(), prepared_by=actor)
    items = [_item(pack, note, position) for position, note in enumerate(notes, start=1)]
    return _keep(pack, items, actor)


@transaction.atomic
def _keep(pack: Pack, items: Sequence[PackItem], actor: User) -> Pack:
    """Save a new pack, or return the one that an earlier submit of its form made. Raise FormUsed, HandedOver."""
    # Two submits of one form come one by one.
    User.objects.select_for_update(no_key=True).get(pk=actor.pk)
    made = Pack.unscoped.filter(pk=pack.pk).first()  # no viewer: an id is taken, whoever's it is
    if made is not None and made.prepared_by_id != actor.pk:
        raise FormUsed
    if made is not None:
        return made
    refuse_handed_over({item.client_id for item in items}, actor.pk)
    pack.save(force_insert=True)
    PackItem.unscoped.bulk_create(items)  # no viewer: new rows
    references = sorted({item.client.reference for item in items})
    trail.record("pack.prepare", actor=actor, subject=pack, notes=len(items), clients=" ".join(references))
    return pack


@transaction.atomic
def open_pack(*, actor: User, pack: Pack) -> None:
    """Leave the audit row of a pack's words being read."""
    trail.record("pack.read", actor=actor, subject=pack)


@transaction.atomic
def change_item(*, actor: User, item: PackItem, text: str, question: str) -> PackItem:
    """Take the counsellor's own words for an item. Nothing is replaced in them; the release looks at them again.

    Locks the pack. Raise PackReleased, PackGone; VaultError where the words that stand there do not open: they are not
    written over.
    """
    _locked_draft(item.pack)
    item = _still_in(item)
    _ = item.text, item.question
    item.text, item.question = text, question
    item.save(update_fields=["text", "question"])
    _record("pack.change", actor, item, what="text")
    return item


@transaction.atomic
def remove_item(*, actor: User, item: PackItem) -> None:
    """Take an item out of a draft; its note stays on the agenda. Locks the pack. Raise PackReleased, PackGone."""
    _locked_draft(item.pack)
    item = _still_in(item)
    PackItem.unscoped.filter(pk=item.pk).delete()  # no viewer: the row looked at above
    _record("pack.change", actor, item, what="removed")


@transaction.atomic
def discard_pack(*, actor: User, pack: Pack) -> None:
    """Delete a draft; its notes stay on the agenda. Locks the pack. Raise PackReleased, PackGone."""
    pack = _locked_draft(pack)
    Pack.unscoped.filter(pk=pack.pk).delete()  # no viewer: the row locked above
    trail.record("pack.change", actor=actor, subject=pack, what="discarded")


def release_pack(*, actor: User, pack: Pack) -> Pack:
    """Release a pack for export; from then on it is read-only. Releasing again changes nothing.

    Looking for names in long notes takes seconds, so it is done before the pack is locked; what was changed meanwhile
    is looked at again under the lock. Raise IdentityRemains where a real name or contact still stands, PackEmpty,
    PackGone, and VaultError where an item or its client's record does not open: what cannot be read cannot be checked.
    """
    look = cache(remaining)
    if not pack.is_released:
        _refuse_identity(items_of(pack), look)
    return _release(pack, actor, look)


@transaction.atomic
def _release(pack: Pack, actor: User, look: Look) -> Pack:
    pack = _locked(pack)
    if pack.is_released:
        return pack
    items = items_of(pack)
    if not items:
        raise PackEmpty
    _refuse_identity(items, look)
    pack.state, pack.released_at = Pack.State.RELEASED, timezone.now()
    pack.save(update_fields=["state", "released_at"])
    trail.record("pack.release", actor=actor, subject=pack, notes=len(items))
    return pack


def export_pack(*, actor: User, pack: Pack) -> bytes:
    """Return a released pack as PDF, with its audit row. Nothing is written to disk.

    Setting long notes takes seconds, so it is done before the transaction; without the audit row nothing leaves.
    Raise PackNotReleased; VaultError where an item does not open.
    """
    if not pack.is_released or pack.released_at is None:
        raise PackNotReleased
    cases = [_case(item) for item in items_of(pack)]
    sheet = Sheet(prepared_by=pack.prepared_by.name, released_on=clock.local(pack.released_at).date(), cases=cases)
    content = pack_pdf(sheet)
    with transaction.atomic():
        trail.record("pack.export", actor=actor, subject=pack, notes=len(cases))
    return content


def _refuse_identity(items: Sequence[PackItem], look: Look) -> None:
    found = {number: names for number, item in enumerate(items, start=1) if (names := still_there(item, look))}
    if found:
        raise IdentityRemains(found)


def _case(item: PackItem) -> Case:
    number = item.session_number  # type: ignore[attr-defined]  # annotated by items_of
    return Case(reference=item.client.reference, number=number, question=item.question, text=item.text)


def _item(pack: Pack, note: Note, position: int) -> PackItem:
    identity = identity_of(note.client)
    text, question = pseudonymise(note.text, identity), pseudonymise(note.supervision_question, identity)
    return PackItem(
        pack=pack, client=note.client, note=note, position=position, text=text.text, question=question.text,
        replaced=_account(question, text),
    )  # fmt: skip


def _account(*results: Pseudonymised) -> list[dict[str, str | int]]:
    """Add up what was replaced in several texts."""
    counts: dict[tuple[str, str], int] = {}
    for each in (each for result in results for each in result.replaced):
        counts[each.found, each.by] = counts.get((each.found, each.by), 0) + each.count
    return [{"found": found, "by": by, "count": count} for (found, by), count in counts.items()]


def _locked(pack: Pack) -> Pack:
    """Return the pack as it is now, locked where the database can. Raise PackGone."""
    now = Pack.unscoped.select_for_update().filter(pk=pack.pk).first()  # no viewer: the caller holds the row
    if now is None:
        raise PackGone
    return now


def _locked_draft(pack: Pack) -> Pack:
    pack = _locked(pack)
    if pack.is_released:
        raise PackReleased
    return pack


def _still_in(item: PackItem) -> PackItem:
    """Return an item of a locked pack as it is now. Raise PackGone."""
    items = PackItem.unscoped.select_related("pack", "client")  # no viewer: the caller holds the row
    now = items.filter(pk=item.pk).first()
    if now is None:
        raise PackGone
    return now


def _record(deed: str, actor: User, item: PackItem, **detail: trail.Plain) -> None:
    trail.record(deed, actor=actor, subject=item.pack, reference=item.client.reference, item=item.pk, **detail)
