"""Four ways to break with a word in hand: in a view, while an answer is written, in a thread, in a task."""

import threading
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import path

from config.celery import app
from config.urls import urlpatterns as ours
from tests.leaking.tasks import fail


@login_not_required
def in_view(request: HttpRequest, word: str) -> HttpResponse:
    raise ValueError(f"what she said: {word}")


@login_not_required
def while_written(request: HttpRequest, word: str) -> StreamingHttpResponse:
    def pieces() -> Iterator[str]:
        yield "so far"
        raise ValueError(f"what she said: {word}")

    return StreamingHttpResponse(pieces())


@login_not_required
def in_thread(request: HttpRequest, word: str) -> HttpResponse:
    thread = threading.Thread(target=fail, args=[word[::-1]])
    thread.start()
    thread.join()
    return HttpResponse("broken")


@login_not_required
def in_task(request: HttpRequest, word: str) -> HttpResponse:
    app.send_task(fail.name, [word[::-1]])
    return HttpResponse("asked for")


urlpatterns: list[Any] = [
    path("break/view/<str:word>/", in_view),
    path("break/writing/<str:word>/", while_written),
    path("break/thread/<str:word>/", in_thread),
    path("break/task/<str:word>/", in_task),
    *ours,
]
