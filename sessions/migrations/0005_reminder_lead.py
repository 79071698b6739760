from datetime import timedelta
from typing import Any

from django.db import migrations


def take_over(apps: Any, schema_editor: Any) -> None:
    """Let a practice that reminded at another time than a day before keep it, as its one rule."""
    practice = apps.get_model("practice", "Practice").objects.first()
    if practice is None or practice.reminder_lead == timedelta(hours=24):
        return
    minutes = int(practice.reminder_lead.total_seconds()) // 60
    rule = f"{minutes}m" if minutes % 60 else f"{minutes // 60}h"
    apps.get_model("client_sessions", "ReminderSet").objects.create(rules=[rule])


class Migration(migrations.Migration):
    """The practice's lead becomes its rule of reminding, before the column goes (practice 0003)."""

    dependencies = [("client_sessions", "0004_feed_issue"), ("practice", "0002_trail_stays")]
    run_before = [("practice", "0003_reminder_lead_goes")]

    operations = [migrations.RunPython(take_over, migrations.RunPython.noop)]
