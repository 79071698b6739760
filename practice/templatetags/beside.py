"""Times by the practice's clock, Markdown, and what a form needs to keep its words. `{% load beside %}`."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

import nh3
from django import template
from django.utils.dateformat import format as shown
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from practice import clock, keeping
from practice.models import User

register = template.Library()

_MARKDOWN = MarkdownIt("commonmark", {"html": False, "breaks": True})
_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "hr", "a", "h2", "h3", "h4"}
_ATTRIBUTES = {"a": {"href"}, "ol": {"start"}}
_SCHEMES = {"http", "https", "mailto", "tel"}


@register.filter
def local_time(moment: datetime | None) -> str:
    """Write a moment as day and time by the practice's clock, in a `<time>`; nothing for None."""
    if moment is None:
        return ""
    here = clock.local(moment)
    return format_html(
        '<time datetime="{}">{}</time>', here.isoformat(), clock.shown(here, f"{_day(here.date())}, H:i")
    )


@register.filter
def local_day(when: date | datetime | None) -> str:
    """Write the day of a moment, or a date, in a `<time>`; nothing for None."""
    if when is None:
        return ""
    day = clock.local(when).date() if isinstance(when, datetime) else when
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), shown(day, _day(day)))


@register.filter
def local_clock(moment: datetime) -> str:
    """Write hour and minute by the practice's clock, in a `<time>`."""
    here = clock.local(moment)
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), clock.shown(here))


@register.filter
def when(moment: datetime, style: str) -> str:
    """As `date`, by the practice's clock, for a style that ends in the time; see `clock.shown`."""
    return clock.shown(moment, style)


@register.filter
def markdown(text: str) -> SafeString:
    """Write Markdown as HTML. Tags in the text stay text; pictures are left out; h1 becomes h2 and so on."""
    tokens = _MARKDOWN.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(int(token.tag[1]) + 1, 4)}"
    html = _MARKDOWN.renderer.render(tokens, _MARKDOWN.options, {})
    clean = nh3.clean(html, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=_SCHEMES, link_rel="noopener noreferrer")
    return mark_safe(clean)  # noqa: S308 - nh3 has just cleaned it


@register.inclusion_tag("practice/_keep.html", takes_context=True)
def keep_words(
    context: dict[str, Any], owner_id: UUID | None = None, reference: str = "", *, page: str = "", part: str = ""
) -> dict[str, Any]:
    """Let a form keep its words until they are saved: sealed under a client's key, or the member's own.

    `page` is the address that shows the form, where it is not the one asked for now; `part` tells forms of one page
    apart. One query a page.
    """
    request = context.get("request")
    user = getattr(request, "user", None)
    if request is None or not isinstance(user, User):
        return {"token": ""}
    path = page or request.get_full_path()
    path = path if len(path) <= keeping.LONGEST_PATH else request.path
    sheet = keeping.Sheet(f"{path}#{part}" if part else path, owner_id or user.pk, reference)
    if not hasattr(request, "kept_pages"):
        request.kept_pages = {row.page: row for row in keeping.kept_by(user)}
    return {"token": keeping.token_for(user, sheet), "page": path, "kept": request.kept_pages.get(sheet.page)}


def _day(day: date) -> str:
    """Return the format of a day: with the year where it is not this one."""
    return "D j F" if day.year == clock.today().year else "D j F Y"
