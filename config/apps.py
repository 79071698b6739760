from django.apps import AppConfig


class ProjectConfig(AppConfig):
    """No models, no pages: listed so that commands which need every room have a home (ADR 0006)."""

    name = "config"
