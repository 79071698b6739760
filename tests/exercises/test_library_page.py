"""The library, and one exercise of it."""

import html
import re
from typing import Any

import pytest
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from exercises.publishing import publish_shipped
from tests.exercises.factories import browser_of, make_version
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


def read(answer: Any) -> str:
    return re.sub(r"\s+", " ", html.unescape(answer.content.decode()))


def test_every_exercise_is_a_card_with_its_way() -> None:
    versions = publish_shipped()
    text = read(browser_of(make_user()).get("/exercises/"))
    for version in versions:
        assert f'href="/exercises/{version.exercise.slug}/"' in text
        assert (version.title in text, version.exercise.get_way_display() in text) == (True, True)
    assert len(re.findall('class="card"', text)) == len(versions)


def test_a_library_without_exercises_says_so() -> None:
    assert "The exercises that come with Beside have not been published." in read(
        browser_of(make_user()).get("/exercises/")
    )


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
    with django_assert_num_queries(3):  # web session, member, versions
        browser.get("/exercises/")


def test_one_exercise_is_shown_as_the_client_reads_it_with_care_and_sources() -> None:
    for version in publish_shipped():
        text = read(browser_of(make_user()).get(f"/exercises/{version.exercise.slug}/"))
        assert version.care in text
        assert [source for source in version.sources if source not in text] == []
        assert [question["label"] for question in version.fields if question["label"] not in text] == []
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
