"""What the diary's pages write in words, and a session in the calendar. `{% load diary %}`."""

import re
from datetime import timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from sessions import money
from sessions.calendar_items import Item

register = template.Library()
# While its shape is written, a session's id is this one, and its own words are their names between two marks.
_ID = "00000000-0000-4000-8000-000000000000"
_OWN = ("classes", "start", "length", "version", "begins", "ends", "name", "tail")
_MARKED = re.compile("\ue000(\\w+)\ue001")


@register.filter
def pounds(pence: int) -> str:
    """Write pence as pounds: £60, £62.50."""
    return money.pounds(pence)


@register.filter
def minutes(span: timedelta) -> int:
    """Write a length as whole minutes."""
    return int(span.total_seconds()) // 60


@register.simple_tag(takes_context=True)
def calendar_session(context: dict[str, Any], item: Item) -> SafeString:
    """Write a session with its menu. Those of one shape differ in a few words alone: each shape is rendered once.

    A week of sixty sessions would otherwise spend most of its time on sixty menus that nobody has opened yet.
    """
    shapes: dict[object, str] = context["shapes"]
    if item.shape not in shapes:
        own = {name: f"\ue000{name}\ue001" for name in _OWN}
        own |= {"key": _ID, "tail": own["tail"] if item.tail else ""}
        shapes[item.shape] = render_to_string(
            "sessions/_calendar_session.html",
            {"item": {**vars(item), **own}, "may": context["may"], "icons": context["icons"]},
        )
    written = _MARKED.sub(lambda found: escape(getattr(item, found[1])), shapes[item.shape].replace(_ID, item.key))
    return mark_safe(written)  # noqa: S308 - our template, and words that were escaped
