"""Typed words that are not saved yet: kept sealed, for the member who typed them and for nobody else, a week at most.

A page about a client seals under that client's key, so that erasing the client takes the words along; any other page
under the member's own. Which of the two is decided by the server when it shows the form, and signed: a browser can
neither choose a key nor hand words to somebody else.
"""

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from uuid import UUID

from django.core import signing
from django.db import transaction
from django.db.models import QuerySet
from django.db.models.functions import Length
from django.utils import timezone

from practice.models import KeptWords, User
from vault.errors import DataKeyMissing, VaultError
from vault.models import DataKey
from vault.services import create_data_key

LASTS = timedelta(days=7)
MOST_BYTES = 200_000
MOST_PAGES = 50
# Leaves room for the part of a page behind "#", which is a row's id at most.
LONGEST_PATH = 160
# A sign-in ends after twelve hours: no form is older than that when it is sent.
TOKEN_LASTS = timedelta(days=1)
_SALT = "practice.keeping"


class NotThisForm(ValueError):
    """The token was made for another member, by somebody else, or too long ago; or its client is another's by now."""


class TooManyWords(ValueError):
    """One page with more than MOST_BYTES of text."""


@dataclass(frozen=True)
class Sheet:
    """A form as it was shown to a member: on which page, about whom, and which showing of it this is."""

    page: str
    owner_id: UUID
    reference: str = ""
    showing: str = field(default_factory=lambda: secrets.token_hex(8))


Reads = Callable[[User, UUID], bool]
_READS: dict[str, Reads] = {}


def register_reads(name: str, reads: Reads) -> None:
    """Let a room above say whether a member reads what this owner's key seals: clients live there."""
    _READS[name] = reads


def token_for(user: User, sheet: Sheet) -> str:
    """Return a text that stands for this sheet in this member's hands."""
    parts = [str(user.pk), sheet.page, str(sheet.owner_id), sheet.reference, sheet.showing]
    return signing.dumps(parts, salt=_SALT)


def sheet_of(user: User, token: str) -> Sheet:
    """Return what a token stands for. Raise NotThisForm."""
    try:
        owner, page, owner_id, reference, showing = signing.loads(token, salt=_SALT, max_age=TOKEN_LASTS)
    except signing.BadSignature as error:
        raise NotThisForm from error
    if owner != str(user.pk):
        raise NotThisForm
    return Sheet(page, UUID(owner_id), reference, showing)


@transaction.atomic
def keep(*, user: User, sheet: Sheet, words: Mapping[str, str]) -> KeptWords | None:
    """Keep what stands in a form's fields, beside what was kept of its other fields; an empty text is let go.

    Locks the member, so that two windows come one by one. The oldest pages go where there are more than MOST_PAGES or
    MOST_BYTES. What was kept before and opens no more gives way. Return None where nothing is left to keep; raise
    TooManyWords, DataKeyMissing where the client has been erased, NotThisForm where they were handed over.
    """
    member = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    row = KeptWords.objects.filter(user=user, page=sheet.page).first()
    before = _words_of(row) if row is not None and row.owner_id == sheet.owner_id else {}
    kept = {name: text for name, text in {**before, **words}.items() if text.strip()}
    if len(json.dumps(kept, ensure_ascii=False).encode()) > MOST_BYTES:
        raise TooManyWords
    if not kept:
        KeptWords.objects.filter(user=user, page=sheet.page).delete()
        return None
    _ensure_key(user, sheet.owner_id)
    # Under the member's lock, which a hand-over takes before it forgets what the former counsellor typed.
    if sheet.owner_id != user.pk and not any(reads(member, sheet.owner_id) for reads in _READS.values()):
        raise NotThisForm
    row = row or KeptWords(user=user, page=sheet.page)
    row.owner_id, row.reference, row.words, row.kept_at = sheet.owner_id, sheet.reference, kept, timezone.now()
    row.save()
    _make_room(user)
    return row


def kept_by(user: User) -> QuerySet[KeptWords]:
    """Return a member's kept pages, the latest first, without their words."""
    since = timezone.now() - LASTS
    return KeptWords.objects.filter(user=user, kept_at__gt=since).defer("words").order_by("-kept_at", "id")


def let_go(row: KeptWords) -> None:
    """Forget what was kept of one page."""
    KeptWords.objects.filter(pk=row.pk).delete()


def forget_page(user: User, page: str) -> int:
    """Forget what was kept of a page: its form has been taken. Return how many rows went."""
    return KeptWords.objects.filter(user=user, page=page).delete()[0]


def forget_owner(owner_id: UUID) -> int:
    """Forget all words about a client, whoever typed them. Return how many rows went."""
    return KeptWords.objects.filter(owner_id=owner_id).delete()[0]


def sweep() -> int:
    """Forget what is older than LASTS. Return how many rows went."""
    return KeptWords.objects.filter(kept_at__lte=timezone.now() - LASTS).delete()[0]


def _words_of(row: KeptWords) -> dict[str, str]:
    try:
        return dict(row.words)
    except VaultError:
        return {}


def _ensure_key(user: User, owner_id: UUID) -> None:
    """Make the member's own key when it is first needed. Raise DataKeyMissing for a client who has none.

    Locks the key's row: a client's erasure at this moment takes these words along, or is found to be over. What this
    process remembers of a key does not count.
    """
    if DataKey.objects.select_for_update(no_key=True).filter(owner_id=owner_id).first() is not None:
        return
    if owner_id != user.pk:
        raise DataKeyMissing(f"There is no data key for {owner_id}.")
    create_data_key(owner_id)


def _make_room(user: User) -> None:
    """Let the oldest pages go; the page just kept stays, whatever its size."""
    rows = kept_by(user).values_list("pk", Length("words"))
    total, gone = 0, []
    for number, (pk, size) in enumerate(rows, start=1):
        total += size
        if number > MOST_PAGES or (total > MOST_BYTES and number > 1):
            gone.append(pk)
    KeptWords.objects.filter(pk__in=gone).delete()
