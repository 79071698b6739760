"""Letters: subject, text and HTML of a mail from its three templates."""

import re
from dataclasses import dataclass
from typing import Any

import css_inline
from django.template import Context, engines
from django.template.backends.django import DjangoTemplates

from practice.crisis import mail_lines
from practice.models import Practice

# The @media rules stay in the head (dark mode); the rest moves into the elements. Nothing is fetched from anywhere.
_INLINER = css_inline.CSSInliner(
    inline_style_tags=True, keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
)


@dataclass(frozen=True)
class Written:
    """A mail's words. The subject is one line."""

    subject: str
    text: str
    html: str


def write(template: str, context: dict[str, Any]) -> Written:
    """Render `<template>.subject.txt`, `.txt` and `.html`.

    Every template may also ask for `practice_name`, `contact_line` and `crisis_lines`; the latter two parts for
    `subject`. Text is not escaped, HTML is. Raise TemplateDoesNotExist.
    """
    practice = Practice.current()
    whole = {
        "practice_name": practice.name,
        "contact_line": practice.contact_line,
        "crisis_lines": mail_lines(practice.nation),
        **context,
    }
    whole["subject"] = subject = " ".join(_render(f"{template}.subject.txt", whole, is_html=False).split())
    text = _tidy(_render(f"{template}.txt", whole, is_html=False))
    return Written(subject, text, _INLINER.inline(_render(f"{template}.html", whole, is_html=True)))


def _render(name: str, context: dict[str, Any], *, is_html: bool) -> str:
    backend = engines["django"]
    assert isinstance(backend, DjangoTemplates)  # noqa: S101 - settings.TEMPLATES names no other
    return backend.engine.get_template(name).render(Context(context, autoescape=is_html))


def _tidy(text: str) -> str:
    """Take away what tags leave behind: more than one empty line, and empty lines at the ends."""
    return re.sub(r"\n\s*\n\s*\n+", "\n\n", text).strip() + "\n"
