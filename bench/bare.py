"""The peer of a page with rows: the same middleware, one query, a plain table of as many rows, nothing sealed."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import include, path

from clients.models import Client
from sessions.models import ClientSession


def bare(request: HttpRequest) -> HttpResponse:
    """Show reference, state and mail rule of every client of the viewer."""
    mine = Client.unscoped.filter(counsellor_id=request.user.pk)  # no viewer: the peer stands outside the house
    columns = ("reference", "state", "may_email", "admitted_at")
    return render(request, "bare.html", {"rows": mine.values(*columns)})


def bare_week(request: HttpRequest) -> HttpResponse:
    """Show start, end, status and client's reference of every session of the viewer."""
    mine = ClientSession.unscoped.filter(counsellor_id=request.user.pk)  # no viewer: the peer stands outside the house
    columns = ("starts_at", "ends_at", "status", "client__reference")
    return render(request, "bare_week.html", {"rows": mine.order_by("starts_at").values(*columns)})


urlpatterns = [path("bench/bare/", bare), path("bench/bare-week/", bare_week), path("", include("config.urls"))]
