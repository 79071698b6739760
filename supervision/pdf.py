"""A pack as PDF. Words travel to Typst as data, never as markup: nothing in a note can run."""

import json
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any, Literal

import typst
from django.utils.dateformat import format as shown
from markdown_it import MarkdownIt
from markdown_it.token import Token

TEMPLATE = Path(__file__).with_name("pack.typ")
_MARKDOWN = MarkdownIt("commonmark", {"html": False, "maxNesting": 100}).disable(
    ["link", "image", "autolink", "reference"]
)
# Deeper than this nobody indents on purpose, and Typst would refuse it.
_DEEPEST = 12
# A word of more letters than this may part after every few.
_LONGEST, _PIECE = 40, 8
_SOFT_BREAK = "\u200b"
_JOINERS = {"\u200d", "\ufe0e", "\ufe0f"}

Node = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One note as it leaves: `number` says which session of the client it was, in place of a date."""

    reference: str
    number: int
    question: str
    text: str


@dataclass(frozen=True)
class Sheet:
    """All that stands in a pack."""

    prepared_by: str
    released_on: date
    cases: Sequence[Case]


def pack_pdf(sheet: Sheet) -> bytes:
    """Set a pack as tagged PDF (PDF/UA-1), by the fonts that Typst brings along.

    That standard refuses a sign that no font has. Then signs such as emoji are named in words and the machine's own
    fonts may help; if even that does not do, the pack is set without the standard and says so.
    """
    named = replace(sheet, cases=[_named(case) for case in sheet.cases])
    for content, has_own_fonts in ((sheet, False), (named, True)):
        try:
            return _compile(content, has_own_fonts=has_own_fonts, standard="ua-1")
        except typst.TypstError:
            continue
    return _compile(named, has_own_fonts=True, standard=None)


def _compile(sheet: Sheet, *, has_own_fonts: bool, standard: Literal["ua-1"] | None) -> bytes:
    data = {
        "prepared_by": _breakable(sheet.prepared_by),
        "released_on": shown(sheet.released_on, "j F Y"),
        "is_lossy": standard is None,
        "cases": [{**asdict(case), "question": tree(case.question), "text": tree(case.text)} for case in sheet.cases],
    }
    return typst.compile(
        TEMPLATE.read_bytes(),
        sys_inputs={"pack": json.dumps(data)},
        ignore_system_fonts=not has_own_fonts,
        format="pdf",
        pdf_standards=standard,
    )


def tree(text: str) -> list[Node]:
    """Return Markdown as nested data: paragraphs, headings, lists, quotations, and runs of emphasis in them.

    A text that is nested too deeply is given line by line, as it stands.
    """
    tokens = _MARKDOWN.parse(text)
    if any(token.level > _DEEPEST for token in tokens):
        return [_plain(line) for line in text.splitlines()]
    root: list[Node] = []
    open_nodes = [root]
    for token in tokens:
        if token.type == "inline":
            open_nodes[-1].extend(_runs(token.children or []))
        elif token.type in ("fence", "code_block"):
            open_nodes[-1].append(_plain(token.content))
        elif token.nesting == 1:
            node: Node = {"kind": token.type.removesuffix("_open"), "of": []}
            open_nodes[-1].append(node)
            open_nodes.append(node["of"])
        elif token.nesting == -1:
            open_nodes.pop()
        else:
            open_nodes[-1].append({"kind": "rule"})
    return root


def _plain(text: str) -> Node:
    return {"kind": "paragraph", "of": [{"kind": "run", "text": _breakable(text), "as": []}]}


def _runs(tokens: Sequence[Token]) -> list[Node]:
    """Return the runs of a line of text, each with the emphasis it stands in."""
    runs: list[Node] = []
    styles: list[str] = []
    for token in tokens:
        if token.nesting == 1:
            styles.append(token.tag)
        elif token.nesting == -1:
            styles.remove(token.tag)
        elif token.type in ("softbreak", "hardbreak"):
            runs.append({"kind": "break"})
        else:
            runs.append({"kind": "run", "text": _breakable(token.content), "as": [*styles]})
    return runs


def _breakable(text: str) -> str:
    """Let words that are longer than a line part; take out what no page can show."""
    kept = "".join(char for char in text if char in "\n\t" or unicodedata.category(char) not in ("Cc", "Cs", "Cn"))
    return re.sub(rf"\S{{{_LONGEST},}}", lambda word: _SOFT_BREAK.join(_pieces(word[0])), kept)


def _pieces(word: str) -> list[str]:
    return [word[at : at + _PIECE] for at in range(0, len(word), _PIECE)]


def _named(case: Case) -> Case:
    return replace(case, question=_in_words(case.question), text=_in_words(case.text))


def _in_words(text: str) -> str:
    """Write emoji and other pictures by their Unicode names, in brackets."""
    return "".join(_in_word(char) for char in text if char not in _JOINERS)


def _in_word(char: str) -> str:
    if unicodedata.category(char) in ("So", "Sk", "Co") and not char.isascii():
        return f"[{unicodedata.name(char, 'unknown sign').lower()}]"
    return char
