import logging
import sys
import threading

from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """No models, no pages: listed so that commands which need every room have a home (ADR 0006)."""

    name = "config"

    def ready(self) -> None:
        from practice.logs import log_broken_thread, log_unraisable

        threading.excepthook = log_broken_thread
        if sys.unraisablehook is sys.__unraisablehook__:  # not a test runner's
            sys.unraisablehook = log_unraisable
        logging.captureWarnings(True)
