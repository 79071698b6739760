"""A client's files: adding one, downloading one, removing one."""

from collections.abc import Iterator
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_GET, require_http_methods

from clients.handing_over import HandedOver
from clients.models import Client
from clients.selectors import opened
from notes import files
from notes.forms import FileForm
from notes.models import Attachment
from notes.uploads import takes_file
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from vault.errors import VaultError

NO_ROOM = "Not saved: there is no room for it on the disk. Please tell whoever looks after this site."
USED = "This form was used before, so nothing has been saved yet. Please choose the file and send it once more."
# Whatever a browser may come to think of a file: it has no origin, runs nothing, loads nothing, and is nobody else's.
SANDBOX = {
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
}


@takes_file
@may(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def add(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Add a file to a client's record. A refused one has to be chosen again: no page may fill in a file."""
    client = get_or_404(Client.visible_to(request.user), pk=client_id)
    if request.method != "POST":
        return _add_page(request, client, FileForm())
    form = FileForm(request.POST, request.FILES)
    if not form.is_valid():
        return _add_page(request, client, form, status=422)
    try:
        files.add_file(actor=request.user, client=client, **form.arguments)
    except Client.DoesNotExist as gone:
        raise Http404 from gone
    except files.FormUsed:
        form = FileForm.afresh(request.POST)
        form.add_error(None, USED)
        return _add_page(request, client, form, status=422)
    except OSError:
        form.add_error(None, NO_ROOM)
        return _add_page(request, client, form, status=507)
    messages.success(request, "File added.")
    return redirect("clients:record", client.pk)


@may(Permission.CLIENT_READ)
@require_GET
def download(request: StaffRequest, pk: UUID) -> HttpResponseBase:
    """Hand a file out, as a download and never as a page. It leaves an audit row before its first byte."""
    attachment = get_or_404(_attachments(request), pk=pk)
    try:
        content = files.open_content(actor=request.user, attachment=attachment)
    except VaultError:
        return render(request, "notes/file_damaged.html", {"client": attachment.client}, status=409)
    response = StreamingHttpResponse(_whole(content), content_type=content.kind.mime, headers=SANDBOX)
    response.headers["Content-Length"] = str(content.size)
    response.headers["Content-Disposition"] = content_disposition_header(True, content.name) or "attachment"
    return response


@may(Permission.NOTE_WRITE)
@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Ask before a file is removed for good, then remove it."""
    attachment = get_or_404(_attachments(request), pk=pk)
    if request.method != "POST":
        return _remove_page(request, attachment)
    try:
        files.remove_file(actor=request.user, attachment=attachment)
    except files.FileHeld:
        return _remove_page(request, attachment, is_held=True, status=409)
    except HandedOver as over:
        raise Http404 from over
    messages.success(request, "File removed.")
    return redirect("clients:record", attachment.client_id)


def _attachments(request: StaffRequest) -> QuerySet[Attachment]:
    return Attachment.visible_to(request.user).select_related("client", "file")


def _add_page(request: StaffRequest, client: Client, form: FileForm, *, status: int = 200) -> HttpResponse:
    context = {"client": client, "called": opened(client, "called"), "form": form}
    return render(request, "notes/file_add.html", context, status=status)


def _remove_page(
    request: StaffRequest, attachment: Attachment, *, is_held: bool = False, status: int = 200
) -> HttpResponse:
    context = {
        "client": attachment.client, "file": attachment, "name": opened(attachment, "name"),
        "description": opened(attachment, "description"), "is_held": is_held or attachment.client.is_held,
    }  # fmt: skip
    return render(request, "notes/file_remove.html", context, status=status)


def _whole(content: files.Content) -> Iterator[bytes]:
    """Yield a file's bytes. Damage that came meanwhile raises: the line breaks off, so no part passes for the whole."""
    yield from content.pieces
