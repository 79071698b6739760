"""What a page says."""

import html
import re
from typing import Any

from django.template.loader import render_to_string

from practice.panels import Panel


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def heading(answer: Any) -> str:
    (h1,) = re.findall(r"<h1[^>]*>(.*?)</h1>", read(answer))
    return str(h1).strip()


def shown(panel: Panel | None) -> str:
    """Return what a panel says, as it stands on a page."""
    assert panel is not None
    return " ".join(html.unescape(render_to_string(panel.template, {"panel": panel.context})).split())
