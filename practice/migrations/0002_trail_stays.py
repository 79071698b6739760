"""The audit trail is append-only by every path: the database itself refuses to change, delete or empty it.

A row is taken only with the number after the head's, and the head moves by one at a time and never back. A superuser of
the database can drop these triggers; what they do then, `audit_verify` finds.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ENTRY, HEAD = "practice_auditentry", "practice_audithead"
STAYS = "a row of the audit trail stays as it is"
NEXT = "a row of the audit trail bears the next number"
ONWARD = "the head of the audit trail moves on by one"

NOT_NEXT = f"NEW.id <> NEW.number OR NEW.number IS DISTINCT FROM (SELECT number + 1 FROM {HEAD})"
NOT_ONWARD = "NEW.id <> OLD.id OR NEW.number <> OLD.number + 1"

# name: (event, table, condition, words)
SQLITE_TRIGGERS = {
    "practice_trail_update": ("UPDATE", ENTRY, "1", STAYS),
    "practice_trail_delete": ("DELETE", ENTRY, "1", STAYS),
    "practice_trail_insert": ("INSERT", ENTRY, NOT_NEXT.replace("IS DISTINCT FROM", "IS NOT"), NEXT),
    "practice_head_update": ("UPDATE", HEAD, NOT_ONWARD, ONWARD),
    "practice_head_delete": ("DELETE", HEAD, "1", ONWARD),
}
SQLITE = [
    f"CREATE TRIGGER {name} BEFORE {event} ON {table} WHEN {condition} BEGIN SELECT RAISE(ABORT, '{words}'); END"
    for name, (event, table, condition, words) in SQLITE_TRIGGERS.items()
]

REFUSAL = "USING ERRCODE = 'integrity_constraint_violation'"
POSTGRES = f"""
CREATE FUNCTION practice_trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] {REFUSAL}; END $$;
CREATE FUNCTION practice_trail_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF {NOT_NEXT} THEN RAISE EXCEPTION '{NEXT}' {REFUSAL}; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER practice_trail_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {ENTRY}
FOR EACH STATEMENT EXECUTE FUNCTION practice_trail_refuse('{STAYS}');
CREATE TRIGGER practice_trail_next BEFORE INSERT ON {ENTRY}
FOR EACH ROW EXECUTE FUNCTION practice_trail_next();
CREATE TRIGGER practice_head_stays BEFORE DELETE OR TRUNCATE ON {HEAD}
FOR EACH STATEMENT EXECUTE FUNCTION practice_trail_refuse('{ONWARD}');
CREATE TRIGGER practice_head_onward BEFORE UPDATE ON {HEAD}
FOR EACH ROW WHEN ({NOT_ONWARD}) EXECUTE FUNCTION practice_trail_refuse('{ONWARD}');
"""
POSTGRES_UNDO = f"""
DROP TRIGGER practice_trail_stays ON {ENTRY};
DROP TRIGGER practice_trail_next ON {ENTRY};
DROP TRIGGER practice_head_stays ON {HEAD};
DROP TRIGGER practice_head_onward ON {HEAD};
DROP FUNCTION practice_trail_refuse();
DROP FUNCTION practice_trail_next();
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in [POSTGRES] if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement, params=None)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_UNDO, params=None)
    else:
        for name in SQLITE_TRIGGERS:
            schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("practice", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
