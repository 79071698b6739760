"""Fields that forms about sessions have in common: the kind of session, how and where it is held."""

from typing import Any
from uuid import UUID

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db.models import Q

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


class WayFields(forms.Form):
    """Which kind of session, how and where. `kept` is the kind that a row has already, on offer though archived."""

    session_type = forms.ModelChoiceField(
        label="Kind of session",
        queryset=SessionType.objects.none(),
        required=False,
        empty_label="No particular kind",
        widget=_KindSelect(attrs={"data-kind": ""}),
        error_messages={"invalid_choice": "Please choose one of the kinds shown."},
    )
    mode = forms.ChoiceField(
        label="How",
        choices=ClientSession.Mode.choices,
        initial=ClientSession.Mode.IN_PERSON,
        widget=forms.RadioSelect(attrs={"class": "inline"}),
        error_messages={
            "required": "Please choose how you meet.",
            "invalid_choice": "Please choose one of the ways shown.",
        },
    )
    place = forms.CharField(
        label="Room, video link or number",
        required=False,
        max_length=300,
        help_text="A room or a video link stands in the client's mail, so that they find it.",
        error_messages={"max_length": "At most %(limit_value)d characters, please (there are %(show_value)d)."},
    )

    def __init__(self, *args: Any, kept: UUID | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["session_type"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - declared above
        field.queryset = SessionType.objects.filter(Q(is_archived=False) | Q(pk=kept))
        field.label_from_instance = lambda kind: kind.name  # type: ignore[assignment]  # Django's own way

    def clean(self) -> dict[str, Any]:
        super().clean()
        refuse_broken_link(self)
        return self.cleaned_data


def refuse_broken_link(form: forms.Form) -> None:
    """Put an error at the place where a video session has something there that is no link."""
    data = form.cleaned_data
    if data.get("mode") != ClientSession.Mode.VIDEO or not data.get("place"):
        return
    try:
        URLValidator(schemes=["https", "http"])(data["place"])
    except ValidationError:
        form.add_error("place", "Please give the whole link, beginning with https://, or leave it empty.")
