from django.apps import AppConfig


class ClientsConfig(AppConfig):
    name = "clients"
    label = "clients"

    def ready(self) -> None:
        """Show requests to erase on Today, and say for kept words who reads which client."""
        from clients import panels, selectors
        from practice import keeping
        from practice.panels import register

        register("today", "erasures", 95, panels.erasures_panel)
        keeping.register_reads("clients", selectors.reads)
