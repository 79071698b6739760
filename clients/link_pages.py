"""What a client sees behind a link that leads nowhere (any more). Shared by every room with client pages."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.defaults import page_not_found

from clients.links import LinkExpired, LinkUnknown
from practice.crisis import Crisis, help_lines
from practice.models import Practice

# What each link in a mail begins with.
LINKS = ("/x/", "/m/", "/s/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Return 404: to whoever follows a link that was cut off or has grown on the way, the page that clients know."""
    if not request.path_info.startswith(LINKS) or not Practice.objects.exists():
        return page_not_found(request, exception)
    response = link_gone(request, LinkUnknown())
    response.headers["Referrer-Policy"] = "no-referrer"  # there may be a whole token in the address
    return response


def link_gone(request: HttpRequest, error: LinkUnknown | LinkExpired) -> HttpResponse:
    """Return the page for a link that is unknown (404) or has run out (410); it says nothing of whose it was."""
    if isinstance(error, LinkExpired):
        return render(request, "clients/link_expired.html", for_client(), status=410)
    return render(request, "clients/link_unknown.html", for_client(), status=404)


def for_client() -> dict[str, str | Crisis]:
    """Return what each client page needs: how to reach the practice, and the help lines (`crisis`).

    Raise Http404 before there is a practice.
    """
    practice = Practice.objects.first()
    if practice is None:
        raise Http404
    return {"contact_line": practice.contact_line, "crisis": help_lines(practice.nation)}
