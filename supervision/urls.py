from django.urls import path

from supervision import views

app_name = "supervision"

urlpatterns = [
    path("", views.agenda, name="agenda"),
    path("prepare/", views.prepare, name="prepare"),
    path("packs/", views.packs, name="packs"),
    path("packs/<uuid:pk>/", views.pack, name="pack"),
    path("packs/<uuid:pk>/release/", views.release, name="release"),
    path("packs/<uuid:pk>/discard/", views.discard, name="discard"),
    path("packs/<uuid:pk>/export/", views.export, name="export"),
    path("items/<uuid:pk>/", views.change, name="change"),
    path("items/<uuid:pk>/remove/", views.remove, name="remove"),
]
