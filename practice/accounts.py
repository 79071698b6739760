"""Sign-in, by django-allauth, in our terms."""

from allauth.account.adapter import DefaultAccountAdapter


class AccountAdapter(DefaultAccountAdapter):
    """Sign-up is closed: members come by invitation."""
