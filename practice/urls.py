from django.urls import path

from practice import health, views

app_name = "practice"
urlpatterns = [
    path("", views.today, name="today"),
    path("practice/", views.settings, name="settings"),
    path("practice/members/", views.members, name="members"),
    path("practice/members/invite/", views.member_invite, name="member_invite"),
    path("practice/join/<str:token>/", views.join, name="join"),
    path("practice/audit/", views.audit, name="audit"),
    path("practice/mail/", views.mail, name="mail"),
    path("practice/mail/resume/", views.mail_resume, name="mail_resume"),
    path("practice/mail/<uuid:message_id>/release/", views.mail_release, name="mail_release"),
    path("practice/mail/<uuid:message_id>/drop/", views.mail_drop, name="mail_drop"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    # Pages of allauth that make no sense here; these lines stand before its own.
    path("accounts/email/", views.closed),
    path("accounts/confirm-email/<path:rest>", views.closed),
    path("accounts/password/set/", views.closed),
    path("accounts/login/code/confirm/", views.closed),
]
