"""Questions about the caseload and one client's record. A value that does not open is shown as such, never as empty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Model

from clients.models import Client
from practice import clock
from practice.models import User
from vault.errors import VaultError
from vault.services import warm

# What no list shows.
_RECORD_ONLY = (
    "pronouns",
    "phone",
    "date_of_birth",
    "emergency_contact",
    "gp",
    "presenting",
    "page_word",
    "hold_reason",
)


@dataclass(frozen=True)
class MailRule:
    """Whether a client gets mail, in a few words for a badge; `tone` is the badge's class."""

    label: str
    tone: str


@dataclass(frozen=True)
class CaseRow:
    """One client in a list. Where something did not open, both names are empty and `is_damaged` is set."""

    client: Client
    called: str
    name: str
    is_damaged: bool
    mail: MailRule


@dataclass(frozen=True)
class Opened:
    """One sealed value, opened; or the fact that it could not be."""

    text: str
    is_damaged: bool = False


@dataclass(frozen=True)
class Fact:
    """One line of a client's contact card; `href` is a `mailto:` or `tel:` address, or empty."""

    label: str
    value: Opened
    href: str = ""


def caseload(viewer: User, *, state: str = "", word: str = "") -> list[CaseRow]:
    """Return the viewer's clients by the name they go by; damaged rows last. Two queries, however many clients.

    `word` is looked for in names and reference. The rows are opened and scanned: there is no index of names.
    """
    clients = Client.visible_to(viewer).defer(*_RECORD_ONLY)
    if state:
        clients = clients.filter(state=state)
    found = list(clients)
    warm(client.id for client in found)
    rows = [row for row in map(_row, found) if _has(row, word)]
    return sorted(rows, key=lambda row: (row.is_damaged, row.called.casefold(), row.client.reference))


def reads(viewer: User, client_id: UUID) -> bool:
    """Say whether this is one of the viewer's own clients."""
    return Client.visible_to(viewer).filter(pk=client_id).exists()


def opened(row: Model, field: str) -> Opened:
    """Open one sealed value of a client, or of a row of theirs."""
    try:
        return Opened(getattr(row, field))
    except VaultError:
        return Opened("", is_damaged=True)


def record_of(client: Client) -> dict[str, Opened]:
    """Open every sealed value of a client, each by itself, and `called`; the date of birth in words."""
    record = {field: opened(client, field) for field in (*Client.Privacy.sealed, "called")}
    born = record["date_of_birth"]
    if not born.is_damaged:
        record["date_of_birth"] = Opened(_in_words(born.text))
    return record


def _in_words(iso_date: str) -> str:
    if not iso_date:
        return ""
    day = date.fromisoformat(iso_date)
    return f"{day.day} {day:%B %Y}"


def contact_facts(record: dict[str, Opened]) -> list[Fact]:
    """Return what is known of who a client is and how to reach them; what is not known is left out."""
    facts = [
        Fact("Full name", record["name"]),
        Fact("Born", record["date_of_birth"]),
        Fact("E-mail", record["email"], f"mailto:{record['email'].text}"),
        Fact("Phone", record["phone"], f"tel:{record['phone'].text.replace(' ', '')}"),
        Fact("Emergency contact", record["emergency_contact"]),
        Fact("GP", record["gp"]),
    ]
    return [fact for fact in facts if fact.value.text or fact.value.is_damaged]


def as_it_stands(client: Client, columns: Iterable[str]) -> dict[str, str]:
    """Return what stands in these columns, in a page's words. Raise VaultError where one does not open."""
    return {column: _shown(client, column) or "Nothing" for column in columns}


def _shown(client: Client, column: str) -> str:
    match column:
        case "date_of_birth":
            return _in_words(client.date_of_birth)
        case "may_email":
            return Client.MayEmail(client.may_email).label
        case "is_discreet":
            return "Yes" if client.is_discreet else "No"
        case "preferred_hour":
            return "No preference" if client.preferred_hour is None else f"{client.preferred_hour:02d}:00"
        case "page_code":
            return Client.PageCode(client.page_code).label
    return str(getattr(client, column) or "")


def paused_until(client: Client) -> date | None:
    """Return the day until which a client lets exercises rest; None once it has come."""
    until = client.paused_until
    return until if until is not None and until > clock.today() else None


def mail_rule(client: Client) -> MailRule:
    """Return the contact rule for a badge. Raise VaultError where the address does not open."""
    if client.state == Client.State.ENDED:
        return MailRule("Nothing is sent", "soft")
    if client.may_email == Client.MayEmail.NOT_ASKED:
        return MailRule("E-mail not asked", "wait")
    if client.may_email == Client.MayEmail.NO:
        return MailRule("No e-mail", "soft")
    if client.mail_stopped_at is not None:
        return MailRule("Stopped e-mails", "soft")
    if not client.email:
        return MailRule("No address", "wait")
    return _mail_goes_out(client)


def _mail_goes_out(client: Client) -> MailRule:
    until = paused_until(client)
    if until is not None:
        return MailRule(f"Paused until {until.day} {until:%b}", "soft")
    return MailRule("Discreet e-mail" if client.is_discreet else "E-mail on", "ok")


def _row(client: Client) -> CaseRow:
    try:
        return CaseRow(client, client.called, client.name, is_damaged=False, mail=mail_rule(client))
    except VaultError:
        return CaseRow(client, "", "", is_damaged=True, mail=MailRule("", ""))


def _has(row: CaseRow, word: str) -> bool:
    wanted = word.casefold()
    return any(wanted in text.casefold() for text in (row.called, row.name, row.client.reference))
