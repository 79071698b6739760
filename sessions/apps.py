from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    # For ever: Django's own web sessions have the label "sessions".
    label = "client_sessions"
