"""What clients do between sessions, by the links in their mail, with the word in all that they write."""

import email.policy
import re
from dataclasses import dataclass, field
from email.parser import BytesParser
from urllib.parse import urlencode

from tests.leaking.visitor import Visitor
from tests.running import Home

_LINK = re.compile(r"/(x|m)/([\w-]{43})/")
_TEXTS = re.compile(r'<textarea name="(q_\w+)"')
JSON = {"Accept": "application/json"}


@dataclass
class Practised:
    """What was done, with the answers' statuses; and the tokens of every link."""

    done: dict[str, int] = field(default_factory=dict)
    tokens: list[str] = field(default_factory=list)


def practise(home: Home, word: str) -> Practised:
    """Keep one answer to oneself, leave one half-written, share one; open a place of one's own and pause."""
    practised, visitor = Practised(), Visitor(home)
    links = links_in_mailbox(home)
    practised.tokens = [token for _, token in links]
    deeds = {"keep": ("send", "kept"), "half": ("save", "kept"), "share": ("send", "shared"), "much": ("too_much", "")}
    opened = [(page, _opened(visitor, page)) for page in (f"/x/{token}/" for kind, token in links if kind == "x")]
    pages = [(page, names) for page, names in opened if names is not None]
    pages.sort(key=lambda each: -len(each[1]))  # those with the most places to write in come first
    for (what, (deed, sharing)), (page, names) in zip(deeds.items(), pages, strict=False):
        words = dict.fromkeys(names, f"{word}, for {what}")
        data = urlencode({**words, "deed": deed, "sharing": sharing, "version": "0"}).encode()
        practised.done[what] = visitor.answer(page, data, **(JSON if deed == "save" else {}))[0]
        if what == "keep":
            assert word in visitor.get(page), "the link does not open what was kept by it"
    place = next(f"/m/{token}/" for kind, token in links if kind == "m")
    for deed in ("open", "patterns"):
        practised.done[deed] = visitor.answer(place if deed == "open" else f"{place}patterns/", b"deed=open")[0]
    return practised


def links_in_mailbox(home: Home) -> list[tuple[str, str]]:
    """Return each client's link that a mail brought: what it opens, and its token."""
    found = []
    for path in sorted((home.var / "mailbox").glob("*.eml")):
        mail = BytesParser(policy=email.policy.default).parsebytes(path.read_bytes())
        body = mail.get_body(("plain",))
        found += _LINK.findall(str(body.get_content())) if body is not None else []
    return found


def _opened(visitor: Visitor, page: str) -> list[str] | None:
    """Open a page by its button, and return the places to write on it; None where a code is asked for."""
    html = visitor.answer(page, b"deed=open")[1].decode()
    return None if 'name="code"' in html else sorted(set(_TEXTS.findall(html)))
