"""Sign-ins are listed in plain words, seen lately, ended at once; what is kept of them goes with them."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from practice import sign_ins
from practice.models import User
from tests.factories import PASSWORD, confirm_identity
from tests.practice.passkeys import code_of, secret_on
from tests.practice.rows import deeds, last_deed

PAGE = "/accounts/sign-ins/"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
IPHONE = (
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) "
    "Version/18.0 Mobile/15E148 Safari/604.1"
)
EDGE = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36 Edg/140.0"


def signed_in(user: User, agent: str = FIREFOX, ip: str = "203.0.113.7") -> Client:
    browser = Client(headers={"user-agent": agent}, REMOTE_ADDR=ip)
    browser.post("/accounts/login/", {"login": user.email, "password": PASSWORD})
    return browser


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (FIREFOX, "Firefox on Linux"),
        (IPHONE, "Safari on an iPhone"),
        (EDGE, "Edge on Windows"),
        ("curl/8.0", "A browser"),
        ("", "A browser"),
    ],
)
def test_a_browser_in_plain_words(agent: str, words: str) -> None:
    assert sign_ins.device_in_words(agent) == words


@pytest.mark.parametrize(("ip", "network"), [("203.0.113.7", "203.0.113.0"), ("2001:db8:1:2::3", "2001:db8:1::")])
def test_of_an_address_only_the_network_stays(ip: str, network: str) -> None:
    assert sign_ins.network_of(ip) == network


def test_what_is_stored_is_what_is_shown(counsellor: User) -> None:
    browser = signed_in(counsellor, ip="203.0.113.7")
    row = UserSession.objects.get()
    assert (row.ip, row.user_agent) == ("203.0.113.0", "Firefox on Linux")
    text = browser.get(PAGE).content.decode()
    assert [words in text for words in ("Firefox on Linux", "203.0.113.*", "This one")] == [True] * 3
    assert [words in text for words in ("203.0.113.7", "Gecko", "Sign out the others")] == [False] * 3


def test_one_ends_at_once(counsellor: User) -> None:
    here, there = signed_in(counsellor), signed_in(counsellor, IPHONE)
    row = UserSession.objects.get(user_agent="Safari on an iPhone")
    assert here.post(f"{PAGE}{row.pk}/end/").headers["Location"] == PAGE
    assert (there.get("/").status_code, here.get("/").status_code) == (302, 200)
    assert (last_deed().deed, last_deed().actor, last_deed().detail) == ("sign_in.end", counsellor, {"number": 1})
    assert "Safari" not in here.get(PAGE).content.decode()


def test_the_others_end_at_once(counsellor: User, admin: User) -> None:
    here, others = signed_in(counsellor), [signed_in(counsellor, agent) for agent in (IPHONE, EDGE)]
    stranger = signed_in(admin)
    here.post(PAGE)
    assert [browser.get("/").status_code for browser in (here, *others, stranger)] == [200, 302, 302, 200]
    assert last_deed().detail == {"number": 2}


def test_ending_none_leaves_no_row(counsellor: User) -> None:
    here = signed_in(counsellor)
    here.post(PAGE)
    assert deeds() == ["sign_in"]


def test_anothers_sign_in_is_not_found_and_this_one_has_its_own_way_out(counsellor: User, admin: User) -> None:
    here, stranger = signed_in(counsellor), signed_in(admin)
    for row in UserSession.objects.all():
        assert here.post(f"{PAGE}{row.pk}/end/").status_code == 404
    assert (here.get("/").status_code, stranger.get("/").status_code) == (200, 200)
    assert here.get(f"{PAGE}1/end/").status_code == 405


def test_without_its_audit_row_nothing_ends(counsellor: User, broken_trail: type[Exception]) -> None:
    rows = UserSession.objects.create(user=counsellor, ip="203.0.113.0", session_key="k")
    with pytest.raises(broken_trail):
        sign_ins.end_one(actor=counsellor, sign_in=rows)
    assert UserSession.objects.count() == 1


def test_signing_out_forgets_and_is_recorded(counsellor: User) -> None:
    browser = signed_in(counsellor)
    browser.post("/accounts/logout/")
    assert UserSession.objects.count() == 0
    assert (last_deed().deed, last_deed().actor) == ("sign_out", counsellor)


def test_signing_out_twice_is_one_deed(counsellor: User) -> None:
    browser = signed_in(counsellor)
    for _ in range(2):
        browser.post("/accounts/logout/")
    assert deeds() == ["sign_in", "sign_out"]


def test_a_new_password_ends_them_all(counsellor: User) -> None:
    here, there = signed_in(counsellor), signed_in(counsellor, IPHONE)
    new = "three quiet birches"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert (here.get("/").status_code, there.get("/").status_code) == (302, 302)
    assert (UserSession.objects.count(), Session.objects.filter(session_key=there.session.session_key).count()) == (
        0,
        0,
    )


def test_a_new_second_factor_ends_the_others(counsellor: User) -> None:
    here, there = signed_in(counsellor), signed_in(counsellor, IPHONE)
    confirm_identity(here)
    here.post("/accounts/2fa/totp/activate/", {"code": code_of(secret_on(here.get("/accounts/2fa/totp/activate/")))})
    assert (here.get("/").status_code, there.get("/").status_code) == (200, 302)


def test_the_list_asks_as_much_for_three_as_for_one(
    counsellor: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    here = signed_in(counsellor)
    here.get(PAGE)
    with django_assert_num_queries(4):
        here.get(PAGE)
    for agent in (IPHONE, EDGE):
        signed_in(counsellor, agent)
    with django_assert_num_queries(4):
        assert "Edge on Windows" in here.get(PAGE).content.decode()


def test_use_is_noted_once_in_five_minutes(
    counsellor: User, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = signed_in(counsellor)
    here.get("/robots.txt")
    began = UserSession.objects.get().last_seen_at
    with django_assert_num_queries(2):
        here.get("/accounts/password/change/")
    later = timezone.now() + timedelta(minutes=6)
    monkeypatch.setattr(timezone, "now", lambda: later)
    here.get("/robots.txt")
    assert UserSession.objects.get().last_seen_at == later
    assert began < later


def test_confirming_who_one_is_gives_a_new_token(counsellor: User) -> None:
    here = signed_in(counsellor)
    before = here.session.session_key
    here.post("/accounts/reauthenticate/", {"password": PASSWORD})
    assert here.session.session_key != before
    old = Client()
    old.cookies["sessionid"] = before or ""
    assert (old.get("/").status_code, here.get("/").status_code) == (302, 200)
    assert [row.is_this for row in sign_ins.of(counsellor, this=here.session.session_key)] == [True]


def test_what_has_run_out_is_swept(counsellor: User) -> None:
    signed_in(counsellor)
    old = signed_in(counsellor, IPHONE)
    Session.objects.filter(session_key=old.session.session_key).update(expire_date=timezone.now() - timedelta(1))
    assert sign_ins.sweep() == 1
    assert list(UserSession.objects.values_list("user_agent", flat=True)) == ["Firefox on Linux"]
    assert Session.objects.count() == 1
