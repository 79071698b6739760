"""What the diary's pages write in words, and the menu of a session. `{% load diary %}`."""

from datetime import timedelta
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from sessions import money
from sessions.calendar_items import Item

register = template.Library()
# Stands for a session's id while a menu is written.
_ANY = "00000000-0000-4000-8000-000000000000"


@register.filter
def pounds(pence: int) -> str:
    """Write pence as pounds: £60, £62.50."""
    return money.pounds(pence)


@register.filter
def minutes(span: timedelta) -> int:
    """Write a length as whole minutes."""
    return int(span.total_seconds()) // 60


@register.simple_tag(takes_context=True)
def session_menu(context: dict[str, Any], item: Item) -> SafeString:
    """Write the menu of a session. Menus of one shape differ in the session's id alone: each shape is rendered once.

    A week of sixty sessions would otherwise spend most of its time on sixty menus that nobody has opened yet.
    """
    menus: dict[object, str] = context["menus"]
    if item.shape not in menus:
        menus[item.shape] = render_to_string(
            "sessions/_calendar_menu.html",
            {"item": item, "pk": _ANY, "may": context["may"], "icons": context["icons"]},
        )
    return mark_safe(menus[item.shape].replace(_ANY, item.key))  # noqa: S308 - our template, and a UUID
