"""Pages: Today and the caseload at 10 and 500 clients, beside a bare page of as many plain rows in the same frame."""

from datetime import timedelta
from typing import Any

from bench.ground import Figure, hand_over, side_by_side, start

SIZES, ROUNDS = (10, 500), 15


def fill(counsellor: Any, clients: int) -> None:
    """Give a counsellor so many clients, each with a session near today; bulk inserts."""
    from django.utils import timezone

    from clients.models import Client
    from sessions.models import ClientSession
    from vault.services import create_data_key

    now = timezone.now()
    rows = [
        Client(
            reference=f"C-{counsellor.pk.hex[:4]}{number:04d}", counsellor=counsellor, name=f"Marigold {number}",
            email=f"marigold{number}@example.org", may_email=Client.MayEmail.YES,
        )
        for number in range(clients)
    ]  # fmt: skip
    for row in rows:
        create_data_key(row.pk)
    Client.unscoped.bulk_create(rows)
    ClientSession.unscoped.bulk_create(
        ClientSession(
            client=row, counsellor=counsellor, starts_at=(begin := now + timedelta(hours=number - clients // 2)),
            ends_at=begin + timedelta(minutes=50),
        )
        for number, row in enumerate(rows)
    )  # fmt: skip


def _measured(size: int) -> list[Figure]:
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from tests.factories import make_user

    counsellor = make_user()
    fill(counsellor, size)
    browser = Browser(SERVER_NAME="localhost")
    browser.force_login(counsellor)
    pages = {"Today": reverse("practice:today"), "Caseload": reverse("clients:list"), "": "/bench/bare/"}
    queries = {}
    for name, url in pages.items():
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200, url
        queries[name] = len(captured)
        with CaptureQueriesContext(connection) as captured:  # once more, warm
            browser.get(url)
        queries[name] = len(captured)
    times = dict(
        zip(pages, side_by_side(ROUNDS, *[lambda url=url: browser.get(url) for url in pages.values()]), strict=True)
    )
    bare = f"{times[''] * 1000:.1f} ms, {queries['']} queries"
    return [
        Figure(
            "pages", f"{name} at {size} clients, beside a bare page of {size} rows",
            f"{times[name] * 1000:.1f} ms, {queries[name]} queries", bare, f"{times[name] / times['']:.1f}×",
        )
        for name in ("Today", "Caseload")
    ]  # fmt: skip


if __name__ == "__main__":
    start()
    hand_over([figure for size in SIZES for figure in _measured(size)])
