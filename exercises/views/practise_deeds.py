"""What a client does on the page of one exercise: save, send, "not this week", "this was too much"."""

from http import HTTPStatus
from typing import Any

from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect

from exercises import answers, drafts
from exercises.answer_form import LONGEST, AnswerForm, Typed, text_names, texts_of
from exercises.answers import NotWithClient, open_kept
from exercises.drafts import DraftChanged, DraftSealed
from exercises.models import Answer, Draft, Sharing
from exercises.views import practise_pages as pages
from exercises.views.visit import Show, Visit
from vault.errors import VaultError

LAST = 999  # no exercise has so many screens
TRIES = 3  # at keeping what several devices write at one moment
_SHOWN = {"show_one": Show.ONE, "show_all": Show.ALL}


def save(visit: Visit) -> HttpResponse:
    """Keep what was typed so far, and go on: to the next screen, the one before, or the same page."""
    if _is_too_long(visit):
        return said(visit, "too_long", HTTPStatus.UNPROCESSABLE_ENTITY) if visit.is_script else _refused(visit)
    try:
        draft = _keep(visit)
    except DraftChanged as error:
        return _changed(visit, error)
    except NotWithClient:
        return said(visit, "closed", HTTPStatus.CONFLICT) if visit.is_script else _too_late(visit)
    except (DraftSealed, VaultError):
        return said(visit, "sealed", HTTPStatus.CONFLICT) if visit.is_script else _refused(visit, HTTPStatus.CONFLICT)
    if visit.is_script:
        return JsonResponse({"version": draft.version if draft else 0})
    return redirect(f"{visit.request.path}{_onward(visit)}")


def send(visit: Visit) -> HttpResponse:
    """Take the answer, with what was saved of it before. What cannot be taken is shown with its reasons."""
    if not visit.assignment.is_open:
        return _too_late(visit)
    form = visit.form({**visit.words, **visit.typed}, visit.request.POST.get("sharing", ""))
    try:
        if not form.is_valid():
            _keep_refused(visit)
            status = HTTPStatus.UNPROCESSABLE_ENTITY
            return pages.exercise(visit, form, status=status, is_saved=not _is_too_long(visit))
        if visit.draft is not None and not visit.shut_out and visit.sharing != Sharing.DONE_ONLY:
            form = _together(visit)
        answers.submit_answer(assignment=visit.assignment, sharing=visit.sharing, values=form.values, key=visit.key)
    except DraftChanged as error:
        return _changed(visit, error)
    except NotWithClient:
        return _too_late(visit)
    return redirect(f"{visit.request.path}?sent")


def not_now(visit: Visit) -> HttpResponse:
    """Put it off; what was written stays for the client."""
    return _leave(visit, answers.decline_for_now)


def too_much(visit: Visit) -> HttpResponse:
    """Tell the counsellor, for when they are next at work; the page that follows shows help, whatever came of it."""
    return _leave(visit, answers.say_too_much)


def said(visit: Visit, why: str, status: int, **more: Any) -> JsonResponse:
    """Tell the page's script why its words were not kept."""
    return JsonResponse({"why": why, **more}, status=status)


def _leave(visit: Visit, deed: Any) -> HttpResponse:
    is_kept = _keep_both(visit)
    try:
        deed(assignment=visit.assignment)
    except NotWithClient:
        return pages.unheard(visit, _unkept(visit)) if visit.deed == "too_much" else _too_late(visit)
    lost = [] if is_kept else _unkept(visit)
    if lost or visit.is_closed:
        visit.look_again()
        return pages.left(visit, lost)
    return redirect(f"{visit.request.path}?sent")


# --- keeping -----------------------------------------------------------------------------------------
def _keep(visit: Visit, typed: Typed | None = None, version: int | None = None) -> Draft | None:
    """Save what was typed; nothing where there is nothing to save."""
    typed = visit.typed if typed is None else typed
    if visit.draft is None and not any(typed.values()) and visit.sharing != Sharing.KEPT:
        return None
    return drafts.save_draft(
        assignment=visit.assignment, typed=typed, key=visit.key, sharing=visit.sharing,
        show=_SHOWN.get(visit.deed, visit.show),
        version=visit.began_from if version is None else version,
    )  # fmt: skip


