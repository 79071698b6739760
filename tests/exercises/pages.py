"""What a page says."""

import html
import re
from typing import Any


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def heading(answer: Any) -> str:
    (h1,) = re.findall(r"<h1[^>]*>(.*?)</h1>", read(answer))
    return str(h1).strip()
