from django.urls import path

from supervision.views import handing_over, packs

app_name = "supervision"

urlpatterns = [
    path("", packs.agenda, name="agenda"),
    path("prepare/", packs.prepare, name="prepare"),
    path("packs/", packs.packs, name="packs"),
    path("packs/<uuid:pk>/", packs.pack, name="pack"),
    path("packs/<uuid:pk>/release/", packs.release, name="release"),
    path("packs/<uuid:pk>/discard/", packs.discard, name="discard"),
    path("packs/<uuid:pk>/export/", packs.export, name="export"),
    path("items/<uuid:pk>/", packs.change, name="change"),
    path("items/<uuid:pk>/remove/", packs.remove, name="remove"),
    path("hand-over/<uuid:pk>/", handing_over.hand_over, name="hand_over"),
    path("hand-over/of/<uuid:pk>/", handing_over.hand_over_all, name="hand_over_all"),
]
