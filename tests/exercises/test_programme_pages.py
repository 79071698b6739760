"""The pages of programmes: the list, one of them with its steps in words, and writing one."""

import re

import pytest
from django.test import Client as Browser
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from exercises.models import Exercise, Programme
from exercises.publishing import publish_shipped
from practice.models import User
from tests.exercises.authoring import make_own, make_programme, order, planned, whole_form
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import heading, read
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db

PAGE, WRITE = "/exercises/programmes/", "/exercises/programmes/write/"


@pytest.fixture
def me() -> User:
    return make_user()


@pytest.fixture
def browser(me: User) -> Browser:
    make_version("first")
    make_version("second")
    return browser_of(me)


def steps_of(programme: Programme) -> list[tuple[str, str, int]]:
    return list(programme.steps.values_list("exercise__slug", "mode", "days"))


def plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", text))


def test_the_list_names_each_with_its_steps_and_whose_it_is(browser: Browser, me: User) -> None:
    make_programme(None, slug="ships")
    make_programme(me, slug="mine", is_shared=True)
    make_programme(make_user(name="Rowan Exampleton"), slug="theirs", is_shared=True)
    make_programme(make_user(), slug="hidden")
    text = read(browser.get(PAGE))
    assert re.findall(r'href="/exercises/programmes/([\w-]+)/"> <h2>', text) == ["ships", "mine", "theirs"]
    assert ("2 steps" in text, "· yours, shared" in text, "· by Rowan Exampleton" in text) == (True, True, True)


def test_a_practice_without_programmes_says_so(browser: Browser) -> None:
    assert "No programmes yet" in read(browser.get(PAGE))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_takes_the_same_queries_at_any_length(
    rows: int, browser: Browser, me: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for number in range(rows):
        make_programme(me, slug=f"own-{number}")
        make_programme(me, slug=f"away-{number}", put_away_at=timezone.now())
    with django_assert_num_queries(6):  # web session, member; programmes and those put away, each with steps
        browser.get(PAGE)


def test_one_says_in_words_when_each_step_comes(browser: Browser) -> None:
    make_programme(None, slug="ships")
    answer = browser.get(f"{PAGE}ships/")
    text = plain(read(answer))
    assert heading(answer) == "Two steps"
    assert "A quiet minute 5 minutes At the start" in text
    assert "A quiet minute 5 minutes Five days after the one before is done" in text


def test_what_ships_is_shown_and_copied(browser: Browser, me: User) -> None:
    publish_shipped()
    for source in list(Programme.objects.filter(made_by=None)):
        assert browser.get(f"{PAGE}{source.slug}/").status_code == 200
        form = whole_form(browser.get(f"{WRITE}?from={source.slug}"))
        answer = browser.post(f"{WRITE}?from={source.slug}", form)
        assert answer.status_code == 302
        copy = Programme.objects.get(made_by=me, title=source.title)
        assert steps_of(copy) == steps_of(source)


def test_it_leads_on_to_starting_it_for_one_of_my_clients(browser: Browser, me: User) -> None:
    make_programme(None, slug="ships")
    client = make_client(me, name="Juniper Testwell")
    assert "Juniper Testwell</option>" in read(browser.get(f"{PAGE}ships/"))
    answer = browser.get(f"{PAGE}ships/", {"client": str(client.pk)})
    assert answer.headers["Location"] == f"/exercises/start/{client.pk}/?programme=ships"
    assert browser.get(f"{PAGE}ships/", {"client": str(make_client().pk)}).status_code == 200


def test_a_new_one_is_written_and_shown(browser: Browser, me: User) -> None:
    answer = browser.post(WRITE, planned())
    programme = Programme.objects.get()
    assert answer.headers["Location"] == f"{PAGE}{programme.slug}/"
    assert (programme.made_by, programme.title) == (me, "Two steps")
    assert steps_of(programme) == [("first", "together", 0), ("second", "done_plus", 5)]


def test_editing_changes_ones_own(browser: Browser, me: User) -> None:
    programme = make_programme(me)
    form = whole_form(browser.get(f"{PAGE}two-steps/edit/"))
    assert (form["begun_from"], form["step-s2-days"]) == ("1", "5")
    answer = browser.post(f"{PAGE}two-steps/edit/", {**form, "step-s2-days": "7"})
    programme.refresh_from_db()
    assert (answer.headers["Location"], programme.version) == (f"{PAGE}two-steps/", 2)
    assert steps_of(programme) == [("first", "together", 0), ("second", "done_plus", 7)]


@pytest.mark.parametrize(
    ("deed", "rows", "focus"),
    [
        ("step:add:", ["s1", "s2", "s3"], []),
        ("step:down:s1", ["s2", "s1"], ["step-s1-up"]),
        ("step:out:s2", ["s1"], ["step-add"]),
        ("again", ["s1", "s2"], []),
    ],
)
def test_a_rows_button_loses_nothing(deed: str, rows: list[str], focus: list[str], browser: Browser) -> None:
    answer = browser.post(WRITE, planned(title="", deed=deed))
    text = read(answer)
    assert (answer.status_code, order(text, "step"), "error-summary" in text) == (200, rows, False)
    assert re.findall(r'<button[^>]* id="([\w-]+)" autofocus', text) == focus
    assert text.count("Comes at the start.") == 1
    assert Programme.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Title: Please give it a title."),
        ({"step-s1-exercise": ""}, "Step 1, Exercise: Please choose an exercise."),
        ({"step-s2-exercise": "hidden"}, "Step 2, Exercise: This one is no longer offered."),
        ({"step-s2-days": ""}, "Step 2, Days: Please give a number of days, up to 60."),
        ({"step-s2-days": "0"}, "Step 2, Days: Please give a number of days, up to 60."),
        ({"step-s2-days": "61", "step-s2-mode": "after_session"}, "Step 2, Days: Please give a number of days"),
        ({"step-s2-mode": "weekdays"}, "Step 2, When it comes: Please choose when it comes."),
        ({"step-order": []}, "Please add one step or more."),
    ],
)
def test_what_is_amiss_is_said_and_nothing_is_lost(changes: dict[str, object], said: str, browser: Browser) -> None:
    make_own(make_user(), slug="hidden")
    answer = browser.post(WRITE, planned(**changes))
    text = read(answer)
    assert (answer.status_code, said in plain(text).replace(" :", ":")) == (422, True)
    assert "A beginning.</textarea>" in text
    assert Programme.objects.count() == 0


