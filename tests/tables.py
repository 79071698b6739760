"""What stands in the database, table by table: to show that a request changed nothing."""

from django.db import connection


def dump(*, without: tuple[str, ...] = ()) -> dict[str, list[str]]:
    """Return the rows of every table as the database holds them, but for those of the tables named."""
    tables = [table for table in connection.introspection.table_names() if table not in without]
    return {table: _rows(table) for table in tables}


def _rows(table: str) -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return sorted(repr([bytes(v) if isinstance(v, memoryview) else v for v in row]) for row in cursor.fetchall())


def changed(before: dict[str, list[str]], after: dict[str, list[str]]) -> list[str]:
    """Return the tables whose rows differ."""
    return sorted(table for table in before.keys() | after.keys() if before.get(table) != after.get(table))
