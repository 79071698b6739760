"""What a client will get, beforehand: the mail, the page, and a test of the mail to oneself."""

from datetime import date
from uuid import UUID, uuid4

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST

from clients.models import Client
from exercises import previews
from exercises.assign_form import ONCE, AssignForm
from exercises.catalogue import library_of
from exercises.giving_form import check_day
from exercises.models import GIVEN_WORDS
from exercises.previews import Sample
from exercises.selectors import next_session, usual_due_day
from practice import clock
from practice.guards import StaffRequest, may
from practice.roles import Permission
from practice.scoping import get_or_404
from sessions.selectors import name_of
from vault.errors import VaultError

PASSED_ON = (*GIVEN_WORDS, "minutes", "often", "by", "due_on", "send")


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def preview(request: StaffRequest, client_id: UUID) -> HttpResponse:
    """Show mail and page as the client would see them. With `test` in the form, send the mail to oneself as well."""
    client = get_or_404(Client.visible_to(request.user).select_related("counsellor"), pk=client_id)
    try:
        return _shown(request, client, _sample(request, client))
    except VaultError:
        return render(request, "clients/damaged.html", {"client": client}, status=409)


def _shown(request: StaffRequest, client: Client, sample: Sample) -> HttpResponse:
    mail = previews.mail_of(sample)
    said = _send_test(request, sample) if "test" in request.POST else ""
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
    minutes, due_on = _minutes_and_day(form, usual_due_day(coming, form.first_day))
    return Sample(
        client=client,
        version=version,
        actor=request.user,
        minutes=minutes,
        due_on=due_on,
        words={name: request.POST.get(name, "").strip() for name in GIVEN_WORDS},
    )


def _minutes_and_day(form: AssignForm, usual: date) -> tuple[int, date]:
    """Return how long it takes and by when, as they will be: what is repeated takes its own minutes and is for its day.

    A number or a day that the form refuses is not shown.
    """
    data = form.cleaned_data
    if data.get("often", ONCE) != ONCE:
        return form.version.minutes, clock.today()
    minutes: int = data.get("minutes") or form.version.minutes
    due_on: date | None = data.get("due_on")
    return minutes, usual if due_on is None or check_day(due_on) else due_on


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