def test_days_count_only_where_the_mode_has_them(browser: Browser) -> None:
    assert browser.post(WRITE, planned(**{"step-s2-mode": "when_done", "step-s2-days": "x"})).status_code == 302
    assert steps_of(Programme.objects.get())[1] == ("second", "when_done", 0)


def test_what_was_changed_elsewhere_is_said_and_then_written_over(browser: Browser, me: User) -> None:
    programme = make_programme(me)
    page = f"{PAGE}two-steps/edit/"
    form = whole_form(browser.get(page))
    browser.post(page, {**form, "title": "From the other window"})
    answer = browser.post(page, {**form, "title": "From this one"})
    assert (answer.status_code, "This programme was changed elsewhere meanwhile." in read(answer)) == (409, True)
    assert browser.post(page, whole_form(answer)).status_code == 302
    programme.refresh_from_db()
    assert (programme.title, programme.version) == ("From this one", 3)


def test_a_shared_one_holds_nothing_that_the_others_do_not_see(browser: Browser, me: User) -> None:
    make_own(me, slug="mine")
    make_programme(me, is_shared=True)
    form = whole_form(browser.get(f"{PAGE}two-steps/edit/"))
    answer = browser.post(f"{PAGE}two-steps/edit/", {**form, "step-s2-exercise": "mine"})
    assert (answer.status_code, "An exercise in it is yours alone." in read(answer)) == (409, True)


@pytest.mark.parametrize(
    ("deed", "is_shared", "is_away"),
    [("share", True, False), ("unshare", False, False), ("put_away", False, True), ("offer", False, False)],
)
def test_a_button_does_what_it_says(deed: str, is_shared: bool, is_away: bool, browser: Browser, me: User) -> None:
    away = timezone.now() if deed == "offer" else None
    programme = make_programme(me, is_shared=deed == "unshare", put_away_at=away)
    assert browser.post(f"{PAGE}two-steps/offer/", {"deed": deed}).headers["Location"] == f"{PAGE}two-steps/"
    programme.refresh_from_db()
    assert (programme.is_shared, programme.put_away_at is not None) == (is_shared, is_away)


def test_sharing_waits_for_its_exercises(browser: Browser, me: User) -> None:
    programme = make_programme(me)
    Exercise.objects.filter(slug="second").update(made_by=me)
    answer = browser.post(f"{PAGE}two-steps/offer/", {"deed": "share"}, follow=True)
    programme.refresh_from_db()
    assert ("An exercise in it is yours alone." in read(answer), programme.is_shared) == (True, False)


def test_anybody_elses_is_copied_only_and_hidden_ones_are_not_there(browser: Browser) -> None:
    make_programme(None, slug="ships")
    make_programme(make_user(), slug="shared", is_shared=True)
    make_programme(make_user(), slug="hidden")
    for slug in ("ships", "shared"):
        assert 'name="deed"' not in read(browser.get(f"{PAGE}{slug}/"))
        assert browser.get(f"{PAGE}{slug}/edit/").status_code == 404
        assert browser.post(f"{PAGE}{slug}/offer/", {"deed": "put_away"}).status_code == 404
    pages = [f"{PAGE}hidden/", f"{PAGE}hidden/edit/", f"{WRITE}?from=hidden"]
    assert [browser.get(page).status_code for page in pages] == [404, 404, 404]


@pytest.mark.parametrize("page", [PAGE, WRITE, f"{PAGE}two-steps/", f"{PAGE}two-steps/edit/"])
def test_who_may_come_in(page: str, me: User) -> None:
    make_programme(me)
    assert (browser_of(me).get(page).status_code, browser_of(make_user("admin")).get(page).status_code) == (200, 403)
