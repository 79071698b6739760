"""What page tests of the diary share."""

from typing import Any

from django.contrib.messages import get_messages


def told(response: Any) -> list[str]:
    """Return the messages that the next page will show."""
    return [str(message) for message in get_messages(response.wsgi_request)]
