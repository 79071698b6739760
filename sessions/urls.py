from django.urls import path

from sessions.views import sessions, week

app_name = "sessions"
urlpatterns = [
    path("", week.week, name="week"),
    path("book/", sessions.book, name="book"),
    path("<uuid:session_id>/", sessions.detail, name="detail"),
    path("<uuid:session_id>/move/", sessions.move, name="move"),
    path("<uuid:session_id>/cancel/", sessions.cancel, name="cancel"),
    path("<uuid:session_id>/outcome/", sessions.outcome, name="outcome"),
]
