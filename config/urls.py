"""All addresses; each room keeps its own list."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import TemplateView

handler400 = "practice.errors.bad_request"
handler404 = "clients.link_pages.not_found"
urlpatterns = [
    path("", include("practice.urls")),
    path("", include("clients.urls")),
    path("", include("sessions.urls")),
    path("", include("exercises.urls")),
    path("notes/", include("notes.urls")),
    path("supervision/", include("supervision.urls")),
    path("accounts/", include("practice.account_urls")),
    path(
        "robots.txt",
        login_not_required(TemplateView.as_view(template_name="robots.txt", content_type="text/plain; charset=utf-8")),
        name="robots",
    ),
]
