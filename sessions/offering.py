"""The next times that fit, as the pages that book and move show them: buttons that fill in the form as it was typed."""

from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.core.exceptions import ValidationError
from django.http import QueryDict

from practice import clock
from practice.models import User
from sessions.forms import FURTHEST_AHEAD, BookForm, MoveForm
from sessions.models import ClientSession
from sessions.slots import Need
from sessions.waiting_list import next_three

_NOT_TYPED = ("slot", "look", "csrfmiddlewaretoken", "keep_token", "all_the_same")


def is_look_at_times(data: QueryDict) -> bool:
    """Say whether a form was sent to see times, or to take one of them into the form: nothing is saved then."""
    return "slot" in data or "look" in data


def typed(data: QueryDict) -> dict[str, Any]:
    """Return what stood in such a form, as the first values of the next; a chosen time is its day and its time."""
    values: dict[str, Any] = {name: value for name, value in data.items() if name not in _NOT_TYPED}
    day, _, at = data.get("slot", "").partition("T")
    return values | {"starts_on": day, "clock_time": at} if day and at else values


def for_booking(viewer: User, form: BookForm, *, is_sent: bool) -> dict[str, Any]:
    """Return the context of `_slots.html` for the client, day, kind and length that stand in the form.

    Before it is sent once: for what the client waits for, or what their last session took. Without a client, it leads
    from the time that was asked for to who on the waiting list would take it.
    """
    client, need = form.chosen, _need_in(form) if is_sent else None
    context = {"offers": next_three(viewer, client, _day_in(form), need=need)}
    return context if client else context | {"gap_query": _gap_query(form)}


def for_moving(viewer: User, session: ClientSession, form: MoveForm) -> dict[str, Any]:
    """Return the context of `_slots.html` for a session that is to move: it is not in its own way."""
    need = Need(_length_in(form) or session.length, session.buffer, frozenset({session.pk}))
    return {"offers": next_three(viewer, session.client, _day_in(form), need=need, not_at=session.starts_at)}


def _day_in(form: BookForm | MoveForm) -> date:
    """Return the day that stands in a form, today where it is none that can be booked."""
    day: date | None = _cleaned(form, "starts_on")
    return day if day and clock.today() <= day <= clock.today() + FURTHEST_AHEAD else clock.today()


def _need_in(form: BookForm) -> Need | None:
    """Return how long the session in a form is to be, with the pause that its kind asks for."""
    length, kind = _length_in(form), _cleaned(form, "session_type")
    return Need(length, kind.buffer if kind else timedelta(0)) if length else None


def _length_in(form: BookForm | MoveForm) -> timedelta | None:
    """Return the length that stands in a form; None where it is none that a session can have."""
    minutes: int | None = _cleaned(form, "minutes")
    return timedelta(minutes=minutes) if minutes else None


def _cleaned(form: BookForm | MoveForm, name: str) -> Any:
    """Return what stands in one field, read alone; None where it is nothing that the field takes."""
    try:
        return form.fields[name].clean(form[name].value())
    except ValidationError:
        return None


def _gap_query(form: BookForm) -> str:
    """Return the query of the gap that was asked for; "" where no time stands in the form."""
    asked = {"day": form["starts_on"].value(), "time": form["clock_time"].value(), "minutes": form["minutes"].value()}
    return urlencode({name: str(value) for name, value in asked.items()}) if asked["day"] and asked["time"] else ""
