"""Two sessions of one counsellor never overlap, unless cancelled: PostgreSQL refuses it by an exclusion constraint.

SQLite has none; there a writer holds the one write lock from BEGIN (IMMEDIATE), and the service looks before it writes.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

CONSTRAINT = """
CREATE EXTENSION IF NOT EXISTS btree_gist;
ALTER TABLE client_sessions_clientsession ADD CONSTRAINT sessions_no_overlap
EXCLUDE USING gist (counsellor_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
WHERE (status NOT IN ('cancelled_late', 'cancelled_by_client', 'cancelled_by_counsellor'));
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(CONSTRAINT)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE client_sessions_clientsession DROP CONSTRAINT sessions_no_overlap")


class Migration(migrations.Migration):
    dependencies = [("client_sessions", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
