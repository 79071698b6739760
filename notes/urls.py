from django.urls import path

from notes.views import files, notes

app_name = "notes"

urlpatterns = [
    path("session/<uuid:pk>/", notes.write, name="write"),
    path("<uuid:pk>/", notes.detail, name="detail"),
    path("<uuid:pk>/sign/", notes.sign, name="sign"),
    path("<uuid:pk>/supervision/", notes.flag, name="flag"),
    path("files/<uuid:client_id>/add/", files.add, name="file_add"),
    path("files/<uuid:pk>/", files.download, name="file"),
    path("files/<uuid:pk>/remove/", files.remove, name="file_remove"),
]
