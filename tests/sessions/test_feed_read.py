"""The feed over HTTP, as a calendar program asks for it."""

from datetime import UTC, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from django.utils.http import http_date

from sessions import feeds
from sessions.models import ClientSession, Feed
from tests.factories import make_session
from tests.tables import changed, dump

pytestmark = pytest.mark.django_db


@pytest.fixture
def session() -> ClientSession:
    return make_session()


@pytest.fixture
def address(session: ClientSession) -> str:
    _, token = feeds.make_feed(actor=session.counsellor, naming="reference")
    return reverse("sessions:feed", args=[token])


def ask(address: str, **headers: str) -> Any:
    return Browser().get(address, headers=headers)


def test_it_is_a_calendar_that_a_program_may_keep_and_asks_about(address: str, session: ClientSession) -> None:
    answer = ask(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Cache-Control"] == "private, no-cache"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["ETag"].startswith('"')
    assert parsedate_to_datetime(answer["Last-Modified"]).astimezone(UTC) <= timezone.now()
    assert answer.cookies == {}
    assert str(session.pk).encode() in answer.content


@pytest.mark.parametrize("method", ["get", "head"])
def test_what_is_known_is_not_sent_again(method: str, address: str) -> None:
    first = ask(address)
    known = [
        {"If-None-Match": first["ETag"]},
        {"If-None-Match": f'"other", W/{first["ETag"]}'},
        {"If-Modified-Since": first["Last-Modified"]},
        {"If-None-Match": first["ETag"], "If-Modified-Since": http_date(0)},
    ]
    for headers in known:
        answer = getattr(Browser(), method)(address, headers=headers)
        assert (answer.status_code, answer.content) == (304, b""), headers
        assert (answer["ETag"], answer["Cache-Control"]) == (first["ETag"], "private, no-cache")


def test_a_change_is_sent_to_whoever_asks_in_either_way(address: str, session: ClientSession) -> None:
    first = ask(address)
    make_session(session.client, session.starts_at + timedelta(days=7))
    stale = [
        {"If-None-Match": first["ETag"]},
        {"If-Modified-Since": first["Last-Modified"]},
        {"If-None-Match": first["ETag"], "If-Modified-Since": http_date(timezone.now().timestamp() + 60)},
    ]
    assert [ask(address, **headers).status_code for headers in stale] == [200, 200, 200]


def test_a_look_writes_that_it_was_read_and_nothing_else(address: str) -> None:
    before = dump()
    ask(address)
    assert changed(before, dump()) == ["client_sessions_feed"]
    before = dump()
    ask(address)
    assert changed(before, dump()) == []


@pytest.mark.parametrize("method", ["post", "put", "delete", "options", "propfind"])
def test_it_is_for_reading(method: str, address: str) -> None:
    assert Browser().generic(method.upper(), address).status_code == 405


def test_a_closed_one_says_so_and_an_unknown_one_is_unknown(address: str) -> None:
    Feed.objects.update(revoked_at=timezone.now())
    gone, unknown = ask(address), ask(reverse("sessions:feed", args=["x" * 43]))
    assert (gone.status_code, gone["Content-Type"]) == (410, "text/plain; charset=utf-8")
    assert (unknown.status_code, unknown["Content-Type"]) == (404, "text/plain; charset=utf-8")
    assert (gone["Cache-Control"], unknown["Cache-Control"]) == ("no-store", "no-store")
