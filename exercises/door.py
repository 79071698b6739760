"""The door before a client's page: a neutral page, a button, and a short sign-in bound to that one link.

A look opens nothing: mail scanners look. Opening sets a signed cookie for the link's own path alone; it runs out after
an hour without a request, and shuts when the code that the page asks for changes. There is no account and no session.
"""

import time
import unicodedata
from collections.abc import Iterable
from datetime import UTC, datetime
from enum import StrEnum

from django.conf import settings
from django.core import signing
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import constant_time_compare, salted_hmac

from clients.link_pages import for_client
from clients.models import Client, ClientLink
from vault.errors import VaultError

COOKIE, SALT = "beside_door", "exercises.door"
STAYS_OPEN = 3600  # seconds after the last request
# Wrong codes for one client; then their pages wait.
TRIES = 5
# Seconds to wait after five wrong codes, and after five more: all years of birth are not tried in an evening.
WAITS, REMEMBERED = (900, 3600, 4 * 3600, 24 * 3600), 7 * 24 * 3600
# What the page may have to carry along: (name, value) of each field that was posted to a shut door.
Carried = Iterable[tuple[str, str]]


class Knock(StrEnum):
    """What came of pressing "Open"; each but `IN` is what the page then says."""

    IN = "in"
    EMPTY = "empty"
    WRONG = "wrong"
    WAIT = "wait"


# --- the sign-in -----------------------------------------------------------------------------------
def is_open(request: HttpRequest, link: ClientLink) -> bool:
    """Say whether this browser has opened this link within the hour, by the code that is asked for now."""
    try:
        value = _signer().unsign(request.COOKIES.get(COOKIE, ""), max_age=STAYS_OPEN)
    except signing.BadSignature:
        return False
    return constant_time_compare(value, _bound_to(link))


def open_door(request: HttpRequest, response: HttpResponse, link: ClientLink) -> None:
    """Let this browser in for an hour from now. Put it on each answer to an open page, so that it stays open."""
    response.set_cookie(
        COOKIE,
        _signer().sign(_bound_to(link)),
        max_age=STAYS_OPEN,
        path=_own_path(request),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )


def stands_before(
    request: HttpRequest,
    link: ClientLink,
    *,
    carried: Carried = (),
    texts: Iterable[str] = (),
    may_decline: bool = False,
) -> HttpResponse | None:
    """Return the neutral page for whoever has not opened it, or typed a wrong code; None for who may go on.

    Whoever goes on by `deed=open` has just pressed the button: the caller notes it, and puts `open_door` on its answer.
    """
    if is_open(request, link):
        return None
    if request.method != "POST":
        return page(request, link, may_decline=may_decline)
    if request.POST.get("deed") != "open":
        return page(request, link, carried=carried, texts=texts, may_decline=may_decline, status=403)
    said = knock(link, request.POST.get("code", ""))
    if said == Knock.IN:
        return None
    return page(request, link, said=said, carried=carried, texts=texts, status=429 if said == Knock.WAIT else 422)


