"""System checks: a sealed column can neither be sorted by, nor indexed, nor unique."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.db import models

from vault.fields import SealedTextField


def _columns_in_use(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    meta = model._meta
    for name in meta.ordering or ():
        if isinstance(name, str):
            yield name.lstrip("-"), "ordering"
    for group in meta.unique_together:
        yield from ((name, "unique_together") for name in group)
    for index in meta.indexes:
        yield from ((name.lstrip("-"), "an index") for name in index.fields)
    for constraint in meta.constraints:
        yield from ((name, "a constraint") for name in getattr(constraint, "fields", ()))


@register()
def check_sealed_columns(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report each sealed column that is sorted by, indexed or unique, and each model that names no owner."""
    found: list[CheckMessage] = []
    for model in apps.get_models():
        sealed = {field.name: field for field in model._meta.fields if isinstance(field, SealedTextField)}
        if not sealed:
            continue
        if not hasattr(model, "vault_owner"):
            found.append(Error(f"{model._meta.label} has sealed columns and no vault_owner.", id="vault.E001"))
        found += [
            Error(f"{model._meta.label}.{name} is sealed and stands in {where}.", id="vault.E002")
            for name, where in _columns_in_use(model)
            if name in sealed
        ]
        found += [
            Error(f"{model._meta.label}.{name} is sealed and cannot be indexed.", id="vault.E002")
            for name, field in sealed.items()
            if field.unique or field.db_index
        ]
    return found
