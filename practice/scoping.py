"""The way in to rows that belong to somebody. Another's row is 404, never 403: that it exists is confidential."""

from typing import Any, Self, TypeVar

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import models
from django.http import Http404

from practice.models import User
from practice.roles import Permission, permissions_of

_Row = TypeVar("_Row", bound=models.Model)


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
    """Return the one row. Raise Http404 where it is not among these, for whatever reason."""
    try:
        return queryset.get(**lookup)
    except (ObjectDoesNotExist, ValidationError, ValueError) as error:
        raise Http404 from error
