"""System checks: a sealed column can neither be sorted by, nor indexed, nor unique."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig, apps
from django.core.checks import CheckMessage, Error, register
from django.db import models
from django.db.models import F

from vault.fields import SealedTextField


def _names(part: Any) -> Iterator[str]:
    """Yield the columns that a name or an expression of a model's Meta speaks of."""
    if isinstance(part, str):
        yield part.lstrip("-")
    else:
        parts = [part] if isinstance(part, F) else part.flatten()
        yield from (str(getattr(each, "name", "")) for each in parts if isinstance(each, F))


def _columns_in_use(model: type[models.Model]) -> Iterator[tuple[str, str]]:
    meta = model._meta
    uses: list[tuple[Any, str]] = [(part, "ordering") for part in meta.ordering or ()]
    uses += [(part, "unique_together") for group in meta.unique_together for part in group]
    for place, holders in (("an index", meta.indexes), ("a constraint", meta.constraints)):
        for holder in holders:
            parts = (*getattr(holder, "fields", ()), *getattr(holder, "expressions", ()))
            uses += [(part, place) for part in parts]
    for part, place in uses:
        yield from ((name, place) for name in _names(part))


@register()
def check_sealed_columns(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Report each sealed column that is sorted by, indexed or unique, and each model that names no owner."""
    configs = apps.get_app_configs() if app_configs is None else app_configs
    return [problem for config in configs for model in config.get_models() for problem in _problems(model)]


def _problems(model: type[models.Model]) -> Iterator[CheckMessage]:
    sealed = {field.name: field for field in model._meta.fields if isinstance(field, SealedTextField)}
    if sealed and not hasattr(model, "vault_owner"):
        yield Error(f"{model._meta.label} has sealed columns and no vault_owner.", id="vault.E001")
    for name, where in _columns_in_use(model):
        if name in sealed:
            yield Error(f"{model._meta.label}.{name} is sealed and stands in {where}.", id="vault.E002")
    for name, field in sealed.items():
        if field.unique or getattr(field, "db_index", False):
            yield Error(f"{model._meta.label}.{name} is sealed and cannot be indexed.", id="vault.E002")
