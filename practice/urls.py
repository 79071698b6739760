from django.urls import path

from practice import health
from practice.views import mail, members, settings, today, trail

app_name = "practice"
urlpatterns = [
    path("", today.today, name="today"),
    path("practice/", settings.settings, name="settings"),
    path("practice/members/", members.members, name="members"),
    path("practice/members/invite/", members.member_invite, name="member_invite"),
    path("practice/join/<str:token>/", members.join, name="join"),
    path("practice/audit/", trail.audit, name="audit"),
    path("practice/mail/", mail.mail, name="mail"),
    path("practice/mail/resume/", mail.mail_resume, name="mail_resume"),
    path("practice/mail/<uuid:message_id>/release/", mail.mail_release, name="mail_release"),
    path("practice/mail/<uuid:message_id>/drop/", mail.mail_drop, name="mail_drop"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # Pages of allauth that make no sense here; these lines stand before its own.
    path("accounts/email/", today.closed),
    path("accounts/confirm-email/<path:rest>", today.closed),
    path("accounts/password/set/", today.closed),
    path("accounts/login/code/confirm/", today.closed),
]
