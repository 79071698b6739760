"""The next times that fit, as the pages that book and move show them: links that fill the form in."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.urls import reverse

from practice import clock
from practice.models import User
from sessions.forms import FURTHEST_AHEAD, BookForm, MoveForm
from sessions.models import ClientSession
from sessions.slots import Need
from sessions.waiting_list import next_three


def for_booking(viewer: User, form: BookForm) -> dict[str, Any]:
    """Return the context of `_slots.html` for the client, day and length that stand in the form.

    Without a client, it leads from the time that was asked for to who on the waiting list would take it.
    """
    client, day, need = form.chosen, _day_in(form), _need_in(form) if form.is_bound else None
    url = reverse("sessions:book")
    context = {
        "offers": next_three(viewer, client, day, need=need),
        "slots_url": f"{url}?{urlencode({'client': client.pk})}&" if client else f"{url}?",
    }
    return context if client else context | {"gap_query": _gap_query(form)}


def for_moving(viewer: User, session: ClientSession, form: MoveForm) -> dict[str, Any]:
    """Return the context of `_slots.html` for a session that is to move: it is not in its own way."""
    need = Need(session.length, session.buffer, frozenset({session.pk}))
    return {
        "offers": next_three(viewer, session.client, _day_in(form), need=need),
        "slots_url": f"{reverse('sessions:move', args=[session.pk])}?",
    }


def _day_in(form: BookForm | MoveForm) -> date:
    """Return the day that stands in a form, today where it is none that can be booked."""
    try:
        day: date | None = form.fields["starts_on"].clean(form["starts_on"].value())
    except ValidationError:
        return clock.today()
    return day if day and clock.today() <= day <= clock.today() + FURTHEST_AHEAD else clock.today()


def _need_in(form: BookForm) -> Need | None:
    """Return how long the session in a form is to be, with the pause that its kind asks for."""
    data = getattr(form, "cleaned_data", {})
    if "length" not in data:
        return None
    kind = data.get("session_type")
    return Need(data["length"], kind.buffer if kind else timedelta(0))


def _gap_query(form: BookForm) -> str:
    """Return the query of the gap that was asked for; "" where no time stands in the form."""
    asked = {"day": form["starts_on"].value(), "time": form["clock_time"].value(), "minutes": form["minutes"].value()}
    return urlencode({name: str(value) for name, value in asked.items()}) if asked["day"] and asked["time"] else ""
