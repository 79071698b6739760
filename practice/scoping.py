"""The way in to rows that belong to somebody. Another's row is 404, never 403: that it exists is confidential."""

from typing import Any, Self, TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.http import Http404

from practice.models import User
from practice.roles import Permission, permissions_of

_Row = TypeVar("_Row", bound=models.Model)


class Hidden(Http404):
    """The row is there, and is not this viewer's to see. Answered as if it were not; the audit trail is told.

    `counsellor_id` is whose row it is: one's own row may be hidden by its state alone.
    """

    def __init__(self, row: "ScopedModel", *, reference: str, counsellor_id: Any) -> None:
        super().__init__()
        self.subject = row
        self.reference, self.counsellor_id = reference, counsellor_id

    @property
    def model(self) -> str:
        """Return the row's model as the trail writes it: `clients.client`."""
        return self.subject._meta.label_lower

    @property
    def pk(self) -> Any:
        """Return the row's key."""
        return self.subject.pk


class ScopedModel(models.Model):
    """A model with client data: no `objects`; `visible_to(viewer)` is the way in.

    `counsellor_path` is the lookup from a row to the counsellor whose row it is.
    """

    counsellor_path = "client__counsellor"

    unscoped = models.Manager[Self]()

    class Meta:
        abstract = True
        base_manager_name = "unscoped"
        default_manager_name = "unscoped"

    @classmethod
    def visible_to(cls, viewer: User) -> models.QuerySet[Self]:
        """Return the rows of this viewer's own clients; none for a role that reads no client."""
        if Permission.CLIENT_READ not in permissions_of(viewer):
            return cls.unscoped.none()
        return cls.unscoped.filter(**{cls.counsellor_path: viewer})


def get_or_404(queryset: models.QuerySet[_Row], **lookup: Any) -> _Row:
    """Return the one row. Raise Http404 where it is not among these: Hidden where it is another's."""
    if any(isinstance(value, str) and "\x00" in value for value in lookup.values()):
        raise Http404  # PostgreSQL takes no null byte, not even to look for
    try:
        return queryset.get(**lookup)
    except ObjectDoesNotExist as error:
        raise _missing(queryset.model, lookup.get("pk")) from error
    except (ValidationError, ValueError) as error:
        raise Http404 from error


def _missing(model: type[models.Model], pk: Any) -> Http404:
    """Tell a row that is hidden from one that is not there, by one query either way.

    The trail's row (practice/refusals.py) takes a moment more: who measures it has known the row's id, 122 random bits.
    """
    if pk is None or not issubclass(model, ScopedModel):
        return Http404()
    client, _, person = model.counsellor_path.rpartition("__")
    has_reference = bool(client) or any(column.name == "reference" for column in model._meta.concrete_fields)
    named = [f"{client}__reference".removeprefix("__")] if person == "counsellor" and has_reference else []
    found = model.unscoped.filter(pk=pk).values_list("pk", model.counsellor_path, *named).first()
    if found is None:
        return Http404()
    row_pk, counsellor_id, *references = found
    row = model()
    row.pk = row_pk
    return Hidden(row, reference="".join(references), counsellor_id=counsellor_id)
