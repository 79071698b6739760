"""The supervision agenda, and packs: prepared, looked through and released by the counsellor, then exported."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from clients.handing_over import HandedOver
from practice import clock
from practice.guards import StaffRequest, may, reconfirmed
from practice.roles import Permission, permissions_of
from practice.scoping import get_or_404
from supervision import selectors, services
from supervision.forms import ItemForm, PrepareForm
from supervision.models import Pack, PackItem
from vault.errors import VaultError

READ_ONLY = "This pack was released: it can be read, and no longer changed."
DAMAGED = "Something in it can't be opened. Please tell whoever looks after this site."


@dataclass(frozen=True)
class _Shown:
    """An item on a pack's page, with the form to change it while the pack is a draft."""

    seen: selectors.PreviewItem
    form: ItemForm | None


@contextmanager
def _gone_is_404() -> Iterator[None]:
    """Take what went meanwhile, in another tab, for what was never there."""
    try:
        yield
    except services.PackGone as gone:
        raise Http404 from gone


@may(Permission.PACK_READ)
@require_safe
def agenda(request: StaffRequest) -> HttpResponse:
    """Show the notes that wait for supervision. Whoever has no clients is led to the packs."""
    if Permission.PACK_PREPARE not in permissions_of(request.user):
        return redirect("supervision:packs")
    return _agenda_page(request)


@may(Permission.PACK_PREPARE)
@require_POST
def prepare(request: StaffRequest) -> HttpResponse:
    """Make a pack of the ticked notes. A note that is another's, or not on the agenda, is 404."""
    notes = {note.pk: note for note in selectors.flagged_notes(request.user)}
    form = PrepareForm(request.POST, choices=list(notes))
    if not form.is_valid():
        if form["notes"].data:
            raise Http404
        return _agenda_page(request, form=form, status=422)
    chosen = [notes[pk] for pk in notes if pk in form.cleaned_data["notes"]]
    try:
        pack = services.prepare_pack(actor=request.user, notes=chosen, pack_id=form.cleaned_data["nonce"])
    except (services.FormUsed, HandedOver) as gone:
        raise Http404 from gone
    except VaultError:
        messages.error(request, f"No pack was made. {DAMAGED}")
        return _agenda_page(request, status=409)
    return redirect("supervision:pack", pack.pk)


@may(Permission.PACK_READ)
@require_safe
def packs(request: StaffRequest) -> HttpResponse:
    """List the viewer's packs; for an admin those that were released."""
    return render(request, "supervision/packs.html", {"packs": selectors.packs_for(request.user)})


