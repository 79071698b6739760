"""The audit trail is append-only by every path: the database itself refuses to change, delete or empty it.

A row is taken only with the number after the head's and takes the head along, which moves by one at a time and never back. The
database's owner can drop these triggers; what they do then, `audit_verify` finds.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

ENTRY, HEAD = "practice_auditentry", "practice_audithead"
STAYS = "a row of the audit trail stays as it is"
NEXT = "a row of the audit trail bears the next number"
ONWARD = "the head of the audit trail moves on by one"
NOT_ONWARD = "NEW.id <> OLD.id OR NEW.number <> OLD.number + 1"

# name: (moment, condition, what then)
SQLITE = {
    "practice_trail_update": (f"BEFORE UPDATE ON {ENTRY}", "1", f"SELECT RAISE(ABORT, '{STAYS}')"),
    "practice_trail_delete": (f"BEFORE DELETE ON {ENTRY}", "1", f"SELECT RAISE(ABORT, '{STAYS}')"),
    "practice_trail_next": (
        f"BEFORE INSERT ON {ENTRY}",
        f"NEW.id <> NEW.number OR NEW.number IS NOT (SELECT number + 1 FROM {HEAD})",
        f"SELECT RAISE(ABORT, '{NEXT}')",
    ),
    "practice_trail_onward": (
        f"AFTER INSERT ON {ENTRY}",
        "1",
        f"UPDATE {HEAD} SET number = NEW.number, mac = NEW.mac",
    ),
    "practice_head_onward": (f"BEFORE UPDATE ON {HEAD}", NOT_ONWARD, f"SELECT RAISE(ABORT, '{ONWARD}')"),
    "practice_head_delete": (f"BEFORE DELETE ON {HEAD}", "1", f"SELECT RAISE(ABORT, '{ONWARD}')"),
}

REFUSAL = "USING ERRCODE = 'integrity_constraint_violation'"
POSTGRES = f"""
CREATE FUNCTION practice_trail_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '%', TG_ARGV[0] {REFUSAL}; END $$;
CREATE FUNCTION practice_trail_next() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE {HEAD} SET number = NEW.number, mac = NEW.mac WHERE number + 1 = NEW.number AND NEW.id = NEW.number;
    IF NOT FOUND THEN RAISE EXCEPTION '{NEXT}' {REFUSAL}; END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION practice_lock_head() RETURNS SETOF {HEAD} LANGUAGE plpgsql AS $$
BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    SET CONSTRAINTS ALL DEFERRED;
    RETURN QUERY SELECT * FROM {HEAD} FOR UPDATE;
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
DROP FUNCTION practice_lock_head();
"""


def add(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES, params=None)
        return
    for name, (moment, condition, deed) in SQLITE.items():
        schema_editor.execute(f"CREATE TRIGGER {name} {moment} WHEN {condition} BEGIN {deed}; END", params=None)


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(POSTGRES_UNDO, params=None)
        return
    for name in SQLITE:
        schema_editor.execute(f"DROP TRIGGER {name}", params=None)


class Migration(migrations.Migration):
    dependencies = [("practice", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
