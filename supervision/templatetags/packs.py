"""What a pack's preview marks. `{% load packs %}`."""

import re

from django import template
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

from supervision.pseudonyms import MARKS

register = template.Library()


@register.filter
def marked(html: SafeString, reference: str) -> SafeString:
    """Put `<mark>` around what stands in a name's or contact's place. Takes clean HTML; tags are left as they are."""
    replaced = re.compile("|".join(re.escape(str(escape(words))) for words in (reference, *MARKS)))
    pieces = re.split(r"(<[^>]*>)", html)
    shown = (piece if piece.startswith("<") else replaced.sub(r"<mark>\g<0></mark>", piece) for piece in pieces)
    return mark_safe("".join(shown))  # noqa: S308 - the HTML was clean, and nothing but marks is added
