"""What the diary's pages write in words. `{% load diary %}`."""

from datetime import timedelta

from django import template

from sessions import money

register = template.Library()


@register.filter
def pounds(pence: int) -> str:
    """Write pence as pounds: £60, £62.50."""
    return money.pounds(pence)


@register.filter
def minutes(span: timedelta) -> int:
    """Write a length as whole minutes."""
    return int(span.total_seconds()) // 60
