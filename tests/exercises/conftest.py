"""A browser in which nobody has signed in."""

import pytest
from django.test import Client as Browser


@pytest.fixture
def browser() -> Browser:
    """Return a stranger's browser; a view that wanted a CSRF token would refuse it."""
    return Browser(enforce_csrf_checks=True)
