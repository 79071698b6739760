from django.apps import AppConfig


class SessionsConfig(AppConfig):
    name = "sessions"
    # For ever: Django's own web sessions have the label "sessions".
    label = "client_sessions"

    def ready(self) -> None:
        """Make the reminder known to the outbox, and show sessions on pages of the rooms below."""
        from clients import span, timeline
        from outbox.kinds import register as register_kind
        from practice.members import register_closer
        from practice.panels import register
        from sessions import feeds, mail, panels, reply_mail, reply_panels, selectors, series_mail

        register_closer("feeds", feeds.close_feeds)
        register_kind(mail.SESSION_REMINDER)
        register_kind(mail.SESSION_NOTICE)
        register_kind(reply_mail.CLIENT_REPLY_MAIL)
        register("today", "replies", 5, reply_panels.today_panel)
        register("session", "replies", 5, reply_panels.session_panel)
        register("client", "replies", 5, reply_panels.client_panel)
        register_kind(series_mail.SERIES_NOTICE_KIND)
        register("today", "sessions", 10, panels.today_panel)
        register("today", "missed reminders", 5, panels.missed_panel)
        register("today", "gaps", 15, panels.gap_panel)
        register("today", "coming", 90, panels.coming_panel)
        register("client", "sessions", 10, panels.client_panel)
        timeline.register("sessions", panels.timeline)
        span.register(selectors.span_with)
