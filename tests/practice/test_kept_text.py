"""A form that cannot be taken any more hands its words back."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from tests.factories import PASSWORD, make_session, make_user

pytestmark = pytest.mark.django_db
WORDS = "She spoke of the garden for the first time."


def test_signed_out_form_gets_its_words_back() -> None:
    session = make_session()
    page = reverse("notes:write", args=[session.pk])

    answer = Browser().post(page, {"text": WORDS, "version": "0"}, headers={"referer": f"http://testserver{page}"})

    assert answer.status_code == 401
    assert WORDS in answer.content.decode()
    assert "it is probably kept" not in answer.content.decode()  # no page of ours had it
    assert f"{reverse('account_login')}?next={page.replace('/', '%2F')}" in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"


def test_signed_out_deed_leads_to_the_page_it_was_on_and_not_to_its_own_address() -> None:
    answer = Browser().post(
        reverse("sessions:outcome", args=[make_session().pk]), headers={"referer": "http://testserver/sessions/"}
    )

    assert "next=%2Fsessions%2F" in answer.content.decode()


def test_strange_referer_leads_to_today() -> None:
    answer = Browser().post(reverse("clients:admit"), headers={"referer": "https://elsewhere.example.org/trap/"})

    assert "next=%2F" in answer.content.decode()
    assert "elsewhere" not in answer.content.decode()


def test_password_is_never_handed_back() -> None:
    secret = "a pass phrase of several words"

    answer = Browser().post(reverse("account_change_password"), {"oldpassword": secret, "password1": secret})

    assert secret not in answer.content.decode()


def test_form_of_an_earlier_sign_in_gets_its_words_back() -> None:
    user = make_user()
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(user)
    page = reverse("clients:admit")

    answer = browser.post(page, {"presenting": WORDS}, headers={"referer": f"http://testserver{page}"})

    assert answer.status_code == 403
    assert WORDS in answer.content.decode()
    assert f'href="{page}"' in answer.content.decode()


def test_sign_in_without_cookies_says_so_and_repeats_no_password() -> None:
    user = make_user()

    answer = Browser(enforce_csrf_checks=True).post(
        reverse("account_login"), {"login": user.email, "password": PASSWORD}
    )

    assert answer.status_code == 403
    assert "keeps no cookies" in answer.content.decode()
    assert PASSWORD not in answer.content.decode()
