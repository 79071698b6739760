"""What a client will get, beforehand: the mail, the page, and a test of the mail to oneself."""

from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clients.models import Client
from exercises import previews
from exercises.assign_form import AssignForm
from exercises.catalogue import library_of
from exercises.previews import Sample
from exercises.selectors import next_session, usual_due_day
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of

WORDS = ("personal_line", "why", "plan_when", "plan_where")
PASSED_ON = (*WORDS, "minutes", "often", "by", "due_on", "send")


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def preview(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Show mail and page as the client would see them. With `test` in the form, send the mail to oneself as well."""
    client = get_or_404(Client.visible_to(request.user).select_related("counsellor"), pk=client_id)
    sample = _sample(request, client)
    said = _send_test(request, sample) if "test" in request.POST else ""
    mail = previews.mail_of(sample)
    context = {
        "client": client,
        "name": name_of(client),
        "version": sample.version,
        "mail": mail,
        "page": previews.page_of(sample),
        "passed_on": [(name, request.POST[name]) for name in PASSED_ON if name in request.POST],
        "test": uuid4(),
        "said": said,
    }
    response = render(request, "exercises/preview.html", context)
    response._csp_update = mail.policy  # type: ignore[attr-defined]  # django-csp reads it
    return response


def _sample(request: StaffRequest, client: Client) -> Sample:
    """Return what was typed so far, whole or not."""
    version = get_or_404(library_of(request.user), exercise__slug=request.GET.get("exercise", ""))
    coming = next_session(request.user, client)
    form = AssignForm(request.POST, client=client, version=version, coming=coming)
    form.is_valid()
    return Sample(
        client=client,
        version=version,
        actor=request.user,
        minutes=form.cleaned_data.get("minutes") or version.minutes,
        due_on=form.cleaned_data.get("due_on") or usual_due_day(coming, form.first_day),
        words={name: request.POST.get(name, "").strip() for name in WORDS},
    )


def _send_test(request: StaffRequest, sample: Sample) -> str:
    """Send it, and say what became of it. No message: above what answers a form none of success is shown."""
    try:
        previews.send_test(actor=request.user, sample=sample, nonce=_number(request.POST["test"]))
    except previews.TooManyTests:
        return "There were ten tests within the hour, so none was sent now. Please wait a little before the next."
    return f"A test is on its way to {request.user.email}."


def _number(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        return uuid4()
