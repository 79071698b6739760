import pytest
from django.test import Client as Browser

from practice.models import User
from tests.factories import make_user


@pytest.fixture
def counsellor(client: Browser) -> User:
    """Return a counsellor who is signed in at `client`."""
    user = make_user()
    client.force_login(user)
    return user
