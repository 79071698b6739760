"""Writing a session's note, and reading one."""

from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from clients.models import Client
from clients.selectors import opened
from notes import services
from notes.forms import FlagForm, NoteForm, SignForm
from notes.models import Note
from notes.practice_part import LEARN, LearnedForm, keep_learned, practice_part
from notes.selectors import note_of
from practice.guards import StaffRequest, may
from practice.panels import panels_for
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.models import ClientSession
from sessions.services import SessionAhead
from vault.errors import VaultError

SIGNED = "Note signed. It can be read from now on, and no longer changed."
LEARNED = "What you learned is kept, and the answer is marked as reviewed."
AHEAD = "Not signed: this session is still to come. Keep a draft, and sign it once the session has begun."


@may(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Write a session's note; "Sign note" saves and signs in one. What was typed stays, whatever happens."""
    session = get_or_404(_sessions(request), pk=pk)
    note = note_of(session, request.user)
    if request.method == "POST":
        return _keep(request, session, note)
    if note is not None and note.is_signed:
        return redirect("notes:detail", note.pk)
    try:
        form = NoteForm(initial={"text": note.text, "version": note.version} if note else {"version": 0})
    except VaultError:
        return _write_page(request, session, note, is_damaged=True, status=409)
    if note is not None:
        services.open_note(actor=request.user, note=note)
    return _write_page(request, session, note, form=form)


@may(Permission.CLIENT_READ)
@require_safe
def detail(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show one note. Reading leaves an audit row."""
    return _read_page(request, get_or_404(_notes(request), pk=pk))


@may(Permission.NOTE_SIGN)
@require_POST
def sign(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Sign the draft that was read; if it has changed since, show it as it stands now."""
    note = get_or_404(_notes(request), pk=pk)
    form = SignForm(request.POST)
    version = form.cleaned_data["version"] if form.is_valid() else 0
    try:
        services.sign_note(actor=request.user, note=note, version=version)
    except services.NoteChanged:
        return _read_page(request, get_or_404(_notes(request), pk=pk), is_changed=True, status=409)
    except SessionAhead:
        messages.error(request, AHEAD)
        return _read_page(request, note, status=409)
    except VaultError:
        return _read_page(request, note, status=409)
    messages.success(request, SIGNED)
    return redirect("notes:detail", note.pk)


@may(Permission.NOTE_WRITE)
@require_POST
def flag(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Put a note on the supervision agenda with a question, or take it off."""
    note = get_or_404(_notes(request), pk=pk)
    form = FlagForm(request.POST)
    if not form.is_valid():
        return _read_page(request, note, form=form, status=422)
    try:
        services.flag_for_supervision(actor=request.user, note=note, **form.cleaned_data)
    except VaultError:
        return _read_page(request, note, form=form, typed=form.cleaned_data["question"], status=409)
    is_on = form.cleaned_data["is_for_supervision"]
    messages.success(request, "On the supervision agenda." if is_on else "Taken off the supervision agenda.")
    return redirect("notes:detail", note.pk)


def _sessions(request: StaffRequest) -> QuerySet[ClientSession]:
    """Return the viewer's sessions, of clients who are still theirs."""
    sessions = ClientSession.visible_to(request.user).filter(client__in=Client.visible_to(request.user))
    return sessions.select_related("client")


def _notes(request: StaffRequest) -> QuerySet[Note]:
    return Note.visible_to(request.user).select_related("client", "session")


def _keep(request: StaffRequest, session: ClientSession, note: Note | None) -> HttpResponse:
    """Save what was learned from the practice before it, and the note where one was typed."""
    learned = keep_learned(request.user, session, request.POST)
    if learned.errors:
        form = NoteForm(initial={name: request.POST.get(name, "") for name in NoteForm.base_fields})
        return _write_page(request, session, note, form=form, learned=learned, status=422)
    if LEARN in request.POST:
        messages.success(request, LEARNED)
        if not request.POST.get("text", "").strip():
            return redirect("notes:write", session.pk)
    return _keep_note(request, session, note)


def _keep_note(request: StaffRequest, session: ClientSession, note: Note | None) -> HttpResponse:
    """Save or sign what was typed, or show it again beside what stands in its way."""
    form = NoteForm(request.POST)
    if not form.is_valid():
        return _write_page(request, session, note, form=form, status=422)
    is_signing = "sign" in request.POST
    deed = services.save_and_sign if is_signing else services.save_draft
    typed = form.cleaned_data["text"]
    try:
        note = deed(actor=request.user, session=session, **form.cleaned_data)
    except SessionAhead:
        form.add_error(None, AHEAD)
        return _write_page(request, session, note, form=form, status=422)
    except services.NoteSigned as refusal:
        return _write_page(request, session, refusal.note, typed=typed, status=409)
    except services.NoteChanged as refusal:
        return _conflict_page(request, session, refusal.note.pk, typed)
    except VaultError:
        return _write_page(request, session, note, typed=typed, is_damaged=True, status=409)
    messages.success(request, SIGNED if is_signing else "Draft saved.")
    return redirect("notes:detail" if is_signing else "notes:write", note.pk if is_signing else session.pk)


def _conflict_page(request: StaffRequest, session: ClientSession, pk: UUID, typed: str) -> HttpResponse:
    """Show what was typed beside the words that stand there by now, to whoever may read those."""
    note = get_or_404(_notes(request), pk=pk)
    form = NoteForm(initial={"text": typed, "version": note.version})
    services.open_note(actor=request.user, note=note)
    return _write_page(request, session, note, form=form, elsewhere=note.text, status=409)


def _write_page(
    request: StaffRequest,
    session: ClientSession,
    note: Note | None,
    *,
    form: NoteForm | None = None,
    learned: LearnedForm | None = None,
    typed: str = "",
    elsewhere: str = "",
    is_damaged: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show the writing page. Without a form, `typed` is there to be copied."""
    context = {
        "session": session, "note": note, "called": opened(session.client, "called"), "form": form, "typed": typed,
        "elsewhere": elsewhere, "is_damaged": is_damaged, "practice": practice_part(request.user, session, learned),
        "panels": panels_for("session", request.user, session, without=("exercises", "note")),
    }  # fmt: skip
    return render(request, "notes/write.html", context, status=status)


def _read_page(
    request: StaffRequest,
    note: Note,
    *,
    form: FlagForm | None = None,
    typed: str = "",
    is_changed: bool = False,
    status: int = 200,
) -> HttpResponse:
    """Show a note, which leaves an audit row. `typed` is a question that could not be saved."""
    services.open_note(actor=request.user, note=note)
    question = opened(note, "supervision_question")
    if form is None:
        form = FlagForm(initial={"question": question.text, "is_for_supervision": True})
    context = {
        "note": note, "called": opened(note.client, "called"), "text": opened(note, "text"), "question": question,
        "form": form, "typed": typed, "is_changed": is_changed,
    }  # fmt: skip
    return render(request, "notes/detail.html", context, status=status)
