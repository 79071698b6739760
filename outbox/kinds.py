"""Kinds of mail. Rooms above say how theirs is written, at the moment of sending."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from outbox.models import Message


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail. `parameters` stand behind its media type: `{"method": "REQUEST"}`."""

    name: str
    content: bytes
    media_type: str
    parameters: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_invitation(self) -> bool:
        """Return whether a mail program is to act on it by itself: iTIP (RFC 5546) of one appointment."""
        return self.media_type == "text/calendar" and self.parameters.get("method") in ("REQUEST", "CANCEL")


@dataclass(frozen=True)
class Mail:
    """A mail, ready to leave."""

    to: str
    subject: str
    text: str
    html: str
    headers: dict[str, str] = field(default_factory=dict)
    attachments: tuple[Attachment, ...] = ()


@dataclass(frozen=True)
class Dropped:
    """The answer of a kind whose mail is no longer wanted, with the reason in plain words (no name in it)."""

    reason: str


@dataclass(frozen=True)
class Later:
    """The answer of a kind whose mail may not leave now (at night, say): ask again at `due_at`.

    No try is counted. Where the mail's time is over by then, it expires instead.
    """

    due_at: datetime


class OnUnknown(Enum):
    """What happens to a mail of which nobody can say whether it arrived."""

    RESEND = "resend"  # once, under the same Message-ID
    PARK = "park"  # as `unsure`, for a person to decide


@dataclass(frozen=True)
class Kind:
    """A kind of mail: its name in the rows, what a page calls it, who writes it, and what to do in doubt."""

    name: str
    label: str
    render: Callable[[Message], Mail | Dropped | Later]
    on_unknown: OnUnknown = OnUnknown.PARK


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """Make a kind known. Called from an app's `ready`; a second one of the same name replaces the first."""
    _KINDS[kind.name] = kind


def kind_of(message: Message) -> Kind:
    """Return the kind of a message. Raise LookupError when no room has registered it."""
    try:
        return _KINDS[message.kind]
    except KeyError:
        raise LookupError(f"No room knows the kind of mail “{message.kind}”.") from None


def on_unknown(message: Message) -> OnUnknown:
    """Return what happens when the outcome is unknown; a kind that no room knows any more is parked."""
    return _KINDS[message.kind].on_unknown if message.kind in _KINDS else OnUnknown.PARK


def label_of(name: str) -> str:
    """Return what a kind is called on a page."""
    return _KINDS[name].label if name in _KINDS else name
