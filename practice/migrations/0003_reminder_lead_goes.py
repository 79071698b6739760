from django.db import migrations


class Migration(migrations.Migration):
    """How long before a session its reminder leaves is a rule of the diary by now (client_sessions 0005)."""

    dependencies = [("practice", "0002_trail_stays")]

    operations = [migrations.RemoveField(model_name="practice", name="reminder_lead")]
