"""What surrounds every request: a discreet log line, and no copy of a confidential page in any cache."""

import time
from collections.abc import Callable

import structlog
from django.http import HttpRequest, HttpResponse

log = structlog.get_logger("beside.web")
GetResponse = Callable[[HttpRequest], HttpResponse]
# A visitor may send any word in a method's place.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


class RequestLogMiddleware:
    """One line a request: method, route (never the path: it may carry a token), status, milliseconds."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        match = request.resolver_match
        log.info(
            "request",
            method=request.method if request.method in METHODS else "other",
            route=match.route if match is not None else "unknown",
            status=response.status_code,
            ms=round((time.perf_counter() - began) * 1000),
        )
        return response


class ConfidentialMiddleware:
    """Every page is confidential: no cache keeps it, no search engine lists it, no referrer names it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers.setdefault("X-Robots-Tag", "noindex, nofollow")
        response.headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        return response
