from django.urls import path

from practice import health
from practice.views import keys, mail, members, settings, today, trail, words

app_name = "practice"
urlpatterns = [
    path("", today.today, name="today"),
    path("practice/", settings.settings, name="settings"),
    path("practice/members/", members.members, name="members"),
    path("practice/members/invite/", members.member_invite, name="member_invite"),
    path("practice/members/<uuid:pk>/role/", members.member_role, name="member_role"),
    path("practice/members/<uuid:pk>/leave/", members.member_leave, name="member_leave"),
    path("practice/members/<uuid:pk>/return/", members.member_return, name="member_return"),
    path("practice/members/<uuid:pk>/second-factor/", members.member_second_factor, name="member_second_factor"),
    path("practice/invitations/<uuid:pk>/revoke/", members.invitation_revoke, name="invitation_revoke"),
    path("practice/join/<str:token>/", members.join, name="join"),
    path("practice/audit/", trail.audit, name="audit"),
    path("practice/audit/export/", trail.audit_export, name="audit_export"),
    path("practice/here/", words.here, name="here"),
    path("practice/words/", words.words, name="words"),
    path("practice/words/<uuid:words_id>/", words.words_page, name="words_page"),
    path("practice/words/<uuid:words_id>/let-go/", words.words_let_go, name="words_let_go"),
    path("practice/keys/", keys.keys, name="keys"),
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
