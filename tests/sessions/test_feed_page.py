"""The page on which a counsellor makes and closes their calendar feed."""

import re

import pytest
from django.test import Client as Browser
from django.urls import reverse

from practice.models import User
from sessions import feeds
from sessions.models import Feed
from tests.factories import confirm_identity, make_user
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
PAGE = reverse("sessions:feed_settings")
ADDRESS = re.compile(r"http://localhost:8000(/sessions/feed/[\w-]{43}\.ics)")


@pytest.fixture
def counsellor(client: Browser) -> User:
    """Return a counsellor who is signed in at `client` and has just said who they are."""
    user = make_user()
    client.force_login(user)
    confirm_identity(client)
    return user


def test_it_says_what_would_be_in_it(client: Browser, counsellor: User) -> None:
    page = client.get(PAGE).content.decode()
    assert "No name, no place, no video link and no note." in page
    assert "Make feed" in page
    assert "Close feed" not in page


def test_its_address_is_shown_once(client: Browser, counsellor: User) -> None:
    made = client.post(PAGE, {"naming": "initials"})
    (address,) = set(ADDRESS.findall(made.content.decode()))
    assert f'href="webcal://localhost:8000{address}"' in made.content.decode()
    assert Browser().get(address).status_code == 200

    again = client.get(PAGE).content.decode()
    assert ADDRESS.findall(again) == []
    assert "Your feed is open" in again
    feed = feeds.open_feed(counsellor)
    assert feed is not None
    assert feed.naming == "initials"


def test_the_page_says_when_it_was_last_read(client: Browser, counsellor: User) -> None:
    _, token = feeds.make_feed(actor=counsellor, naming="reference")
    assert "Not yet" in client.get(PAGE).content.decode()
    Browser().get(reverse("sessions:feed", args=[token]))
    assert "Not yet" not in client.get(PAGE).content.decode()


def test_a_post_to_the_feed_is_told_that_there_is_none_here(counsellor: User) -> None:
    _, token = feeds.make_feed(actor=counsellor, naming="reference")
    answer = Browser(enforce_csrf_checks=True).post(reverse("sessions:feed", args=[token]))
    assert answer.status_code == 405


@pytest.mark.parametrize("naming", ["", "name"])
def test_it_is_never_by_name(naming: str, client: Browser, counsellor: User) -> None:
    assert client.post(PAGE, {"naming": naming}).status_code == 422
    assert Feed.objects.count() == 0


def test_closing_it(client: Browser, counsellor: User) -> None:
    _, token = feeds.make_feed(actor=counsellor, naming="reference")
    closed = client.post(reverse("sessions:feed_revoke"))
    assert (closed.status_code, closed["Location"]) == (302, PAGE)
    assert told(closed) == ["The feed is closed. Its address opens nothing any more."]
    assert Browser().get(reverse("sessions:feed", args=[token])).status_code == 410


def test_closing_what_is_closed_changes_nothing(client: Browser, counsellor: User) -> None:
    closed = client.post(reverse("sessions:feed_revoke"))
    assert (closed.status_code, told(closed)) == (302, [])


def test_another_counsellors_feed_is_not_touched(client: Browser, counsellor: User) -> None:
    _, token = feeds.make_feed(actor=make_user(), naming="reference")
    client.post(PAGE, {"naming": "reference"})
    client.post(reverse("sessions:feed_revoke"))
    assert Browser().get(reverse("sessions:feed", args=[token])).status_code == 200


@pytest.mark.parametrize("deed", ["sessions:feed_settings", "sessions:feed_revoke"])
def test_who_sits_at_the_desk_is_asked_once_more(deed: str, client: Browser) -> None:
    client.force_login(make_user())
    answer = client.post(reverse(deed), {"naming": "reference"})
    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert Feed.objects.count() == 0


def test_the_diary_leads_to_it(client: Browser, counsellor: User) -> None:
    assert f'href="{PAGE}"' in client.get(reverse("sessions:week")).content.decode()