def page(
    request: HttpRequest,
    link: ClientLink,
    *,
    said: Knock = Knock.IN,
    carried: Carried = (),
    texts: Iterable[str] = (),
    may_decline: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Return the neutral page; it names nobody and nothing. `may_decline`: it offers "Not this week" without a code.

    `texts`: of what it carries, the client's own words, which they can copy where the code cannot be asked.
    """
    may_decline = may_decline and asks_for(link.client) == Client.PageCode.NONE
    context = {
        **question(link, said),
        "carried": list(carried),
        "typed": list(texts),
        "may_decline": may_decline,
        **for_client(),
    }
    response = render(request, "exercises/door.html", context, status=status)
    if said == Knock.WAIT:
        response.headers["Retry-After"] = str(max(1, int(again_at(link).timestamp() - time.time())))
    return response


def question(link: ClientLink, said: Knock = Knock.IN) -> dict[str, object]:
    """Return what a neutral page needs to ask for the code (exercises/_code.html)."""
    asked = asks_for(link.client)
    cannot_be_asked = asked != Client.PageCode.NONE and not _expected(link.client)
    return {"asked": asked, "cannot_be_asked": cannot_be_asked, "said": said.value, "again_at": again_at(link)}


# --- the code --------------------------------------------------------------------------------------
def asks_for(client: Client) -> str:
    """Return what the page asks for besides the link: "none", "birth_year" or "word"."""
    return client.page_code


def fits(client: Client, typed: str) -> bool:
    """Say whether the code is right. One that the record lacks, or that does not open, is fitted by nothing."""
    expected = _expected(client)
    return bool(expected) and constant_time_compare(_plain(typed), expected)


def knock(link: ClientLink, typed: str) -> Knock:
    """Try to come in. A try is counted before it is compared, so that many at one moment are counted too."""
    if asks_for(link.client) == Client.PageCode.NONE:
        return Knock.IN
    if tries_left(link) == 0:
        return Knock.WAIT
    if not _plain(typed):
        return Knock.EMPTY
    if count_wrong(link) > TRIES:
        return Knock.WAIT
    if fits(link.client, typed):
        cache.delete_many([_key(link), _key(link, "until"), _key(link, "rounds")])
        return Knock.IN
    return Knock.WRONG if tries_left(link) else Knock.WAIT


def tries_left(link: ClientLink) -> int:
    """Return how many wrong codes this link still takes before it waits."""
    return max(0, TRIES - int(cache.get(_key(link), 0)))


def count_wrong(link: ClientLink) -> int:
    """Count one wrong code, and return how many there were since the first. The fifth makes all of them wait."""
    cache.add(_key(link, "until"), time.time() + WAITS[0], WAITS[0])
    count = _up(_key(link), WAITS[0])
    if count == TRIES:
        wait = WAITS[min(_up(_key(link, "rounds"), REMEMBERED), len(WAITS)) - 1]
        cache.set(_key(link, "until"), time.time() + wait, wait)
        cache.set(_key(link), count, wait)
    return count


def _up(key: str, lasts: int) -> int:
    cache.add(key, 0, lasts)
    try:
        return int(cache.incr(key))
    except ValueError:  # Redis came or went between the two
        return 1


def again_at(link: ClientLink) -> datetime:
    """Return when a code may be tried again."""
    return datetime.fromtimestamp(cache.get(_key(link, "until")) or time.time() + WAITS[0], UTC)


def _expected(client: Client) -> str:
    """Return the right code, empty where there is none or it does not open."""
    try:
        if client.page_code == Client.PageCode.BIRTH_YEAR:
            return str(client.date_of_birth)[:4]  # an ISO date
        return _plain(client.page_word or "") if client.page_code == Client.PageCode.WORD else ""
    except VaultError:
        return ""


def _plain(typed: str) -> str:
    """Return a code as it is compared: whoever types on a phone need not mind capitals or spaces."""
    return " ".join(unicodedata.normalize("NFKC", typed).casefold().split())


def _bound_to(link: ClientLink) -> str:
    """Return what the cookie stands for: this link, and the code as it is now (by a keyed hash)."""
    code = salted_hmac(SALT, f"{asks_for(link.client)}:{_expected(link.client)}", algorithm="sha256").hexdigest()
    return f"{link.pk}:{code[:32]}"


def _signer() -> signing.TimestampSigner:
    return signing.TimestampSigner(salt=SALT)


def _own_path(request: HttpRequest) -> str:
    """Return the path up to the link's token: the cookie goes nowhere else."""
    token = str(request.resolver_match.kwargs["token"]) if request.resolver_match else ""
    return f"{request.path.partition(token)[0]}{token}/" if token else request.path


def _key(link: ClientLink, part: str = "wrong") -> str:
    # By client: whoever has several of their links has no more tries for it.
    return f"door:{link.client_id}:{part}"
