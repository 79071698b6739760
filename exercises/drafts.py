"""Half-written answers: kept as they are typed, sealed, and there again on another device, by the same link."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from clients import links
from clients.models import Client, ClientLink
from exercises.answers import Key, NotWithClient, open_kept, seal_kept
from exercises.models import Assignment, Draft, Sharing
from practice import trail

# {field of the form: text, or list of texts}, as it was posted
Typed = Mapping[str, Any]
EXTENDED = timedelta(days=14)
# A link that ran out longer ago is not opened again by who finds it.
EXTENDED_WITHIN = timedelta(days=60)


class DraftChanged(Exception):
    """Another device wrote something else into the same places meanwhile. `elsewhere`: what stands there, by field."""

    def __init__(self, draft: Draft, elsewhere: dict[str, Any]) -> None:
        super().__init__("The draft was changed elsewhere.")
        self.draft, self.elsewhere = draft, elsewhere


class DraftSealed(Exception):
    """What was written before is sealed by another link, and this one cannot add to it."""


class TooOld(Exception):
    """The link ran out too long ago, was revoked, or there is nothing behind it any more that could be kept open."""


@transaction.atomic
def save_draft(
    *, assignment: Assignment, typed: Typed, key: Key, sharing: str = "", show: str = "", version: int | None = None
) -> Draft:
    """Keep what was typed in the given fields beside what is kept of the others. Return the draft, one version on.

    `version` is the draft's that the page began from (0 or None: none). Whoever writes where another device has
    written something else since is refused: DraftChanged. Raise NotWithClient when it is open no more, DraftSealed
    where the words lie under another link; ValueError for another `sharing` or `show` than there are.
    """
    if sharing not in ("", *Sharing.values) or show not in ("", *Draft.Show.values):
        raise ValueError("This is no draft.")
    # So that of two devices one comes after the other, and an answer that is being sent is not written after.
    rows = Assignment.unscoped.select_for_update(no_key=True)  # no viewer: the client, by their link
    held = rows.filter(pk=assignment.pk, state=Assignment.State.ASSIGNED).first()
    if held is None:
        raise NotWithClient("This exercise is no longer open.")
    draft = Draft.unscoped.filter(assignment=held).first()  # no viewer: the client, by their link
    is_new = draft is None
    draft = draft or Draft(assignment=held, client_id=held.client_id, values={}, version=0)
    before = words_of(draft, key)
    if not is_new:
        _refuse_older(draft, before, typed, version)
    _write(draft, {**before, **typed}, key, sharing or draft.sharing)
    draft.show, draft.version, draft.saved_at = show or draft.show, draft.version + 1, timezone.now()
    draft.save(force_insert=is_new)
    if held.started_at is None:
        held.started_at = timezone.now()
        held.save(update_fields=["started_at"])
        trail.record("exercise.start", actor=None, subject=held, reference=assignment.client.reference)
    return draft


def words_of(draft: Draft, key: Key) -> dict[str, Any]:
    """Return what is written so far. Raise DraftSealed where it lies under another link; VaultError where damaged."""
    if draft.kept is None:
        return dict(draft.values)
    if draft.kept_by_link != key.link_id:
        raise DraftSealed
    return open_kept(draft, key)


def _refuse_older(draft: Draft, before: dict[str, Any], typed: Typed, version: int | None) -> None:
    if version == draft.version:
        return
    elsewhere = {name: before[name] for name, text in typed.items() if before.get(name) and before[name] != text}
    if elsewhere:
        raise DraftChanged(draft, elsewhere)


def _write(draft: Draft, values: dict[str, Any], key: Key, sharing: str) -> None:
    draft.sharing = sharing
    if sharing == Sharing.KEPT:
        draft.values, draft.kept, draft.kept_by_link = {}, seal_kept(draft, values, key), key.link_id
    else:
        draft.values, draft.kept, draft.kept_by_link = values, None, None


@transaction.atomic
def extend_link(*, link: ClientLink) -> ClientLink:
    """Open a link that has run out for 14 more days, so that half-written words are not lost. Twice is once.

    Raise TooOld for one that was revoked or ran out long ago, or whose exercise was taken back; then a new mail helps.
    """
    rows = Assignment.unscoped.filter(pk=link.subject_id, client=link.client_id)  # no viewer: the client, by their link
    assignment = rows.exclude(state=Assignment.State.WITHDRAWN).select_related("client").first()
    now = timezone.now()
    if assignment is None or assignment.client.state != Client.State.ACTIVE:
        raise TooOld
    if link.revoked_at is not None or link.expires_at < now - EXTENDED_WITHIN:
        raise TooOld
    if link.expires_at <= now and links.extend(link, now + EXTENDED):
        trail.record("exercise.extend", actor=None, subject=assignment, reference=link.client.reference)
    return link
