from django.urls import path

from sessions import views

app_name = "sessions"
urlpatterns = [
    path("", views.week, name="week"),
    path("book/", views.book, name="book"),
    path("<uuid:session_id>/", views.detail, name="detail"),
    path("<uuid:session_id>/move/", views.move, name="move"),
    path("<uuid:session_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:session_id>/outcome/", views.outcome, name="outcome"),
]
