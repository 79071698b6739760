import threading

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """No models, no pages: listed so that commands which need every room have a home (ADR 0006)."""

    name = "config"

    def ready(self) -> None:
        from practice.logs import log_broken_thread

        threading.excepthook = log_broken_thread
