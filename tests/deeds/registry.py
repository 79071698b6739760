"""Where a service enters a deed that it really does."""

from collections.abc import Callable

from django.db import transaction

Deed = Callable[[], object]
DEEDS: dict[str, Callable[[], Deed]] = {}


def deed(service: str) -> Callable[[Callable[[], Deed]], Callable[[], Deed]]:
    """Enter a function that arranges a service's deed and returns it."""

    def enter(arrange: Callable[[], Deed]) -> Callable[[], Deed]:
        DEEDS[service] = arrange
        return arrange

    return enter


def inside_a_view(service: Callable[..., object], **values: object) -> object:
    """Do what writes nothing but its row, and leaves the transaction to its caller."""
    with transaction.atomic():
        return service(**values)
