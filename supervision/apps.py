from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    label = "supervision"

    def ready(self) -> None:
        """Show released packs on Today."""
        from practice.panels import register
        from supervision.panels import today_panel

        register("today", "packs", 60, today_panel)
