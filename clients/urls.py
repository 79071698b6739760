from django.urls import path

from clients import views

app_name = "clients"
urlpatterns = [
    path("clients/", views.caseload_page, name="list"),
    path("clients/new/", views.admit, name="admit"),
    path("clients/<uuid:pk>/", views.record, name="record"),
    path("clients/<uuid:pk>/edit/", views.edit, name="edit"),
    path("m/<str:token>/", views.mail_choices, name="mail_choices"),
]
