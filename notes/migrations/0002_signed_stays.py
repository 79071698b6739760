"""A signed note is read-only by every path: the database itself refuses to change its words or take back the signature.

Flagging it for supervision stays possible, and so does deleting the row: the law may ask for erasure.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

COLUMNS = ("id", "session_id", "client_id", "author_id", "text", "state", "signed_at", "created_at", "updated_at")

SQLITE_CHANGED = " OR ".join(f"NEW.{name} IS NOT OLD.{name}" for name in COLUMNS)
SQLITE = f"""
CREATE TRIGGER notes_signed_stays BEFORE UPDATE ON notes_note
WHEN OLD.state = 'signed' AND ({SQLITE_CHANGED})
BEGIN SELECT RAISE(ABORT, 'a signed note is read-only'); END
"""

POSTGRES_CHANGED = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in COLUMNS)
POSTGRES = f"""
CREATE FUNCTION notes_signed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'a signed note is read-only' USING ERRCODE = 'integrity_constraint_violation'; END $$;
CREATE TRIGGER notes_signed_stays BEFORE UPDATE ON notes_note FOR EACH ROW
WHEN (OLD.state = 'signed' AND ({POSTGRES_CHANGED})) EXECUTE FUNCTION notes_signed_stays();
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    schema_editor.execute(POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE, params=None)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("DROP TRIGGER notes_signed_stays ON notes_note")
        schema_editor.execute("DROP FUNCTION notes_signed_stays()")
    else:
        schema_editor.execute("DROP TRIGGER notes_signed_stays")


class Migration(migrations.Migration):
    dependencies = [("notes", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
