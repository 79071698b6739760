"""What has to be so before anything starts; each refusal is one line that says what to do."""

import resource
import sys

from django.conf import settings

from vault.startup import check_ring_or_exit


def check_or_exit() -> None:
    """Refuse to serve pages or to send mail with a key that everybody knows, or with the wrong master keys."""
    leave_no_core()
    check_key_or_exit()
    check_ring_or_exit()


def leave_no_core() -> None:
    """Let a process that crashes write no image of its memory, in which there are keys and opened texts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def check_key_or_exit() -> None:
    """Refuse the placeholder for SECRET_KEY, which signs cookies that anybody could make."""
    if settings.SECRET_KEY == settings.PLACEHOLDER_KEY:
        sys.exit("Beside does not start: SECRET_KEY is not set: run `manage.py prepare` first, or `make run`.")


def check_mail_server_or_exit() -> None:
    """Refuse to run without EMAIL_URL outside the demo: the local mailbox would keep clients' mail, sent to nobody."""
    if not settings.DEMO and settings.EMAIL_URL == settings.LOCAL_MAILBOX_URL:
        sys.exit("Beside does not start: EMAIL_URL is not set: name the mail server through which clients' mail goes.")
