"""What surrounds every request: a discreet log line, and no copy of a confidential page in any cache."""

import time
from collections.abc import Callable

import structlog
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.loader import render_to_string

log = structlog.get_logger("beside.web")
GetResponse = Callable[[HttpRequest], HttpResponse]
# A visitor may send any word in a method's place.
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
# Nothing here needs a device, a sensor or a wallet; passkeys are ours, and a screen that stays awake while a client
# breathes along (static/pacer.js) (W3C Permissions Policy, features that
# Chromium, Firefox or WebKit know; an unknown name is a line on each visitor's console).
FEATURES_OFF = (
    "accelerometer", "autoplay", "browsing-topics", "camera", "clipboard-read", "clipboard-write", "compute-pressure",
    "cross-origin-isolated", "display-capture", "encrypted-media", "fullscreen", "gamepad", "geolocation", "gyroscope",
    "hid", "identity-credentials-get", "idle-detection", "keyboard-map", "local-fonts", "magnetometer", "microphone",
    "midi", "otp-credentials", "payment", "picture-in-picture", "serial", "storage-access",
    "sync-xhr", "usb", "window-management", "xr-spatial-tracking",
)  # fmt: skip
PERMISSIONS = ", ".join(
    [f"{feature}=()" for feature in FEATURES_OFF]
    + [
        f"{feature}=(self)"
        for feature in ("publickey-credentials-create", "publickey-credentials-get", "screen-wake-lock")
    ]
)

CONFIDENTIAL = {
    "Cache-Control": "no-store",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": PERMISSIONS,
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}


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
    """Every answer is confidential: no cache keeps it, no search engine lists it, no other site embeds it.

    Stands first, so that what the others answer by themselves (a redirect to TLS, a refused host) goes through it too.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if isinstance(response, HttpResponseNotAllowed) and not response.content:
            response.content = render_to_string("405.html")
            response.headers["Content-Length"] = str(len(response.content))
        for name, value in CONFIDENTIAL.items():
            response.headers.setdefault(name, value)
        if _ends_sign_in(response):
            # Not "cookies": browsers would drop those of every site under the same registered name.
            response.headers["Clear-Site-Data"] = '"cache", "storage"'
        return response


def _ends_sign_in(response: HttpResponse) -> bool:
    """Say whether the browser is told to forget its sign-in: signed out, idle, or ended elsewhere."""
    cookie = response.cookies.get(settings.SESSION_COOKIE_NAME)
    return cookie is not None and not cookie.value
