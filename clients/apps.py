from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    label = "clients"

    def ready(self) -> None:
        """Show requests to erase on Today."""
        from clients import panels
        from practice.panels import register

        register("today", "erasures", 95, panels.erasures_panel)
