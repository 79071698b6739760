"""The sealed secrets of second factors, which stand in a table of django-allauth's: for `vault_check`."""

from collections.abc import Iterator
from functools import partial

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import decrypt

from vault.inventory import Sealed

# What django-allauth hands to its adapter to be sealed.
NAMES = ("secret", "seed", "migrated_codes")


def sealed_factors() -> Iterator[Sealed]:
    """Yield each sealed secret of each second factor."""
    table = Authenticator._meta.db_table
    for factor in Authenticator.objects.order_by("pk").iterator(chunk_size=200):
        for name in NAMES:
            held = factor.data.get(name)
            for text in held if isinstance(held, list) else [held]:
                if text is not None:
                    yield Sealed(table, f"data.{name}", str(factor.pk), partial(decrypt, str(text)))
