"""The peer of a page with rows: the same middleware, one query, a plain table of as many rows, nothing sealed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from clients.models import Client


def bare(request: HttpRequest) -> HttpResponse:
    """Show reference, state and mail rule of every client of the viewer."""
    mine = Client.unscoped.filter(counsellor_id=request.user.pk)  # no viewer: the peer stands outside the house
    columns = ("reference", "state", "may_email", "admitted_at")
    return render(request, "bare.html", {"rows": mine.values(*columns)})


urlpatterns = [path("bench/bare/", bare), path("", include("config.urls"))]
