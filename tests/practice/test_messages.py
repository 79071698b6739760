"""What is said after a deed travels in a cookie that anybody at the machine can read: no name, no address in it."""

import ast
from collections.abc import Iterator

from tests.test_house import code_files, name_of

# What a sentence may be put together from: our own words, references, ids of keys, numbers.
HARMLESS = {
    "DAMAGED", "client.reference", "where", "stone.reference", "cancelled", "result.cancelled", "done.under",
    "done.count", "len(done.damaged)", "len(reviewed)", "error", "why_not", "listed(scope.now())",
}  # fmt: skip


def put_together() -> Iterator[tuple[str, str]]:
    """Yield (file, expression) for all that a message is made of besides fixed words and calls of our own."""
    for path in code_files():
        for node in ast.walk(ast.parse(path.read_text())):
            is_message = isinstance(node, ast.Call) and ast.unparse(node.func).startswith("messages.")
            if isinstance(node, ast.Call) and is_message:
                pieces = [part for argument in node.args for part in ast.walk(argument)]
                yield from (
                    (name_of(path), ast.unparse(part.value)) for part in pieces if isinstance(part, ast.FormattedValue)
                )


def test_no_message_is_put_together_from_what_somebody_typed() -> None:
    found = set(put_together())
    assert found != set()
    assert {(path, words) for path, words in found if words not in HARMLESS} == set()