def _keep_both(visit: Visit) -> bool:
    """Save what was typed before leaving, beside what another device wrote. What cannot be kept holds nobody up."""
    typed, version = visit.typed, visit.began_from
    if not any(typed.values()) and visit.draft is None:
        return True
    for _ in range(TRIES):
        try:
            _keep(visit, typed, version)
        except DraftChanged as error:
            typed, version = _both(visit, error.elsewhere), error.draft.version
        except (DraftSealed, NotWithClient, VaultError):
            return False
        else:
            return True
    return False


def _both(visit: Visit, elsewhere: Typed) -> Typed:
    """Return what was typed, each text below what another device wrote in its place."""
    texts = {name: elsewhere[name] for name in text_names(visit.version) if name in elsewhere}
    return {**visit.typed, **{name: f"{there}\n\n{visit.typed[name]}".strip() for name, there in texts.items()}}


def _keep_refused(visit: Visit) -> None:
    """Save what could not be sent yet, where it can be saved. Raise DraftChanged, NotWithClient."""
    if visit.shut_out or _is_too_long(visit):
        return
    _keep(visit)
    visit.look_again()


def _is_too_long(visit: Visit) -> bool:
    return any(len(text) > LONGEST for text in visit.typed.values() if isinstance(text, str))


def _together(visit: Visit) -> AnswerForm:
    """Return the form with what was typed and all that was saved, also on another device. Raise DraftChanged."""
    draft = _keep(visit)
    form = visit.form(drafts.words_of(draft, visit.key) if draft else visit.typed, visit.sharing)
    form.is_valid()
    return form


# --- refusing ----------------------------------------------------------------------------------------
def _refused(visit: Visit, status: int = HTTPStatus.UNPROCESSABLE_ENTITY) -> HttpResponse:
    form = visit.form({**visit.words, **visit.typed}, visit.sharing, is_draft=True)
    return pages.exercise(visit, form, status=status, is_saved=False)


def _changed(visit: Visit, error: DraftChanged) -> HttpResponse:
    """Show what another device wrote beside what was typed here. Whoever sends it once more has seen both."""
    if visit.is_script:
        return said(visit, "changed", HTTPStatus.CONFLICT, elsewhere=error.elsewhere, version=error.draft.version)
    visit.look_again()
    form = visit.form({**visit.words, **visit.typed}, visit.sharing, is_draft=True)
    form.elsewhere = error.elsewhere
    return pages.exercise(visit, form, status=HTTPStatus.CONFLICT)


def _too_late(visit: Visit) -> HttpResponse:
    """Answer a post after the exercise was answered or put off: the same form once more loses nothing."""
    if _unkept(visit):
        return pages.give_back(visit, status=HTTPStatus.CONFLICT)
    return redirect(visit.request.path)


def _unkept(visit: Visit) -> list[str]:
    """Return the texts that were typed and are neither sent nor saved, as it stands now."""
    visit.look_again()
    is_kept = _is_what_was_sent(visit) or _is_what_was_saved(visit)
    return [] if is_kept else texts_of(visit.typed, visit.version)


def _is_what_was_saved(visit: Visit) -> bool:
    return all(visit.words.get(name) == text for name, text in visit.typed.items() if text)


def _is_what_was_sent(visit: Visit) -> bool:
    answer: Answer | None = getattr(visit.assignment, "answer", None)
    form = visit.form(visit.typed, visit.sharing)
    if answer is None or not form.is_valid() or visit.sharing != answer.sharing:
        return False
    if answer.sharing != Sharing.KEPT:
        return answer.sharing == Sharing.DONE_ONLY or answer.values == form.values
    try:
        return answer.kept_by_link == visit.link.pk and open_kept(answer, visit.key) == form.values
    except VaultError:
        return False


def _onward(visit: Visit) -> str:
    """Return the query of the page that comes next."""
    if visit.deed in _SHOWN:
        return f"?show={_SHOWN[visit.deed].value}"
    if visit.show != Show.ONE:
        return "?kept"
    moved = {"next": 1, "back": -1}.get(visit.deed, 0)
    return f"?show=one&step={max(visit.step(LAST) + moved, 1)}" + ("" if moved else "&kept")
