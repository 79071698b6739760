import pytest

from practice import panels
from practice.models import User
from practice.panels import Panel, panels_for, register


@pytest.fixture(autouse=True)
def _own_panels(monkeypatch: pytest.MonkeyPatch) -> None:
    """Start from a page without panels, and leave the real ones alone."""
    monkeypatch.setattr(panels, "_BUILDERS", {})


def test_panels_stand_in_their_order_and_know_it() -> None:
    register("today", "later", 20, lambda viewer, subject: Panel("later.html", needs=2))
    register("today", "first", 10, lambda viewer, subject: Panel("first.html"))
    shown = panels_for("today", User())
    assert [(panel.template, panel.order, panel.needs) for panel in shown] == [
        ("first.html", 10, 0),
        ("later.html", 20, 2),
    ]


def test_a_panel_with_nothing_to_show_is_left_out_and_others_pages_are_not_mixed() -> None:
    register("today", "quiet", 10, lambda viewer, subject: None)
    register("client", "other", 10, lambda viewer, subject: Panel("other.html"))
    assert panels_for("today", User()) == []


def test_the_same_name_replaces() -> None:
    register("session", "note", 10, lambda viewer, subject: Panel("old.html"))
    register("session", "note", 20, lambda viewer, subject: Panel("new.html"))
    assert [panel.template for panel in panels_for("session", User())] == ["new.html"]


def test_a_panel_gets_viewer_and_subject() -> None:
    register("client", "seen", 10, lambda viewer, subject: Panel("x.html", {"seen": (viewer, subject)}))
    viewer = User()
    assert panels_for("client", viewer, "C-0042")[0].context == {"seen": (viewer, "C-0042")}