@may(Permission.PACK_READ)
@require_safe
def pack(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Show a pack: to its counsellor with every word, to an admin only that it can be exported."""
    return _pack_page(request, get_or_404(selectors.packs_for(request.user), pk=pk))


@may(Permission.PACK_PREPARE)
@require_POST
@_gone_is_404()
def change(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take the counsellor's own words for an item."""
    item = get_or_404(_own_items(request), pk=pk)
    form = _item_form(item, request)
    if not form.is_valid():
        return _typed_page(request, item, form, status=422)
    try:
        services.change_item(actor=request.user, item=item, **form.cleaned_data)
    except services.PackReleased:
        messages.error(request, READ_ONLY)
        return _typed_page(request, item, form, status=409)
    except VaultError:
        messages.error(request, f"Not saved. {DAMAGED}")
        return _typed_page(request, item, form, status=409)
    messages.success(request, "Item saved.")
    return redirect("supervision:pack", item.pack_id)


@may(Permission.PACK_PREPARE)
@require_POST
@_gone_is_404()
def remove(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Take an item out of a draft."""
    item = get_or_404(_own_items(request), pk=pk)
    try:
        services.remove_item(actor=request.user, item=item)
    except services.PackReleased:
        messages.error(request, READ_ONLY)
    else:
        messages.success(request, "Removed from the pack. The note stays on your agenda.")
    return redirect("supervision:pack", item.pack_id)


@may(Permission.PACK_PREPARE)
@require_POST
@_gone_is_404()
def discard(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Delete a draft."""
    draft = get_or_404(_own_packs(request), pk=pk)
    try:
        services.discard_pack(actor=request.user, pack=draft)
    except services.PackReleased:
        messages.error(request, READ_ONLY)
        return redirect("supervision:pack", pk)
    messages.success(request, "Pack discarded. Its notes stay on your agenda.")
    return redirect("supervision:agenda")


@may(Permission.PACK_PREPARE)
@require_POST
@_gone_is_404()
def release(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Release a pack; refused while a name or contact still stands in it."""
    draft = get_or_404(_own_packs(request), pk=pk)
    try:
        services.release_pack(actor=request.user, pack=draft)
    except services.IdentityRemains as refusal:
        where = ", ".join(str(number) for number in refusal.found)
        messages.error(request, f"Not released: a name or contact still stands in note {where}.")
    except services.PackEmpty:
        messages.error(request, "Not released: there is no note in it.")
    except VaultError:
        messages.error(request, f"Not released. {DAMAGED}")
    else:
        messages.success(request, "Pack released. It can be exported from now on, and no longer changed.")
        return redirect("supervision:pack", pk)
    return _pack_page(request, draft, status=409)


@may(Permission.PACK_EXPORT)
@require_POST
@reconfirmed
def export(request: StaffRequest, pk: UUID) -> HttpResponse:
    """Hand out a released pack as PDF."""
    released = get_or_404(selectors.packs_for(request.user), pk=pk)
    try:
        content = services.export_pack(actor=request.user, pack=released)
    except services.PackNotReleased:
        messages.error(request, "Not exported: this pack is still being prepared.")
        return _pack_page(request, released, status=409)
    except VaultError:
        messages.error(request, f"Not exported. {DAMAGED}")
        return _pack_page(request, released, status=409)
    name = f"supervision-pack-{clock.local(released.released_at or released.created_at):%Y-%m-%d}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)


def _own_packs(request: StaffRequest) -> QuerySet[Pack]:
    return selectors.packs_for(request.user).filter(prepared_by=request.user)


def _own_items(request: StaffRequest) -> QuerySet[PackItem]:
    items = PackItem.visible_to(request.user).filter(pack__prepared_by=request.user)
    return items.select_related("pack__prepared_by", "client")


def _agenda_page(request: StaffRequest, *, form: PrepareForm | None = None, status: int = 200) -> HttpResponse:
    rows = selectors.agenda(request.user)
    context = {"rows": rows, "form": form or PrepareForm(choices=[row.note.pk for row in rows])}
    return render(request, "supervision/agenda.html", context, status=status)


def _typed_page(request: StaffRequest, item: PackItem, form: ItemForm, *, status: int) -> HttpResponse:
    """Show an item's pack as it is now, with what was typed for the item."""
    return _pack_page(request, get_or_404(_own_packs(request), pk=item.pack_id), form=form, form_of=item, status=status)


def _pack_page(
    request: StaffRequest,
    pack: Pack,
    *,
    form: ItemForm | None = None,
    form_of: PackItem | None = None,
    status: int = 200,
) -> HttpResponse:
    """Show a pack; `form` is what was typed for the item `form_of`. Its words, shown, leave an audit row."""
    is_own = pack.prepared_by_id == request.user.pk
    if is_own:
        services.open_pack(actor=request.user, pack=pack)
    items = []
    for seen in selectors.preview(pack) if is_own else []:
        is_typed = form_of is not None and seen.item.pk == form_of.pk
        is_open = not pack.is_released and not seen.is_damaged
        items.append(_Shown(seen, form if is_typed else _item_form(seen.item) if is_open else None))
    context = {"pack": pack, "items": items, "is_own": is_own}
    return render(request, "supervision/pack.html", context, status=status)


def _item_form(item: PackItem, request: StaffRequest | None = None) -> ItemForm:
    """Return the form of one item, its fields named apart from those of the others on the page."""
    names = f"id_{item.pk}_%s"
    if request is not None:
        return ItemForm(request.POST, auto_id=names)
    return ItemForm(initial={"text": item.text, "question": item.question}, auto_id=names)
