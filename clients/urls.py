from django.urls import path

from clients import erasure_pages, views

app_name = "clients"
urlpatterns = [
    path("clients/", views.caseload_page, name="list"),
    path("clients/new/", views.admit, name="admit"),
    path("clients/<uuid:pk>/", views.record, name="record"),
    path("clients/<uuid:pk>/edit/", views.edit, name="edit"),
    path("clients/<uuid:pk>/hold/", erasure_pages.hold, name="hold"),
    path("clients/<uuid:pk>/hold/lift/", erasure_pages.hold_lift, name="hold_lift"),
    path("clients/<uuid:pk>/erase/", erasure_pages.erase, name="erase"),
    path("clients/<uuid:pk>/erase/ask/", erasure_pages.erase_ask, name="erase_ask"),
    path("clients/<uuid:pk>/erase/decline/", erasure_pages.erase_decline, name="erase_decline"),
    path("practice/erased/", erasure_pages.erased, name="erased"),
    path("practice/erased/<uuid:pk>/", erasure_pages.certificate, name="certificate"),
]
