"""`vault_check` opens the secrets of second factors, too."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import encrypt

from practice.models import User
from vault.inventory import Tally, check_values


@pytest.fixture
def tally(admin: User, counsellor: User) -> Tally:
    """Open everything there is before a factor is made, and return an empty tally."""
    assert list(check_values(Tally())) == []
    return Tally()


def opened(tally: Tally) -> list[str]:
    return [f"{trouble.table}.{trouble.column} {trouble.id}" for trouble in check_values(tally)]


def test_secrets_that_open_are_counted(admin: User, tally: Tally) -> None:
    Authenticator.objects.create(user=admin, type="totp", data={"secret": encrypt("a seed")})
    Authenticator.objects.create(
        user=admin, type="recovery_codes", data={"seed": encrypt("b"), "used_mask": 0, "migrated_codes": [encrypt("c")]}
    )
    Authenticator.objects.create(user=admin, type="webauthn", data={"name": "key", "credential": {}})

    assert opened(tally) == []
    assert tally.values == 3


@pytest.mark.parametrize("held", ["in the clear", "sealed:AAAA", "", 7])
def test_secret_that_does_not_open_is_named(held: object, counsellor: User, tally: Tally) -> None:
    row = Authenticator.objects.create(user=counsellor, type="totp", data={"secret": held})

    assert opened(tally) == [f"mfa_authenticator.data.secret {row.pk}"]
