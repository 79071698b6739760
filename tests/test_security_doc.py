"""docs/security.md answers every requirement of ASVS 5.0.0, levels 1 and 2, once, and names tests that exist."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOC = (ROOT / "docs" / "security.md").read_text()
TABLES = DOC[DOC.index("## V1 ") :]
# Section → how many requirements of levels 1 and 2 it has; those of level 3 stand between them, so numbers have gaps.
NUMBERS = """
1.1.1-2 1.2.1-9 1.3.1-11 1.4.1-3 1.5.1-2
2.1.1-3 2.2.1-3 2.3.1-4 2.4.1
3.2.1-2 3.3.1-4 3.4.1-6 3.5.1-5 3.7.1-2
4.1.1-3 4.2.1 4.3.1-2 4.4.1-4
5.1.1 5.2.1-3 5.3.1-2 5.4.1-3
6.1.1-3 6.2.1-12 6.3.1-4 6.4.1-4 6.5.1-5 6.6.1-3 6.8.1-4
7.1.1-3 7.2.1-4 7.3.1-2 7.4.1-5 7.5.1-2 7.6.1-2
8.1.1-2 8.2.1-3 8.3.1 8.4.1
9.1.1-3 9.2.1-4
10.1.1-2 10.2.1-2 10.3.1-4 10.4.1-11 10.5.1-5 10.6.1-2 10.7.1-3
11.1.1-2 11.2.1-3 11.3.1-3 11.4.1-4 11.5.1 11.6.1
12.1.1-3 12.2.1-2 12.3.1-4
13.1.1 13.2.1-5 13.3.1-2 13.4.1-5
14.1.1-2 14.2.1-4 14.3.1-3
15.1.1-3 15.2.1-3 15.3.1-7
16.1.1 16.2.1-5 16.3.1-4 16.4.1-3 16.5.1-3
17.1.1 17.2.1-4 17.3.1-2
"""
ANSWERS = {"Holds", "In part", "Operator", "No", "–"}


def every_number() -> list[str]:
    """Return all 253 numbers: 70 of level 1 and 183 of level 2."""
    found = []
    for section, first, last in re.findall(r"(\d+\.\d+)\.(\d+)(?:-(\d+))?", NUMBERS):
        found += [f"{section}.{number}" for number in range(int(first), int(last or first) + 1)]
    return found


def rows() -> list[list[str]]:
    lines = re.findall(r"^\| (\d+\.\d+\.\d+ \|.*) \|$", TABLES, re.MULTILINE)
    return [[cell.strip() for cell in line.split(" | ")] for line in lines]


def named_tests() -> set[tuple[str, str]]:
    return set(re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", DOC))


def test_every_requirement_is_answered_once() -> None:
    answered = [row[0] for row in rows()]
    for chapter in ("## V10 ", "## V17 "):
        (text,) = re.findall(rf"^{chapter}.*?(?=^## |\Z)", TABLES, re.MULTILINE | re.DOTALL)
        answered += re.findall(r"\b1[07]\.\d+\.\d+\b", text)
    assert sorted(answered) == sorted(every_number())
    assert len(answered) == 253


def test_each_row_has_an_answer_and_says_why() -> None:
    assert [row for row in rows() if len(row) != 5 or row[3] not in ANSWERS or not row[4]] == []


def test_nothing_is_left_to_be_named() -> None:
    assert re.findall(r"@[a-z-]+", TABLES.replace("`@may`", "")) == []


@pytest.mark.parametrize(("path", "name"), sorted(named_tests()))
def test_every_named_test_exists(path: str, name: str) -> None:
    tree = ast.parse((ROOT / path).read_text())
    functions = {node.name for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert not name or name in functions
