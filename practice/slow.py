"""Wrong tokens are slowed down, by address: `@slows_wrong_tokens` before each page that a token opens.

Nobody guesses 256 bits; what this holds off is the noise and the work of trying. The count lives in the cache, in
ten-minute windows, and no thread sleeps. Someone who shares an address with whoever tries (a household, a hospital)
keeps their pages until it is plainly a machine that asks, and at the latest has them back with the next window.
"""

import ipaddress
import time
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Concatenate, ParamSpec

from allauth.account.adapter import get_adapter
from django.core.cache import cache
from django.core.exceptions import ImproperlyConfigured, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.crypto import salted_hmac

from practice.crisis import help_lines
from practice.models import Practice

WINDOW = 600  # seconds
# From here on wrong tokens are answered 429; right ones still open.
WRONG = 20
# From here on every token of this address waits for the next window, unread.
MACHINE = 200
_IPV6_NETWORK = 64  # bits: what one connection is given

_P = ParamSpec("_P")
_View = Callable[Concatenate[HttpRequest, _P], HttpResponse]


def slows_wrong_tokens(view: _View[_P]) -> _View[_P]:
    """Count the 404s of a token's page: unknown, malformed or made for something else are one and the same."""

    @wraps(view)
    def slowed(request: HttpRequest, /, *args: _P.args, **kwargs: _P.kwargs) -> HttpResponse:
        key = _key(request)
        if cache.get(key, 0) >= MACHINE:
            return _too_many(request)
        response = view(request, *args, **kwargs)
        if response.status_code != HTTPStatus.NOT_FOUND or _counted(key) <= WRONG:
            return response
        return _too_many(request)

    slowed.slows_wrong_tokens = True  # type: ignore[attr-defined]  # tests/test_tokens.py reads it
    return slowed


def _counted(key: str) -> int:
    cache.add(key, 0, WINDOW)
    try:
        return int(cache.incr(key))
    except ValueError:  # Redis came or went between the two
        return 1


def _key(request: HttpRequest) -> str:
    """Return the cache's key for this address and these ten minutes; the address itself stands nowhere."""
    window = int(time.time() // WINDOW)
    return f"wrong-token:{salted_hmac('practice.slow', _address(request)).hexdigest()[:32]}:{window}"


def _address(request: HttpRequest) -> str:
    """Return who asks, as the proxies that we trust tell it; of IPv6 the network. Whoever has none shares one count."""
    try:
        address = ipaddress.ip_address(get_adapter(request).get_client_ip(request))
    except (PermissionDenied, ImproperlyConfigured):
        return "nowhere"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, _IPV6_NETWORK), strict=False))


def _too_many(request: HttpRequest) -> HttpResponse:
    practice = Practice.objects.first()
    known = {"contact_line": practice.contact_line, "crisis": help_lines(practice.nation)} if practice else {}
    response = render(request, "429.html", known, status=429)
    response.headers["Retry-After"] = str(WINDOW - int(time.time()) % WINDOW)
    return response
