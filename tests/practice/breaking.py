"""Addresses at which things go wrong with a word in hand, each in another way: for tests/practice/test_logs.py."""

import threading
import warnings
from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import BadRequest, PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.template import engines
from django.urls import path

from config.urls import handler400, urlpatterns
from practice.models import User

__all__ = ["handler400"]


class Leaky:
    """Its finaliser fails with the word."""

    def __init__(self, word: str) -> None:
        self.word = word

    def __del__(self) -> None:
        raise ValueError(self.word)


def _value(word: str) -> Any:
    raise ValueError(f"what she said: {word}")


def _template(word: str) -> Any:
    # A filter that is not there is a TemplateSyntaxError with the source in it.
    return engines["django"].from_string(f"{{{{ word|{word} }}}}")


def _missing_template(word: str) -> Any:
    return engines["django"].get_template(f"{word}.html")


def _integrity(word: str) -> Any:
    for _ in range(2):
        User.objects.create(email=f"{word}@example.org", name=word)


def _data(word: str) -> Any:
    return User.objects.filter(pk=word)


def _thread(word: str) -> Any:
    thread = threading.Thread(target=_value, args=[word], name=word)
    thread.start()
    thread.join()
    return HttpResponse("ok")


def _warning(word: str) -> Any:
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        warnings.warn(f"naive time of {word}", RuntimeWarning, stacklevel=1)
    return HttpResponse("ok")


def _finaliser(word: str) -> Any:
    Leaky(word)
    return HttpResponse("ok")


def _raise(error: Exception) -> Any:
    raise error


WAYS: dict[str, Any] = {
    "value": _value,
    "template": _template,
    "missing-template": _missing_template,
    "integrity": _integrity,
    "data": _data,
    "thread": _thread,
    "warning": _warning,
    "finaliser": _finaliser,
    "denied": lambda word: _raise(PermissionDenied(word)),
    "missing": lambda word: _raise(Http404(word)),
    "bad": lambda word: _raise(BadRequest(word)),
    "suspicious": lambda word: _raise(SuspiciousOperation(word)),
    "allauth": lambda word: _raise(ImmediateHttpResponse(HttpResponse(word, status=400))),
}


@login_not_required
def broken(request: HttpRequest, way: str, word: str) -> HttpResponse:
    answer: HttpResponse = WAYS[way](word)
    return answer


urlpatterns = [path("break/<str:way>/<str:word>/", broken), *urlpatterns]
