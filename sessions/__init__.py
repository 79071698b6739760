"""The diary: sessions and their reminders."""
