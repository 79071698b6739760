"""The practice's settings."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from practice import services
from practice.forms import PracticeForm
from practice.guards import StaffRequest, may
from practice.models import Practice
from practice.roles import Permission

READ_AND_POST = ["GET", "HEAD", "POST"]


@may(Permission.PRACTICE_SETTINGS)
@require_http_methods(READ_AND_POST)
def settings(request: StaffRequest) -> HttpResponse:
    """Show and change the practice's settings."""
    practice = Practice.current()
    form = PracticeForm(request.POST or None, initial=PracticeForm.initial_for(practice))
    if request.method == "POST" and form.is_valid():
        services.change_practice(actor=request.user, practice=practice, **form.settings())
        messages.success(request, "Settings saved.")
        return redirect("practice:settings")
    return render(request, "practice/settings.html", {"form": form})
