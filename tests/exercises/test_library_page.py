"""The library, and one exercise of it."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises.models import Exercise
from exercises.publishing import publish_shipped
from tests.exercises.authoring import make_own
from tests.exercises.factories import browser_of, make_assignment, make_version
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def test_every_exercise_is_a_card_on_its_shelf() -> None:
    versions = publish_shipped()
    text = read(browser_of(make_user()).get("/exercises/"))
    for version in versions:
        assert f'href="/exercises/{version.exercise.slug}/"' in text
        assert (version.title in text, version.exercise.get_way_display() in text) == (True, True)
    assert len(re.findall('class="card shelf-card"', text)) == len(versions)


def test_the_five_ways_come_first_then_ones_own_and_what_others_share() -> None:
    publish_shipped()
    me, other = make_user(), make_user(name="Rowan Exampleton")
    make_own(me, slug="mine", title="Mine to give")
    make_own(other, slug="theirs", title="From a colleague", is_shared=True)
    make_own(other, slug="hidden", title="Not to be seen")
    text = read(browser_of(me).get("/exercises/"))
    shelves = re.findall(r'<h2 id="shelf-(\w+)">', text)
    assert shelves == [
        "helpful", "mindful", "balance", "reflect", "act", "here", "soothe", "understand", "imagery", "flow", "own",
        "shared",
    ]  # fmt: skip
    assert ("by Rowan Exampleton" in text, "Not to be seen" in text) == (True, False)


def test_the_filter_is_a_link_and_shows_one_shelf() -> None:
    publish_shipped()
    browser = browser_of(make_user())
    assert 'href="?way=reflect"' in read(browser.get("/exercises/"))
    text = read(browser.get("/exercises/?way=reflect"))
    assert re.findall(r'<h2 id="shelf-(\w+)">', text) == ["reflect"]
    assert re.findall(r'href="\?way=(\w+)" aria-current', text) == ["reflect"]
    assert len(re.findall(r'<h2 id="shelf-', read(browser.get("/exercises/?way=nowhere")))) == 10


def test_what_is_put_away_is_listed_apart() -> None:
    me = make_user()
    make_own(me, slug="mine", title="An old one", put_away_at=timezone.now())
    text = read(browser_of(me).get("/exercises/"))
    assert 'class="card shelf-card"' not in text
    assert '<a href="/exercises/mine/">An old one</a>' in text


def test_a_library_without_exercises_says_so() -> None:
    text = read(browser_of(make_user()).get("/exercises/"))
    assert "Those that come with Beside have not been published." in text


def test_only_the_newest_words_are_shown() -> None:
    make_version(title="Older words")
    make_version(title="Newer words")
    text = read(browser_of(make_user()).get("/exercises/"))
    assert ("Newer words" in text, "Older words" in text) == (True, False)


@pytest.mark.parametrize("rows", [1, 3])
def test_the_library_takes_the_same_queries_at_any_length(
    rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_version(f"number-{number}")
    browser = browser_of(make_user())
    with django_assert_num_queries(4):  # web session, member, versions, what is put away
        browser.get("/exercises/")


def test_one_exercise_is_shown_as_the_client_reads_it_with_care_and_sources() -> None:
    for version in publish_shipped():
        text = read(browser_of(make_user()).get(f"/exercises/{version.exercise.slug}/"))
        assert version.care in text
        assert [source for source in version.sources if source not in text] == []
        assert [question["label"] for question in version.fields if question["label"] not in text] == []
        assert text.count("Every exercise closes with the same few questions") == 1
        assert text.count("<h1") == 1


def test_it_leads_on_to_assigning_it_to_one_of_my_clients() -> None:
    make_version()
    client = make_client(name="Juniper Testwell")
    browser = browser_of(client.counsellor)
    assert "Juniper Testwell</option>" in read(browser.get("/exercises/quiet-minute/"))
    answer = browser.get("/exercises/quiet-minute/", {"client": str(client.pk)})
    assert answer.headers["Location"] == reverse("exercises:assign", args=[client.pk]) + "?exercise=quiet-minute"


@pytest.mark.parametrize("client", ["", "x", "00000000-0000-4000-8000-000000000000", "another's"])
def test_it_leads_to_nobody_elses_client(client: str) -> None:
    make_version()
    mine = make_client()
    chosen = str(make_client().pk) if client == "another's" else client
    page = browser_of(mine.counsellor).get("/exercises/quiet-minute/", {"client": chosen})
    assert page.status_code == 200


def test_an_unknown_exercise_is_not_found() -> None:
    assert browser_of(make_user()).get("/exercises/no-such/").status_code == 404


@pytest.mark.parametrize("page", ["/exercises/", "/exercises/quiet-minute/"])
def test_who_may_see_the_library(page: str) -> None:
    make_version()
    answers = [browser_of(make_user(role)).get(page).status_code for role in ("counsellor", "solo", "admin")]
    assert answers == [200, 200, 403]


def test_an_own_one_is_edited_copied_shared_and_put_away() -> None:
    me = make_user()
    make_own(me, slug="mine")
    text = read(browser_of(me).get("/exercises/mine/"))
    assert ('href="/exercises/mine/edit/"' in text, 'href="/exercises/write/?from=mine"' in text) == (True, True)
    assert re.findall('name="deed" value="([a-z_]+)"', text) == ["share", "put_away"]


def test_anybody_elses_is_copied_only() -> None:
    make_version("ships")
    make_own(make_user(name="Rowan Exampleton"), slug="theirs", is_shared=True)
    for slug in ("ships", "theirs"):
        text = read(browser_of(make_user()).get(f"/exercises/{slug}/"))
        assert (f'href="/exercises/{slug}/edit/"' in text, f'href="/exercises/write/?from={slug}"' in text) == (
            False,
            True,
        )
        assert re.findall('name="deed" value="([a-z_]+)"', text) == []


def test_anothers_that_is_not_shared_is_not_there() -> None:
    make_own(make_user(), slug="theirs", title="A colleague's draft")
    browser = browser_of(make_user())
    assert browser.get("/exercises/theirs/").status_code == 404
    assert browser.get("/exercises/theirs/edit/").status_code == 404
    assert browser.get("/exercises/write/?from=theirs").status_code == 404
    assert browser.post("/exercises/theirs/offer/", {"deed": "share"}).status_code == 404


def test_it_says_which_version_it_is_and_who_has_an_older_one() -> None:
    client = make_client()
    make_assignment(client, version=make_version("ships"))
    make_version("ships")
    text = read(browser_of(client.counsellor).get("/exercises/ships/"))
    assert re.search(r"Version 2, since <time[^>]*>[^<]+</time>; 1 of your clients still has an older one", text)


@pytest.mark.parametrize(
    ("deed", "is_shared", "is_away"),
    [("share", True, False), ("unshare", False, False), ("put_away", False, True), ("offer", False, False)],
)
def test_a_button_does_what_it_says(deed: str, is_shared: bool, is_away: bool) -> None:
    me = make_user()
    make_own(me, slug="mine", is_shared=deed == "unshare", put_away_at=timezone.now() if deed == "offer" else None)
    answer = browser_of(me).post("/exercises/mine/offer/", {"deed": deed})
    exercise = Exercise.objects.get(slug="mine")
    assert answer.headers["Location"] == "/exercises/mine/"
    assert (exercise.is_shared, exercise.put_away_at is not None) == (is_shared, is_away)


def test_a_button_that_there_is_not_changes_nothing() -> None:
    me = make_user()
    make_own(me, slug="mine")
    assert browser_of(me).post("/exercises/mine/offer/", {"deed": "burn"}).status_code == 302
    assert Exercise.objects.get(slug="mine").put_away_at is None
