from django.apps import AppConfig


class PracticeConfig(AppConfig):
    name = "practice"

    def ready(self) -> None:
        from django.contrib.auth import user_logged_in

        from practice import factors, idle, kept_pages, mail, panels, today
        from vault.inventory import also_check

        mail.register_kinds()
        also_check(factors.sealed_factors)
        user_logged_in.connect(idle.begin)
        panels.register("today", "words", 5, kept_pages.today_panel)
        panels.register("today", "practice", 90, today.practice_panel)
