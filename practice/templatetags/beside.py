"""Times by the practice's clock, and Markdown. `{% load beside %}`."""

from datetime import date, datetime

import nh3
from django import template
from django.utils.dateformat import format as shown
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

from practice import clock

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
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), shown(here, f"{_day(here.date())}, H:i"))


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
    return format_html('<time datetime="{}">{}</time>', here.isoformat(), shown(here, "H:i"))


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


def _day(day: date) -> str:
    """Return the format of a day: with the year where it is not this one."""
    return "D j F" if day.year == clock.today().year else "D j F Y"
