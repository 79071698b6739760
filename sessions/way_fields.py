"""Fields that forms about sessions have in common: the kind of session, and where it is held."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator

from sessions.models import ClientSession, SessionType


class _KindSelect(forms.Select):
    """Carries along what each kind takes, so that the page's script can fill it in (static/beside.js)."""

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option = super().create_option(name, value, *args, **kwargs)
        kind = getattr(value, "instance", None)
        if isinstance(kind, SessionType):
            minutes = int(kind.length.total_seconds()) // 60
            option["attrs"] |= {"data-minutes": minutes, "data-mode": kind.mode, "data-place": kind.place}
        return option


def offer_types(field: forms.Field) -> None:
    """Let a field offer the practice's kinds of session, with what each takes for the page's script."""
    assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - the form declared it
    field.widget = _KindSelect(attrs={"data-kind": ""})
    field.queryset = SessionType.objects.filter(is_archived=False)
    field.label_from_instance = lambda kind: kind.name  # type: ignore[assignment]  # Django's own way


def refuse_broken_link(form: forms.Form) -> None:
    """Put an error at the place where a video session has something there that is no link."""
    data = form.cleaned_data
    if data.get("mode") != ClientSession.Mode.VIDEO or not data.get("place"):
        return
    try:
        URLValidator(schemes=["https", "http"])(data["place"])
    except ValidationError:
        form.add_error("place", "Please give the whole link, beginning with https://, or leave it empty.")
