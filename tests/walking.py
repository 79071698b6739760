"""The URLconf, address by address: for tests that must not forget tomorrow's page."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


def routes(patterns: list[Any] | None = None, namespace: str = "", before: str = "/") -> Iterator[tuple[str, str]]:
    """Yield name and route of every address; one without a name has ""."""
    for _, name, route in views(patterns, namespace, before):
        yield name, route


def views(
    patterns: list[Any] | None = None, namespace: str = "", before: str = "/"
) -> Iterator[tuple[URLPattern, str, str]]:
    """Yield the pattern, name and route of every address."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from views(pattern.url_patterns, inner, route)
        elif isinstance(pattern, URLPattern):
            yield pattern, (f"{namespace}{pattern.name}" if pattern.name else ""), route
