"""The master keys: which are in use, and the deed that brings all data keys under the newest."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from practice.guards import StaffRequest, may, reconfirmed
from practice.keys import look_at_keys, rewrap_keys
from practice.roles import Permission
from vault.errors import VaultError


@may(Permission.KEY_MANAGE)
@reconfirmed
@require_http_methods(["GET", "HEAD", "POST"])
def keys(request: StaffRequest) -> HttpResponse:
    """Show the master keys by their ids, never a secret; on POST rewrap what is under an older one."""
    if request.method == "POST":
        _rewrap(request)
        return redirect("practice:keys")
    return render(request, "practice/keys.html", {"keys": look_at_keys(actor=request.user)})


def _rewrap(request: StaffRequest) -> None:
    try:
        done = rewrap_keys(actor=request.user)
    except VaultError as error:
        messages.error(request, f"Not everything was rewrapped. {error}")
        return
    if done.damaged:
        messages.warning(request, f"Rewrapped: {done.count}. Not opened: {len(done.damaged)}; vault_check names them.")
    else:
        messages.success(request, f"Every data key is under “{done.under}” now. Rewrapped: {done.count}.")
