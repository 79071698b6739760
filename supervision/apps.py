from django.apps import AppConfig


class SupervisionConfig(AppConfig):
    name = "supervision"
    label = "supervision"

    def ready(self) -> None:
        """Show packs and newly received clients on Today, hand-overs in a timeline, and count caseloads for members."""
        from clients import handing_over, timeline
        from practice.members import register_caseloads
        from practice.panels import register
        from supervision import panels

        register("today", "received", 5, panels.received_panel)
        register("today", "left_behind", 6, panels.left_behind_panel)
        register("today", "packs", 60, panels.today_panel)
        timeline.register("hand_overs", panels.hand_overs)
        register_caseloads("clients", handing_over.caseloads)
