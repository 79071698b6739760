"""The rules of the house that no tool sees: which way foreign keys point, what is sealed, how long a function is."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.db import models

from vault.fields import SealedTextField

ROOT = Path(__file__).resolve().parent.parent
ROOMS = ["vault", "outbox", "practice", "clients", "sessions", "exercises", "notes", "supervision", "config"]
LABELS = {room: room for room in ROOMS} | {"sessions": "client_sessions"}
OWN_MODELS = [model for model in apps.get_models() if model._meta.app_label in LABELS.values()]
# Columns that hold secrets in another form than a sealed text: wrapped keys, hashes.
WRAPPED = {"vault.DataKey.wrapped"}


def python_files() -> list[Path]:
    return [path for room in ROOMS for path in sorted((ROOT / room).rglob("*.py"))]


def code_files() -> list[Path]:
    return [path for path in python_files() if "migrations" not in path.parts]


def templates() -> list[Path]:
    return sorted((ROOT / "templates").rglob("*.html"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    return (node.end_lineno or node.lineno) - node.lineno + 1


def test_foreign_keys_point_down() -> None:
    height = {LABELS[room]: number for number, room in enumerate(ROOMS)}
    up = [
        f"{model._meta.label}.{field.name} -> {field.related_model._meta.label}"
        for model in OWN_MODELS
        for field in model._meta.get_fields()
        if isinstance(field, models.ForeignKey)
        and height.get(field.related_model._meta.app_label, -1) > height[model._meta.app_label]
    ]
    assert up == []


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_every_column_is_said_to_be_sealed_or_plain(model: type[models.Model]) -> None:
    privacy = model.Privacy  # type: ignore[attr-defined]
    assert sorted((*privacy.sealed, *privacy.plain)) == sorted(field.name for field in model._meta.concrete_fields)


@pytest.mark.parametrize("model", OWN_MODELS, ids=lambda model: model._meta.label)
def test_sealed_means_sealed(model: type[models.Model]) -> None:
    sealed = {f.name for f in model._meta.concrete_fields if isinstance(f, SealedTextField)}
    wrapped = {name for name in model.Privacy.sealed if f"{model._meta.label}.{name}" in WRAPPED}  # type: ignore[attr-defined]
    assert sealed | wrapped == set(model.Privacy.sealed)  # type: ignore[attr-defined]


# Free text in a plain column needs a reason: what a person said must be sealed.
PLAIN_TEXT = {
    "practice.Practice.name": "the practice's own",
    "practice.Practice.contact_line": "stands in every mail",
    "practice.User.name": "a member",
    "practice.User.email": "a member",
    "practice.User.password": "a hash",
    "practice.Invitation.email": "a member to be",
    "practice.KeptWords.page": "an address: routes and ids",
    "client_sessions.SessionType.place": "the practice's own room or link",
    "exercises.ExerciseVersion.title": "the library is no client's",
    "exercises.ExerciseVersion.purpose": "the library is no client's",
    "exercises.ExerciseVersion.instead_of_breath": "the library is no client's",
    "exercises.ExerciseVersion.care": "the library is no client's",
    "exercises.ExerciseVersion.stop": "the library is no client's",
    "exercises.Programme.title": "the library is no client's",
    "exercises.Programme.purpose": "the library is no client's",
    "outbox.Message.key": "kind, ids and a rule",
    "outbox.Message.smtp_reply": "codes, no address",
    "outbox.Message.reason": "our own words",
    "outbox.Sending.pause_reason": "our own words",
}


def test_free_text_in_the_clear_has_a_reason() -> None:
    found = {
        f"{model._meta.label}.{field.name}"
        for model in OWN_MODELS
        for field in model._meta.concrete_fields
        if isinstance(field, models.TextField | models.CharField)
        and not isinstance(field, models.SlugField)
        and not field.choices
        and (field.max_length is None or field.max_length > 60)
    }
    assert found - set(PLAIN_TEXT) == set()


@pytest.mark.parametrize(
    "model", [model for model in OWN_MODELS if hasattr(model, "vault_owner")], ids=lambda model: model._meta.label
)
def test_a_row_never_prints_what_is_sealed(model: type[models.Model]) -> None:
    row = model(**dict.fromkeys(model.Privacy.sealed, "whisper"))  # type: ignore[attr-defined]
    assert "whisper" not in f"{row} {row!r}"


def test_models_with_client_data_have_no_objects() -> None:
    scoped = [model for model in OWN_MODELS if hasattr(model, "visible_to")]
    assert [model._meta.label for model in scoped if hasattr(model, "objects")] == []
    assert {model._meta.app_label for model in scoped} == {
        "clients", "client_sessions", "exercises", "notes", "supervision",
    }  # fmt: skip


def test_every_use_of_unscoped_says_why() -> None:
    silent = [
        f"{name_of(path)}:{number}"
        for path in code_files()
        if path.name != "models.py" and name_of(path) != "practice/scoping.py"
        for number, line in enumerate(path.read_text().splitlines(), start=1)
        if ".unscoped" in line and not re.search(r"# no viewer: \w+", line)
    ]
    assert silent == []


def test_functions_and_files_stay_short() -> None:
    long = [
        f"{name_of(p)}: {len(p.read_text().splitlines())}"
        for p in code_files()
        if len(p.read_text().splitlines()) > 300
    ]
    long += [f"{name_of(p)}:{f.name}: {length(f)}" for p in code_files() for f in functions(p) if length(f) > 40]
    long += [
        f"{name_of(p)}:{f.name}: {length(f)} (a view)"
        for p in code_files()
        if p.stem == "views" or "views" in p.parts
        for f in functions(p)
        if length(f) > 25
    ]
    assert long == []


def test_no_model_overrides_save() -> None:
    found = [
        f"{name_of(p)}:{f.lineno}"
        for p in code_files()
        if p.name == "models.py"
        for f in functions(p)
        if f.name == "save"
    ]
    assert found == []


def test_only_the_senders_loop_catches_everything() -> None:
    found = {name_of(p) for p in code_files() if re.search(r"except (Base)?Exception\b|except:", p.read_text())}
    assert found == {"outbox/sender.py"}


def test_no_signal_joins_two_of_our_rooms() -> None:
    """Signals of libraries (allauth, Celery) are heard; ours do not exist."""
    found = {name_of(p) for p in code_files() if re.search(r"\bSignal\(|django\.db\.models\.signals", p.read_text())}
    assert found == set()


def test_pages_hold_no_inline_script_or_style() -> None:
    inline = re.compile(r"<style|<script(?![^>]*\bsrc=)|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)
    pages = [p for p in templates() if "mail" not in p.parent.parts]
    assert [name_of(p) for p in pages if inline.search(p.read_text())] == []


def test_partials_say_what_they_need() -> None:
    partials = [p for p in templates() if p.name.startswith("_")]
    assert [name_of(p) for p in partials if not p.read_text().startswith("{#")] == []


def test_nothing_is_ever_overdue() -> None:
    words = re.compile(r"overdue|streak|you missed|failed to", re.IGNORECASE)
    files = templates() + sorted((ROOT / "exercises" / "library").glob("*.toml"))
    assert [name_of(p) for p in files if words.search(p.read_text())] == []


def test_titles_carry_no_name() -> None:
    title = re.compile(r"{% block title %}(.*?){% endblock", re.DOTALL)
    leaks = re.compile(r"\.called|\.name\b|preferred_name|personal_line")
    assert [name_of(p) for p in templates() for found in title.findall(p.read_text()) if leaks.search(found)] == []
