"""Deeds on clients: admit, change, open the record, stop and start mail."""

from dataclasses import dataclass
from datetime import date
from typing import TypedDict, Unpack
from uuid import UUID, uuid4

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

import outbox.services
from clients import links
from clients.models import Client, Tombstone
from practice import trail
from practice.models import Practice, User
from vault.services import create_data_key

# What a mail to a client says, where it goes, and whether it may leave.
IN_MAILS = frozenset({"name", "preferred_name", "email", "may_email", "is_discreet"})


class AlreadyAdmitted(Exception):
    """The same form was sent twice: this client is there already."""


class FormUsed(Exception):
    """The form's number belongs to something else."""


class ClientChanged(Exception):
    """The details were changed elsewhere since this form was opened. Carries the row as it stands, and what differs."""

    def __init__(self, client: Client, columns: list[str]) -> None:
        super().__init__("The client was changed elsewhere.")
        self.client, self.columns = client, columns


@dataclass(frozen=True)
class Change:
    """Which columns were written, how many open links were closed with it, and how many mails had left already."""

    columns: list[str]
    links_closed: int = 0
    on_their_way: int = 0


class Details(TypedDict, total=False):
    """What a counsellor may write about a client. `preferred_hour` is an hour of the practice's clock.

    `page_word` is what their pages ask for where `page_code` says a word; else it is not kept.
    """

    name: str
    preferred_name: str
    pronouns: str
    email: str
    phone: str
    date_of_birth: date | None
    emergency_contact: str
    gp: str
    presenting: str
    may_email: str
    is_discreet: bool
    preferred_hour: int | None
    page_code: str
    page_word: str | None


@transaction.atomic
def admit_client(*, actor: User, client_id: UUID | None = None, **details: Unpack[Details]) -> Client:
    """Admit a client to the actor's caseload: next reference, own data key, row and audit row.

    Locks the practice row, so references have neither gaps nor doubles. Raise AlreadyAdmitted when the actor has a
    client of this id, FormUsed when it is anybody or anything else's, be it that of a client who was erased: nobody
    could ever be erased under it again.
    """
    Practice.objects.update(next_client_number=F("next_client_number") + 1)
    number = Practice.current().next_client_number - 1
    client_id = client_id or uuid4()
    if Client.visible_to(actor).filter(pk=client_id).exists():
        raise AlreadyAdmitted
    client = Client(id=client_id, reference=f"C-{number:04d}", counsellor=actor, **_columns(details))
    try:
        create_data_key(client.id)
    except IntegrityError as error:
        raise FormUsed from error
    # Asked once the key is there: an erasure that is under way has the key of this id until it is over.
    if Tombstone.unscoped.filter(pk=client_id).exists():  # no viewer: looks for this very form's own id
        raise FormUsed
    client.save(force_insert=True)
    trail.record("client.admit", actor=actor, subject=client, reference=client.reference)
    return client


@transaction.atomic
def change_client(*, actor: User, client: Client, version: int, **details: Unpack[Details]) -> Change:
    """Write what differs and say which columns these are; the audit row names them, not their words.

    `version` is the one that the form began from. Locks the client. The same details again change nothing, so a form
    sent twice is harmless. Planned mail stays planned: a kind asks at sending who may be mailed and where
    (`letters.address`); what a worker has written already is taken back. A new address closes every link that went to
    the old one. A client who stopped mail stays stopped, whatever the counsellor chooses. Raise ClientChanged;
    VaultError where a value to compare with does not open.
    """
    kept = _locked(client)
    columns = _columns(details)
    changed = [name for name, value in columns.items() if getattr(kept, name) != value]
    if not changed:
        return Change([])
    if kept.version != version:
        raise ClientChanged(kept, changed)
    for name in changed:
        setattr(kept, name, columns[name])
    kept.version += 1
    kept.save(update_fields=[*changed, "version"])
    on_their_way = outbox.services.recall(kept.pk) if IN_MAILS.intersection(changed) else 0
    # After the recall: a link whose mail is on its way stands in the table by then, and is closed too.
    links_closed = links.revoke_all(client=kept) if "email" in changed else 0
    trail.record("client.change", actor=actor, subject=kept, reference=kept.reference, columns=", ".join(changed))
    return Change(changed, links_closed, on_their_way)


@transaction.atomic
def open_record(*, actor: User, client: Client) -> None:
    """Leave a trace that the record was read."""
    trail.record("client.read", actor=actor, subject=client, reference=client.reference)


@transaction.atomic
def stop_mail(*, client: Client) -> bool:
    """Stop all mail, as the client asked by their link. Return whether this changed anything.

    Planned rows stay planned, and their kinds drop them at sending ("client stopped e-mails"): so a reminder that is
    still ahead is sent after all when the client starts mail again in time. What a worker has written is taken back.
    """
    # In one statement, so that two requests at once leave one audit row.
    rows = Client.unscoped.filter(pk=client.pk, mail_stopped_at=None)  # no viewer: the client, by their link
    is_changed = bool(rows.update(mail_stopped_at=timezone.now()))
    outbox.services.recall(client.pk)
    return _mark(client, "mail.stop", is_changed)


@transaction.atomic
def start_mail(*, client: Client) -> bool:
    """Allow mail again, as the client asked by their link. Return whether this changed anything."""
    rows = Client.unscoped.filter(pk=client.pk, mail_stopped_at__isnull=False)  # no viewer: the client, by their link
    return _mark(client, "mail.start", bool(rows.update(mail_stopped_at=None)))


def _mark(client: Client, deed: str, is_changed: bool) -> bool:
    try:
        client.refresh_from_db(fields=["mail_stopped_at"])
    except Client.DoesNotExist as error:  # erased at this moment, and the link with them
        raise links.LinkUnknown from error
    if is_changed:
        trail.record(deed, actor=None, subject=client, reference=client.reference)
    return is_changed


def _locked(client: Client) -> Client:
    """Return the row as it is now, locked where the database can."""
    rows = Client.unscoped.select_for_update(no_key=True)  # no viewer: the caller's own row
    return rows.get(pk=client.pk)


def _columns(details: Details) -> dict[str, object]:
    columns: dict[str, object] = dict(details)
    if "date_of_birth" in details:
        born = details["date_of_birth"]
        columns["date_of_birth"] = born.isoformat() if born else ""
    if "page_code" in details and details["page_code"] != Client.PageCode.WORD:
        columns["page_word"] = None
    return columns
