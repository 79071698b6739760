"""A sign-in ends after a quiet while, at the next request, and after twelve hours in any case."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.sessions.models import Session
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries, Settings

from practice.models import AuditEntry, KeptWords, User
from sessions.models import ClientSession
from tests.factories import PASSWORD, make_client, make_session, make_user

pytestmark = pytest.mark.django_db
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)
HERE = "/practice/here/"
WORDS = "She spoke of the garden for the first time."
Clock = time_machine.Traveller


@pytest.fixture(autouse=True)
def _quarter_of_an_hour(settings: Settings) -> None:
    settings.IDLE_MINUTES = 15.0
    settings.SESSION_COOKIE_AGE = 12 * 60 * 60


@pytest.fixture
def clock() -> Iterator[Clock]:
    with time_machine.travel(MONDAY, tick=False) as clock:
        yield clock


@pytest.fixture
def member(clock: Clock) -> User:
    return make_user()


@pytest.fixture
def browser(member: User) -> Browser:
    return signed_in(member)


@pytest.fixture
def session(member: User) -> ClientSession:
    return make_session(make_client(member))


def signed_in(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def wait(clock: Clock, **time: float) -> None:
    clock.shift(timedelta(**time))


def is_in(browser: Browser) -> bool:
    return browser.get("/").status_code == 200


def deeds() -> list[tuple[str, User | None]]:
    return [(entry.deed, entry.actor) for entry in AuditEntry.objects.order_by("number")]


def seconds(browser: Browser) -> float:
    return float(browser.get(HERE).json()["seconds"])


def token_on(browser: Browser, page: str) -> str:
    found = re.search(r'name="keep_token"\s+value="([^"]+)"', browser.get(page).content.decode())
    assert found is not None
    return found[1]


def send(browser: Browser, token: str, **more: Any) -> int:
    body = json.dumps({"keep_token": token, "fields": {"text": WORDS}, **more})
    return browser.post("/practice/words/", body, content_type="application/json").status_code


def test_a_quiet_while_ends_the_sign_in(clock: Clock, browser: Browser, member: User) -> None:
    assert is_in(browser)
    wait(clock, minutes=15)

    answer = browser.get("/clients/")

    assert answer.headers["Location"] == "/accounts/login/?next=/clients/"
    assert deeds() == [("sign_in.idle", member)]
    assert not Session.objects.exists()
    assert not is_in(browser)
    assert "signed out after a quiet while" in browser.get("/accounts/login/?next=/clients/").content.decode()


def test_a_second_before_it_still_lasts(clock: Clock, browser: Browser) -> None:
    wait(clock, minutes=14, seconds=59)
    assert is_in(browser)


def test_each_page_begins_the_while_anew(clock: Clock, browser: Browser) -> None:
    for _ in range(5):
        wait(clock, minutes=14)
        assert is_in(browser)
    assert deeds() == []


def test_the_first_while_begins_at_sign_in(clock: Clock, browser: Browser) -> None:
    wait(clock, minutes=15)
    assert not is_in(browser)


def test_a_sign_in_by_password_begins_it_too(clock: Clock, member: User) -> None:
    browser = Browser()
    browser.post(reverse("account_login"), {"login": member.email, "password": PASSWORD})
    assert seconds(browser) == 900
    wait(clock, minutes=15)
    assert not is_in(browser)


def test_being_here_is_written_down_once_a_minute_at_most(
    clock: Clock, browser: Browser, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    wait(clock, seconds=59)
    with django_assert_num_queries(2):  # web session, member
        browser.post(HERE)
    assert seconds(browser) == 900 - 59
    wait(clock, seconds=1)
    browser.post(HERE)
    assert seconds(browser) == 900


def test_a_page_that_asks_by_itself_does_not_count(clock: Clock, browser: Browser) -> None:
    for _ in range(3):
        wait(clock, minutes=4)
        browser.get(HERE)
    assert seconds(browser) == 180
    wait(clock, minutes=3)
    assert browser.get(HERE).status_code == 302


def test_a_key_or_a_pointer_counts(clock: Clock, browser: Browser) -> None:
    for _ in range(3):
        wait(clock, minutes=14)
        assert browser.post(HERE).json() == {"seconds": 900}


def test_typing_counts_and_a_last_copy_sent_by_the_page_does_not(
    clock: Clock, browser: Browser, session: ClientSession
) -> None:
    browser = signed_in(session.counsellor)
    token = token_on(browser, reverse("notes:write", args=[session.pk]))
    wait(clock, minutes=14)
    assert (send(browser, token), seconds(browser)) == (200, 900)
    wait(clock, minutes=14)
    assert (send(browser, token, quiet=True), seconds(browser)) == (200, 60)


def test_a_sign_in_lasts_twelve_hours_at_most(clock: Clock, browser: Browser, member: User) -> None:
    for _ in range(12 * 6 - 1):
        wait(clock, minutes=10)
        browser.post(HERE)
    assert seconds(browser) == 600
    wait(clock, minutes=10)
    assert not is_in(browser)
    assert deeds() == [("sign_in.end", member)]


def test_another_sign_in_of_the_same_member_goes_on(clock: Clock, browser: Browser, member: User) -> None:
    wait(clock, minutes=10)
    other = signed_in(member)
    wait(clock, minutes=10)
    assert (is_in(browser), is_in(other)) == (False, True)


def test_two_windows_end_one_sign_in_once(clock: Clock, browser: Browser, member: User) -> None:
    second = Browser()
    second.cookies = browser.cookies.copy()  # type: ignore[assignment]  # as two windows share them
    wait(clock, minutes=20)
    assert (is_in(browser), is_in(second)) == (False, False)
    assert deeds() == [("sign_in.idle", member)]


def test_a_stranger_is_asked_nothing(db: None) -> None:
    assert Browser().get("/accounts/login/").status_code == 200
    assert (Browser().get(HERE).status_code, Browser().post(HERE).status_code) == (302, 401)


def test_a_form_that_comes_too_late_is_kept_for_its_member(clock: Clock, session: ClientSession) -> None:
    browser, page = signed_in(session.counsellor), reverse("notes:write", args=[session.pk])
    token = token_on(browser, page)
    wait(clock, hours=1)

    answer = browser.post(page, {"text": WORDS, "version": "0", "save": "", "keep_token": token})

    html = answer.content.decode()
    assert answer.status_code == 401
    assert "Your words are kept. Sign in and they are offered on the same page." in html
    assert (WORDS in html, answer.headers["Words-Kept"]) == (False, "yes")
    assert f'href="/accounts/login/?next={page.replace("/", "%2F")}"' in html
    row = KeptWords.objects.get()
    assert (row.user, row.owner_id, row.words) == (session.counsellor, session.client_id, {"text": WORDS})
    assert deeds() == [("sign_in.idle", session.counsellor)]
    # And they are there after sign-in, for the same member only.
    browser.force_login(session.counsellor)
    assert "data-kept" in browser.get(page).content.decode()
    browser.force_login(make_user())
    assert "Not saved yet" not in browser.get("/").content.decode()


def test_the_last_copy_that_comes_too_late_is_kept(clock: Clock, session: ClientSession) -> None:
    browser = signed_in(session.counsellor)
    token = token_on(browser, reverse("notes:write", args=[session.pk]))
    wait(clock, minutes=15)

    assert send(browser, token, quiet=True) == 401
    assert KeptWords.objects.get().words == {"text": WORDS}
    assert not is_in(browser)


def test_late_words_with_the_token_of_another_are_not_kept(clock: Clock, session: ClientSession) -> None:
    page = reverse("notes:write", args=[session.pk])
    token = token_on(signed_in(session.counsellor), page)
    stranger = signed_in(make_user())
    wait(clock, minutes=15)

    answer = stranger.post(page, {"text": WORDS, "keep_token": token})

    assert (answer.status_code, KeptWords.objects.exists()) == (401, False)
    assert "Your words are kept" not in answer.content.decode()
    assert "it is probably kept as well" in answer.content.decode()
    assert (WORDS in answer.content.decode(), "Words-Kept" in answer.headers) == (True, False)


def test_a_late_form_from_another_site_ends_nothing_and_keeps_nothing(clock: Clock, session: ClientSession) -> None:
    page = reverse("notes:write", args=[session.pk])
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(session.counsellor)
    token = token_on(browser, page)
    wait(clock, minutes=15)

    assert browser.post(page, {"text": WORDS, "keep_token": token}).status_code == 403
    assert (KeptWords.objects.exists(), deeds()) == (False, [])
    assert not is_in(browser)


def test_the_end_and_its_row_stand_or_fall_together(
    clock: Clock, browser: Browser, broken_trail: type[Exception]
) -> None:
    wait(clock, minutes=15)
    with pytest.raises(broken_trail):
        browser.get("/")
    assert Session.objects.count() == 1


def test_a_clock_that_was_set_back_does_not_lengthen_a_sign_in(clock: Clock, browser: Browser) -> None:
    wait(clock, hours=-1)
    assert seconds(browser) == 900


def test_a_page_tells_its_script_when_the_time_is_up(clock: Clock, browser: Browser) -> None:
    wait(clock, seconds=30)
    html = browser.get("/").content.decode()
    assert 'data-seconds="870.0"' in html
    assert 'data-limit="900.0"' in html
    assert 'data-page="/"' in html
    assert "idle.js" in html
    assert "still-here" not in Browser().get("/accounts/login/").content.decode()
