from django.apps import AppConfig


class NotesConfig(AppConfig):
    name = "notes"
    label = "notes"

    def ready(self) -> None:
        """Show notes on pages of the rooms below."""
        from clients import timeline
        from notes import panels
        from practice.panels import register

        register("today", "notes", 30, panels.today_panel)
        register("session", "note", 10, panels.session_panel)
        register("client", "files", 30, panels.files_panel)
        timeline.register("notes", panels.timeline)
