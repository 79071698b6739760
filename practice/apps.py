from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self) -> None:
        from practice import mail, panels, today

        mail.register_kinds()
        panels.register("today", "practice", 90, today.practice_panel)
