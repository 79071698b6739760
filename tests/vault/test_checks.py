"""The system checks: what a model with sealed columns may not do."""

from typing import Any

import pytest
from django.db import models
from django.db.models import F
from django.test.utils import isolate_apps

from vault.checks import check_sealed_columns
from vault.fields import SealedTextField


def ids_of(meta: dict[str, Any], **more: Any) -> list[str]:
    """Return the checks that a model with a sealed `text` and this Meta does not pass."""
    with isolate_apps("vault") as isolated:
        inner = type("Meta", (), {"app_label": "vault", **meta})
        columns = {"vault_owner": "id", "text": SealedTextField(), "plain": models.TextField(), **more}
        type("Letter", (models.Model,), {"__module__": __name__, "Meta": inner, **columns})
        assert isolated is not None
        return [str(problem.id) for problem in check_sealed_columns(list(isolated.get_app_configs()))]


@pytest.mark.parametrize(
    "meta",
    [
        {},
        {"ordering": ["plain"]},
        {"indexes": [models.Index("plain", name="plain")]},
        {"constraints": [models.CheckConstraint(condition=models.Q(text__isnull=False), name="given")]},
    ],
)
def test_sealed_column_that_is_only_stored_passes(meta: dict[str, Any]) -> None:
    assert ids_of(meta) == []


def test_model_with_sealed_columns_names_their_owner() -> None:
    with isolate_apps("vault") as isolated:

        class Letter(models.Model):  # noqa: DJ008 - no row of it is ever shown
            text = SealedTextField()

            class Meta:
                app_label = "vault"

        assert isolated is not None
        problems = check_sealed_columns(list(isolated.get_app_configs()))

    assert [(each.id, each.msg) for each in problems] == [
        ("vault.E001", "vault.Letter has sealed columns and no vault_owner.")
    ]


@pytest.mark.parametrize(
    "meta",
    [
        {"ordering": ["plain", "-text"]},
        {"ordering": [F("text").desc()]},
        {"unique_together": [("plain", "text")]},
        {"indexes": [models.Index(fields=["text"], name="by_text")]},
        {"indexes": [models.Index(models.functions.Length("text"), name="by_length")]},
        {"constraints": [models.UniqueConstraint(fields=["plain", "text"], name="once")]},
    ],
)
def test_sealed_column_stands_in_no_order_and_no_index(meta: dict[str, Any]) -> None:
    assert ids_of(meta) == ["vault.E002"]


@pytest.mark.parametrize("field", [SealedTextField(unique=True), SealedTextField(db_index=True)])
def test_sealed_column_is_neither_unique_nor_indexed(field: SealedTextField) -> None:
    assert ids_of({}, secret=field) == ["vault.E002"]


def test_the_house_passes() -> None:
    assert check_sealed_columns(None) == []
