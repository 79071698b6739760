"""Two windows send their words at the same moment: none is lost, and nothing breaks."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from practice import keeping
from practice.keeping import Sheet
from practice.models import KeptWords
from tests.factories import make_user
from vault.models import DataKey

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("pages", [["/one/", "/one/"], ["/one/", "/two/"]], ids=["one page", "two pages"])
def test_two_windows_keep_their_words_at_once(pages: list[str]) -> None:
    user = make_user()
    start = Barrier(2)

    def type_in(number: int) -> None:
        start.wait()
        try:
            keeping.keep(user=user, sheet=Sheet(pages[number], user.pk), words={f"field{number}": "Words."})
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(type_in, range(2)))

    kept = {(row.page, name) for row in KeptWords.objects.all() for name in row.words}
    assert kept == {(pages[0], "field0"), (pages[1], "field1")}
    assert DataKey.objects.filter(owner_id=user.pk).count() == 1
