from django.urls import path

from notes import views

app_name = "notes"

urlpatterns = [
    path("session/<uuid:pk>/", views.write, name="write"),
    path("<uuid:pk>/", views.detail, name="detail"),
    path("<uuid:pk>/sign/", views.sign, name="sign"),
    path("<uuid:pk>/supervision/", views.flag, name="flag"),
]
