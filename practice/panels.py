"""What rooms above show on pages below: Today, a client's record, a session.

A page knows only that it has panels; a room registers its own when the app starts. So Today can show the answers to
read although `practice` may not import `exercises`.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from practice.models import User

Page = Literal["today", "client", "session"]


@dataclass(frozen=True)
class Panel:
    """A part of a page: its template gets `context` as `panel`. `needs` counts what waits for the viewer in it.

    `order` is what it was registered with; whoever builds a panel leaves it alone.
    """

    template: str
    context: dict[str, Any] = field(default_factory=dict)
    needs: int = 0
    order: int = 0


Builder = Callable[[User, Any], Panel | None]
_BUILDERS: dict[tuple[Page, str], tuple[int, Builder]] = {}


def register(page: Page, name: str, order: int, build: Builder) -> None:
    """Add a panel to a page. Panels stand in ascending `order`; the same name replaces.

    On Today, orders below 90 are what waits for somebody; from 90 on, what stands quietly beside it.
    """
    _BUILDERS[page, name] = (order, build)


def panels_for(page: Page, viewer: User, subject: Any = None, *, without: Collection[str] = ()) -> list[Panel]:
    """Return the panels that have something to show to this viewer; those named in `without` are not built."""
    builders = ((where, name, *how) for (where, name), how in _BUILDERS.items() if name not in without)
    chosen = sorted((order, name, build) for where, name, order, build in builders if where == page)
    built = ((order, build(viewer, subject)) for order, _, build in chosen)
    return [replace(panel, order=order) for order, panel in built if panel is not None]
