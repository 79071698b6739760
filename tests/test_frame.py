"""The frame around every page: icons, colours, fields, the error pages and who sees which room."""

import re
from pathlib import Path

import pytest
from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.template.loader import render_to_string
from django.test import RequestFactory

ROOT = Path(settings.BASE_DIR)
CSS = (ROOT / "static" / "beside.css").read_text()
ROOMS = ["Today", "Clients", "Diary", "Exercises", "Supervision", "Practice"]


class Guest(forms.Form):
    """A form with a field of each kind."""

    name = forms.CharField(help_text="As they write it.")
    pronouns = forms.CharField(required=False)
    mode = forms.ChoiceField(choices=[("a", "In person"), ("b", "Phone")], widget=forms.RadioSelect)
    agreed = forms.BooleanField(label="May be e-mailed", required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def tokens(scheme: int) -> dict[str, str]:
    """Return the colours of the stylesheet; `scheme` 0 is light, 1 is dark."""
    pairs = re.findall(r"--([a-z-]+): light-dark\((#\w{6}), (#\w{6})\);", CSS)
    return {name: (light, dark)[scheme] for name, light, dark in pairs}


def luminance(colour: str) -> float:
    """Return the relative luminance of `#rrggbb` (WCAG 2.2)."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colours, 1 to 21 (WCAG 2.2)."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(
    ("ink", "grounds"),
    [
        ("ink", "paper paper-deep card card-deep stone-wash green-wash clay-wash berry-wash"),
        ("ink-soft", "paper paper-deep card card-deep stone-wash green-wash"),
        ("heading", "paper paper-deep card green-wash"),
        ("green", "paper paper-deep card card-deep green-wash"),
        ("green-deep", "green-wash"),
        ("on-green", "green green-deep"),
        ("clay", "paper card clay-wash"),
        ("berry", "paper card berry-wash"),
    ],
)
def test_words_stand_out_from_their_ground(ink: str, grounds: str, scheme: int) -> None:
    colours = tokens(scheme)
    assert [ground for ground in grounds.split() if contrast(colours[ink], colours[ground]) < 4.5] == []


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_edges_of_fields_stand_out(scheme: int) -> None:
    colours = tokens(scheme)
    assert [ground for ground in ("card", "paper") if contrast(colours["line-firm"], colours[ground]) < 3] == []


def test_every_icon_that_a_page_names_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="([a-z-]+)"', (ROOT / "static" / "icons.svg").read_text()))
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    named = set(re.findall(r'_icon\.html" with name="([a-z-]+)"', pages)) | set(
        re.findall(r'\bicon="([a-z-]+)"', pages)
    )
    assert named - drawn == set()


def test_nothing_is_fetched_from_another_host() -> None:
    script = (ROOT / "static" / "beside.js").read_text()
    assert re.findall(r"https?:|url\(|@import", CSS + script) == []


@pytest.mark.parametrize("page", ["400", "403", "403_csrf", "404", "500"])
def test_an_error_page_needs_nothing_and_has_one_heading(page: str) -> None:
    assert render_to_string(f"{page}.html").count("<h1") == 1


def field(form: forms.Form, name: str) -> str:
    """Return one field's HTML with its white space made single."""
    return " ".join(form[name].as_field_group().split())


def test_a_required_field_has_label_and_help_and_no_mark() -> None:
    html = field(Guest(), "name")
    assert '<label for="id_name">Name</label>' in html
    assert '<div class="help" id="id_name_helptext">As they write it.</div>' in html
    assert 'aria-describedby="id_name_helptext"' in html


def test_an_optional_field_says_so() -> None:
    assert 'Pronouns <span class="optional">optional</span></label>' in field(Guest(), "pronouns")


def test_an_error_is_tied_to_its_field() -> None:
    html = field(Guest({}), "name")
    assert 'aria-describedby="id_name_helptext id_name_error"' in html
    assert '<ul class="errorlist" id="id_name_error"><li>This field is required.</li></ul>' in html


def test_choices_stand_in_a_fieldset_with_a_legend() -> None:
    html = field(Guest(), "mode")
    assert "<legend>Mode</legend>" in html
    assert html.count("<label for=") == 2


def test_a_tick_has_its_label_behind_it() -> None:
    html = field(Guest(), "agreed")
    assert html.index("<input") < html.index('<label for="id_agreed">May be e-mailed</label>')


def test_the_summary_leads_to_each_refused_field() -> None:
    html = render_to_string("_form.html", {"form": Guest({}), "submit": "Book session"}, RequestFactory().get("/"))
    assert re.findall(r'<a href="#(\w+)">([^<]+)</a>', html) == [
        ("id_name", "Name: This field is required."),
        ("id_mode_0", "Mode: This field is required."),
    ]


def test_a_fresh_form_has_no_summary() -> None:
    html = render_to_string("_form.html", {"form": Guest(), "submit": "Book session"}, RequestFactory().get("/"))
    assert html.count("error-summary") == 0


@pytest.mark.parametrize(
    ("permissions", "rooms"),
    [
        ([], ["Today"]),
        (["CLIENT_READ"], ["Today", "Clients", "Diary", "Exercises"]),
        (["PACK_READ", "PRACTICE_SETTINGS"], ["Today", "Supervision", "Practice"]),
        (["CLIENT_READ", "PACK_READ", "PRACTICE_SETTINGS"], ROOMS),
    ],
)
def test_a_room_that_one_may_not_enter_is_not_shown(permissions: list[str], rooms: list[str]) -> None:
    may = dict.fromkeys(permissions, True)
    html = render_to_string("_nav.html", {"may": may}, None)
    assert re.findall(r"<span>(\w+)</span>", html) == rooms


def test_a_stranger_sees_no_navigation() -> None:
    request = RequestFactory().get("/")
    request.user = AnonymousUser()
    assert render_to_string("base.html", {}, request).count("<nav") == 0
