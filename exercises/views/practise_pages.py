"""What a client sees behind the door of one exercise."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from clients.link_pages import for_client
from clients.selectors import opened
from exercises import door
from exercises.answer_form import AnswerForm, Part, texts_of
from exercises.answers import open_kept
from exercises.mail import last_moment
from exercises.models import GIVEN_WORDS, Answer, Assignment, Sharing
from exercises.selectors import Told, reply_of, told
from exercises.views.visit import Show, Visit
from vault.errors import VaultError

State = Assignment.State
_CLOSED = {
    State.WITHDRAWN: "exercises/practise_withdrawn.html",
    State.GONE_BY: "exercises/practise_gone_by.html",
    State.TOO_MUCH: "exercises/practise_too_much.html",
    State.NOT_NOW: "exercises/practise_not_now.html",
    State.DONE: "exercises/practise_sent.html",
}


@dataclass(frozen=True)
class Screen:
    """One of several screens, each with one question; the first has the exercise's words, the last sends."""

    number: int
    total: int
    part: Part | None

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.total


def show(visit: Visit) -> HttpResponse:
    """Show what there is now: the exercise while it is open, else what became of it."""
    if visit.assignment.is_open:
        return exercise(visit, visit.blank())
    status = HTTPStatus.GONE if visit.assignment.state == State.WITHDRAWN else HTTPStatus.OK
    more: dict[str, Any] = {"is_just_sent": "sent" in visit.request.GET, **_what_was_written(visit)}
    if visit.assignment.state == State.WITHDRAWN and door.asks_for(visit.link.client) != "none":
        more["counsellor_name"] = ""  # its link is closed, so nobody has typed the code
    return _render(visit, _CLOSED[State(visit.assignment.state)], status=status, **more)


def exercise(visit: Visit, form: AnswerForm, *, status: int = HTTPStatus.OK, is_saved: bool = True) -> HttpResponse:
    """Show the exercise with its form: the screen that was asked for, or one page, as what was refused always is."""
    screen = _screen(visit, [*form.own, *form.closing]) if status == HTTPStatus.OK and visit.show == Show.ONE else None
    more: dict[str, Any] = {
        "words": {name: opened(visit.assignment, name) for name in GIVEN_WORDS},
        "form": form,
        "screen": screen,
        "shut_out": visit.shut_out,
        # What was not saved still stands against the draft from which its page began.
        "draft_version": visit.draft_version if is_saved else visit.began_from,
        "is_just_kept": "kept" in visit.request.GET,
    }
    return _render(visit, "exercises/practise.html", status=status, **more)


def _screen(visit: Visit, rest: list[Part]) -> Screen:
    total = len(rest) + 2
    number = visit.step(total)
    return Screen(number, total, rest[number - 2] if 1 < number < total else None)


def give_back(visit: Visit, *, status: int) -> HttpResponse:
    """Give back what was typed and cannot be taken any more."""
    return _render(visit, "exercises/practise_kept.html", status=status, typed=texts_of(visit.typed, visit.version))


def left(visit: Visit, lost: list[str]) -> HttpResponse:
    """Show at once what "not this week" or "too much" came to, with the texts that are not kept, this one time."""
    more: dict[str, Any] = {"counsellor_name": "", "is_closed": True} if visit.is_closed else _what_was_written(visit)
    template = _CLOSED[State(visit.assignment.state)]
    return _render(visit, template, status=HTTPStatus.OK, is_just_sent=True, typed=lost, **more)


def unheard(visit: Visit, lost: list[str]) -> HttpResponse:
    """Show help to whom it was too much, and say that it could not be passed on from here."""
    is_closed = visit.is_closed or visit.link.revoked_at is not None
    more: dict[str, Any] = {"counsellor_name": "", "is_closed": True} if is_closed else {}
    template = _CLOSED[State.TOO_MUCH]
    return _render(visit, template, status=HTTPStatus.CONFLICT, is_unheard=True, typed=lost, **more)


def run_out(request: HttpRequest, carried: list[tuple[str, str]], *, is_leaving: bool = False) -> HttpResponse:
    """Say that a link has run out, and offer to keep it open; nothing says whose it was."""
    context = {"carried": carried, "is_leaving": is_leaving, **for_client()}
    return render(request, "exercises/practise_run_out.html", context, status=HTTPStatus.GONE)


def too_large(request: HttpRequest) -> HttpResponse:
    """Say that more was sent at once than is taken."""
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    if request.headers.get("Accept") == "application/json":
        return JsonResponse({"why": "too_large"}, status=status)
    return render(request, "exercises/practise_too_large.html", for_client(), status=status)


def _what_was_written(visit: Visit) -> dict[str, Any]:
    """Return what was sent or half written, as it is read again; `reading` says why there is nothing to read."""
    more: dict[str, Any] = {"reply": None, "written": [], "reading": visit.shut_out}
    answer: Answer | None = getattr(visit.assignment, "answer", None)
    if answer is None:
        return more if visit.draft is None else {**more, "written": visit.told}
    if answer.sharing != Sharing.KEPT:
        return {**more, "reply": reply_of(visit.assignment)}
    kept, reading = _kept(visit, answer)
    return {**more, "reply": answer, "written": kept, "reading": reading}


def _kept(visit: Visit, answer: Answer) -> tuple[list[Told], str]:
    if answer.kept_by_link != visit.link.pk:
        return [], "sealed"
    try:
        return told(visit.version, open_kept(answer, visit.key)), ""
    except VaultError:
        return [], "damaged"


def _render(visit: Visit, template: str, *, status: int, **more: Any) -> HttpResponse:
    common = {
        "assignment": visit.assignment,
        "version": visit.version,
        "counsellor_name": visit.counsellor_name,
        "link_until": last_moment(visit.link.expires_at),
        **for_client(),
    }
    return render(visit.request, template, {**common, **more}, status=status)
