from django.apps import AppConfig


class ExercisesConfig(AppConfig):
    name = "exercises"
    label = "exercises"

    def ready(self) -> None:
        """Make the mail known to the outbox, and show exercises on pages of the rooms below."""
        from clients import timeline
        from exercises import mail, panels, previews, today
        from practice.panels import register

        mail.register_kind()
        previews.register_kind()
        register("today", "exercises", 20, today.today_panel)
        register("client", "exercises", 20, panels.client_panel)
        register("session", "exercises", 20, panels.session_panel)
        timeline.register("exercises", panels.timeline)
