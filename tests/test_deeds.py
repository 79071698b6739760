"""A deed and its row in the trail stand or fall together, for every service there is; and the trail is locked last."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import DatabaseError, connection
from django.test.utils import CaptureQueriesContext

from tests.deeds import DEEDS
from tests.factories import begin_trail
from tests.test_house import ROOT, code_files, name_of

pytestmark = pytest.mark.django_db
FULL = "there is no room in the trail"
# Hooks that a request drives, and what needs a key file: the file that shows each with a trail that takes no row.
ELSEWHERE = {
    "practice.accounts.AccountAdapter.authentication_failed": "tests/practice/test_sign_in.py",
    "practice.accounts.AccountAdapter.login": "tests/practice/test_sign_in.py",
    "practice.accounts.AccountAdapter.logout": "tests/practice/test_sign_ins.py",
    "practice.accounts.AccountAdapter.set_password": "tests/practice/test_password_change.py",
    "practice.idle.end": "tests/practice/test_idle.py",
    "practice.idle.IdleMiddleware.process_view": "tests/practice/test_idle.py",
    "practice.keys.make_key": "tests/practice/test_rotate_keys.py",
    "practice.keys.retire_keys": "tests/practice/test_rotate_keys.py",
    "practice.keys.rewrap_keys": "tests/practice/test_rotate_keys.py",
    "practice.mfa.note_added": "tests/practice/test_mfa_set_up.py",
    "practice.mfa.note_removed": "tests/practice/test_mfa_set_up.py",
    "practice.refusals.RefusalMiddleware.process_exception": "tests/practice/test_refusals.py",
    "practice.views.security.MakeCodes.form_valid": "tests/practice/test_mfa_set_up.py",
}
# Loops that do one deed for each line, each in a transaction of its own.
LOOPS = {
    "clients.replay.replay": "clients.replay.erase_again",
    "sessions.series.sweep": "sessions.series.roll_series",
}
# Deeds made of several, each with a row: every lock of the later ones is held before the first one's row.
SEVERAL_ROWS = {"notes.services.save_and_sign"}


# --- which services there are -----------------------------------------------------------------------------
def recording(path: Path) -> Iterator[str]:
    """Give the public functions and methods of a file that leave a row, by themselves or through one beside them."""
    bodies: dict[str, ast.AST] = {}
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.FunctionDef):
            bodies[node.name] = node
        elif isinstance(node, ast.ClassDef):
            bodies |= {f"{node.name}.{each.name}": each for each in node.body if isinstance(each, ast.FunctionDef)}
    writers = {name for name, body in bodies.items() if re.search(r"trail\.(record|append)\(", ast.unparse(body))}
    while more := {name for name, body in bodies.items() if name not in writers and called(body) & writers}:
        writers |= more
    module = name_of(path).removesuffix(".py").replace("/", ".")
    yield from (f"{module}.{name}" for name in writers if not re.search(r"(^|\.)_", name))


def called(body: ast.AST) -> set[str]:
    return {node.func.id for node in ast.walk(body) if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)}


def test_every_service_that_leaves_a_row_is_tried() -> None:
    files = [path for path in code_files() if not {"management", "demo"} & set(path.parts)]
    found = {service for path in files for service in recording(path) if name_of(path) != "practice/trail.py"}
    assert found == set(DEEDS) | set(ELSEWHERE) | set(LOOPS)
    assert set(LOOPS.values()) <= set(DEEDS)


def test_what_is_shown_elsewhere_is() -> None:
    silent = [name for name, where in ELSEWHERE.items() if "broken_trail" not in (ROOT / where).read_text()]
    assert silent == []


# --- both or neither --------------------------------------------------------------------------------------
def fill() -> None:
    """Let the database refuse each further row of the trail, as a full disk would."""
    connection.check_constraints()
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"CREATE FUNCTION full_trail() RETURNS trigger LANGUAGE plpgsql AS $$"
                f" BEGIN RAISE EXCEPTION '{FULL}'; END $$;"
                " CREATE TRIGGER a_full_trail BEFORE INSERT ON practice_auditentry"
                " FOR EACH ROW EXECUTE FUNCTION full_trail()"
            )
        else:
            cursor.execute(
                "CREATE TRIGGER a_full_trail BEFORE INSERT ON practice_auditentry"
                f" BEGIN SELECT RAISE(ABORT, '{FULL}'); END"
            )


def dump() -> dict[str, list[str]]:
    """Return every row of every table."""
    rows = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f"SELECT * FROM {table}")
            rows[table] = sorted(map(repr, cursor.fetchall()))
    return rows


@pytest.mark.parametrize("service", DEEDS)
def test_a_deed_whose_row_is_refused_has_not_been_done(service: str) -> None:
    begin_trail() if service != "practice.services.create_practice" else None
    deed = DEEDS[service]()
    fill()
    before = dump()
    with pytest.raises(DatabaseError, match=FULL):
        deed()
    assert dump() == before


# --- the order of locks -----------------------------------------------------------------------------------
_HEAD = re.compile(r"FROM practice_(audithead|lock_head)")
_WRITES_OR_LOCKS = re.compile(r"^(INSERT|UPDATE|DELETE)|FOR (NO KEY )?UPDATE")


@pytest.mark.parametrize("service", sorted(set(DEEDS) - SEVERAL_ROWS))
def test_the_head_of_the_trail_is_the_last_lock_of_a_deed(service: str) -> None:
    begin_trail() if service != "practice.services.create_practice" else None
    deed = DEEDS[service]()
    with CaptureQueriesContext(connection) as queries:
        deed()
    statements = [query["sql"] for query in queries]
    first = next(number for number, sql in enumerate(statements) if _HEAD.search(sql))
    after = [sql for sql in statements[first:] if _WRITES_OR_LOCKS.search(sql) and "practice_audit" not in sql]
    # The very first deed makes the head, and its key.
    assert [sql for sql in after if 'INTO "vault_datakey"' not in sql] == []
