"""The page on which a counsellor makes their calendar feed, and the feed itself."""

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from practice.guards import StaffRequest, may, reconfirmed, unreferred
from practice.roles import Permission
from practice.slow import slows_wrong_tokens
from sessions import feeds
from sessions.feed_forms import FeedForm

PLAIN = "text/plain; charset=utf-8"


@may(Permission.CLIENT_READ)
@reconfirmed
@require_http_methods(["GET", "HEAD", "POST"])
def feed_settings(request: StaffRequest) -> HttpResponse:
    """Say what the feed is, and make it: its address stands on the answer, once, and nowhere else."""
    feed, address = feeds.open_feed(request.user), ""
    form = FeedForm(request.POST or None, initial={"naming": feed.naming} if feed else {})
    if request.method == "POST" and form.is_valid():
        feed, token = feeds.make_feed(actor=request.user, naming=form.cleaned_data["naming"])
        address = feeds.address_of(token)
    # With its “s”, so that the token never goes over a line that others can read.
    context = {"form": form, "feed": feed, "address": address, "webcal": address.replace("http", "webcal", 1)}
    return render(request, "sessions/feed_settings.html", context, status=422 if form.errors else 200)


@may(Permission.CLIENT_READ)
@require_POST
@reconfirmed
def feed_revoke(request: StaffRequest) -> HttpResponse:
    """Close the feed."""
    feed = feeds.open_feed(request.user)
    if feed is not None:
        feeds.revoke_feed(actor=request.user, feed=feed)
        messages.success(request, "The feed is closed. Its address opens nothing any more.")
    return redirect("sessions:feed_settings")


# So that a post is told that there is none here, rather than asked for a token of a form.
@login_not_required
@unreferred
@slows_wrong_tokens
@csrf_exempt
@require_safe
def feed(request: HttpRequest, token: str) -> HttpResponse:
    """Give the feed to a calendar program. The token is the permission."""
    try:
        issue = feeds.read_feed(feeds.resolve(token))
    except feeds.FeedUnknown:
        return HttpResponse("There is no calendar at this address.\n", status=404, content_type=PLAIN)
    except feeds.FeedGone:
        return HttpResponse("This calendar has been closed.\n", status=410, content_type=PLAIN)
    response = HttpResponse(issue.content, content_type="text/calendar; charset=utf-8")
    last_modified = int(issue.changed_at.timestamp())
    # Kept by whoever reads it, and asked about each time: without a copy there would be nothing to compare with.
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["ETag"] = issue.etag
    response.headers["Last-Modified"] = http_date(last_modified)
    response.headers["Content-Disposition"] = 'inline; filename="appointments.ics"'
    return get_conditional_response(request, issue.etag, last_modified, response) or response
