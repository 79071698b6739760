"""Where a notice waits for the next page: in a signed cookie, never in the clear in the database."""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage


class NoticeCookie(CookieStorage):
    """Django's cookie under a name that no other host can set (`__Host-`, where there is TLS)."""

    cookie_name = f"{settings.COOKIE_PREFIX}notices"
