"""Who somebody is, taken out of a text: names by the client's reference, the rest by neutral marks in brackets.

Found are the client's names in any case, with and without accents, their contact details however they are spaced,
the people named in their record, and any e-mail address, British telephone number or postcode. Not found is what no
record knows: nicknames, places, employers. So a person reads the result before it leaves.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from supervision.contact_details import BIRTH, EMAIL, GENERAL, GP, PHONE, POSTCODE, birth_patterns, phone_patterns
from supervision.folding import Folded, fold
from supervision.name_patterns import contact_patterns, own_patterns

CONTACT = "[emergency contact]"
MARKS = (EMAIL, PHONE, CONTACT, GP, BIRTH, POSTCODE)
# Between two parts of one name: a blank, a hyphen, a middle initial.
_BETWEEN = re.compile(r"[ \t-]?(?:[A-Z]\.? )?|[ \t]?\n", re.ASCII)
# Stands for what is already replaced while the rest is searched: no pattern knows it, and it parts words.
_TAKEN = "\x00"


@dataclass(frozen=True)
class Identity:
    """What a client's record says of who they are. `date_of_birth` is an ISO date; what is not known is empty."""

    reference: str
    name: str = ""
    preferred_name: str = ""
    email: str = ""
    phone: str = ""
    date_of_birth: str = ""
    emergency_contact: str = ""
    gp: str = ""


@dataclass(frozen=True)
class Replacement:
    """What was found, what stands there now, and how often."""

    found: str
    by: str
    count: int


@dataclass(frozen=True)
class Pseudonymised:
    """A text without its people, and the account of what was replaced."""

    text: str
    replaced: tuple[Replacement, ...]


@dataclass(frozen=True)
class _Hit:
    start: int
    end: int
    by: str


def pseudonymise(text: str, identity: Identity) -> Pseudonymised:
    """Replace all that tells who the client is. Done again, it changes nothing more."""
    finder = _Finder(identity)
    counts: Counter[tuple[str, str]] = Counter()
    # What one round replaced can lay open another whole word. Each round leaves less that is not a mark, so it ends.
    while hits := finder.hits(text):
        pieces, at = [], 0
        for hit in hits:
            pieces += [text[at : hit.start], hit.by]
            counts[text[hit.start : hit.end], hit.by] += 1
            at = hit.end
        text = "".join([*pieces, text[at:]])
    return Pseudonymised(text, tuple(Replacement(found, by, count) for (found, by), count in counts.items()))


def remains(text: str, identity: Identity) -> list[str]:
    """Return what in a text still tells who the client is, each once, as it stands there."""
    return list(dict.fromkeys(text[hit.start : hit.end] for hit in _Finder(identity).hits(text)))


class _Finder:
    """All patterns of one client."""

    def __init__(self, identity: Identity) -> None:
        who = identity
        self.reference = who.reference
        self.names = [
            *((pattern, who.reference) for pattern in own_patterns(who.name, who.preferred_name)),
            *((pattern, CONTACT) for pattern in contact_patterns(who.emergency_contact)),
            *((pattern, GP) for pattern in contact_patterns(who.gp)),
        ]
        numbers = (who.phone, who.emergency_contact, who.gp)
        self.details = [
            *((pattern, BIRTH) for pattern in birth_patterns(who.date_of_birth)),
            *((pattern, PHONE) for number in numbers for pattern in phone_patterns(number)),
            *GENERAL,
        ]
        if who.email.strip():
            self.details.append((re.compile(re.escape(fold(who.email.strip()).text)), EMAIL))
        taken = "|".join(re.escape(fold(mark).text) for mark in (*MARKS, who.reference))
        self.taken = re.compile(taken)

    def hits(self, text: str) -> list[_Hit]:
        """Return what is to be replaced, in order and without overlap; the parts of one name as one."""
        whole = fold(text)
        open_text = Folded(self.taken.sub(lambda match: _TAKEN * len(match[0]), whole.text), whole.origin)
        return self._joined(text, _apart([*self._names_in(text, open_text), *self._details_in(text, open_text)]))

    def _names_in(self, text: str, open_text: Folded) -> Iterator[_Hit]:
        for pattern, by in self.names:
            for start, end in open_text.spans(pattern.regex):
                if not pattern.is_capitalised or text[start].isupper():
                    yield _Hit(start, end, by)

    def _details_in(self, text: str, open_text: Folded) -> Iterator[_Hit]:
        for regex, by in self.details:
            for start, end in open_text.spans(regex):
                if by != POSTCODE or text[start:end].isupper() or text[start:end].islower():
                    yield _Hit(start, end, by)

    def _joined(self, text: str, hits: Iterable[_Hit]) -> list[_Hit]:
        """Join neighbouring parts of a name: “Anna Smith” is one person, said once."""
        joined: list[_Hit] = []
        for hit in hits:
            last = joined[-1] if joined else None
            is_name = hit.by not in (EMAIL, PHONE, BIRTH, POSTCODE)
            if last and is_name and last.by == hit.by and _BETWEEN.fullmatch(text[last.end : hit.start]):
                joined[-1] = _Hit(last.start, hit.end, hit.by)
            else:
                joined.append(hit)
        return joined


def _apart(hits: Iterable[_Hit]) -> Iterator[_Hit]:
    """Return hits in order without overlap: of two the one that begins first, then the longer, then the first found."""
    at = 0
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        if hit.start >= at:
            yield hit
            at = hit.end
