"""To whom clients go, and what is said of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from clients.models import Client
from practice.models import User
from sessions.models import ClientSession


class _MemberField(forms.ModelChoiceField):  # type: ignore[type-arg]  # generic in the stubs alone
    """One of the members, by name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.name}, {obj.title.lower()}"


class HandOverForm(forms.Form):
    """Who receives a client, and whether the client knows."""

    to = _MemberField(
        label="Who takes over", queryset=User.objects.none(), widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": "Please choose who takes over."},
    )  # fmt: skip
    is_told = forms.BooleanField(
        label="The client has been told",
        required=False,
        help_text="It is kept in the audit trail, either way.",
    )

    def __init__(self, data: Mapping[str, Any] | None = None, *, receivers: QuerySet[User]) -> None:
        super().__init__(data)
        self.fields["to"].queryset = receivers  # type: ignore[attr-defined]  # a ModelChoiceField


class HandOverAllForm(HandOverForm):
    """Which clients of a member go, by reference, and what becomes of sessions that clash."""

    cancels_clashing = forms.BooleanField(
        label="Cancel sessions that clash",
        required=False,
        help_text="Their reminders are not sent. Please tell these clients: Beside sends no mail about it.",
    )
    # The sessions that the list above the form named: a tick cancels these, and no other.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)
    clients = forms.TypedMultipleChoiceField(
        label="Clients", coerce=UUID, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Please tick at least one client."},
    )  # fmt: skip

    field_order = ("clients", "to", "is_told", "cancels_clashing")

    def __init__(
        self, data: Mapping[str, Any] | None = None, *, receivers: QuerySet[User], clients: Sequence[Client]
    ) -> None:
        super().__init__(data, receivers=receivers)
        self.rows = {client.pk: client for client in clients}
        names = [(str(client.pk), _in_words(client)) for client in clients]
        self.fields["clients"].choices = names  # type: ignore[attr-defined]  # a choice field
        self.fields["clients"].initial = [pk for pk, _ in names]
        self.fields["is_told"].label = "These clients have been told"

    def has_seen(self, clashing: Iterable[ClientSession]) -> bool:
        """Say whether the page on which this was ticked listed each of these sessions."""
        return {str(each.pk) for each in clashing} <= set(self.cleaned_data["seen"].split())

    def list_clashing(self, clashing: Iterable[ClientSession]) -> None:
        """Note which sessions the page lists that is shown now."""
        data: QueryDict = self.data.copy()  # type: ignore[attr-defined]  # what a browser sent
        data["seen"] = " ".join(str(each.pk) for each in clashing)
        self.data = data

    @property
    def chosen(self) -> list[Client]:
        """Return the ticked clients, in order of their references."""
        return [client for pk, client in self.rows.items() if pk in self.cleaned_data["clients"]]


def _in_words(client: Client) -> str:
    return f"{client.reference} (ended)" if client.state == Client.State.ENDED else client.reference
