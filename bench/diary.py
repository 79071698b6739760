"""The diary: a day, a week, a month, an agenda around 60 sessions, beside a bare page of the same rows."""

from datetime import datetime, timedelta
from typing import Any

from bench.ground import Figure, hand_over, side_by_side, start

SESSIONS, CLIENTS, ROUNDS = 60, 25, 21


def fill(counsellor: Any, monday: datetime, sessions: int) -> None:
    """Give a counsellor a week of so many sessions, with working hours and clients in turn."""
    from datetime import time

    from sessions.models import ClientSession, WorkingHours
    from tests.factories import make_client

    clients = [make_client(counsellor) for _ in range(min(CLIENTS, sessions))]
    hours = [WorkingHours(counsellor=counsellor, weekday=n, from_time=time(9), until_time=time(18)) for n in range(5)]
    WorkingHours.objects.bulk_create(hours)
    begins = [monday + timedelta(days=n % 6, hours=8 + n // 6) for n in range(sessions)]
    ClientSession.unscoped.bulk_create(
        ClientSession(
            client=clients[n % len(clients)], counsellor=counsellor, starts_at=at, ends_at=at + timedelta(minutes=50),
            buffer=timedelta(minutes=10), status=("booked", "confirmed", "attended")[n % 3],
        )
        for n, at in enumerate(begins)
    )  # fmt: skip


def _measured() -> list[Figure]:
    from django.db import connection
    from django.test import Client as Browser
    from django.test.utils import CaptureQueriesContext
    from django.urls import reverse

    from practice import clock
    from tests.factories import make_user

    monday = clock.today() - timedelta(days=clock.today().weekday())
    counsellor = make_user()
    fill(counsellor, clock.start_of(monday), SESSIONS)
    browser = Browser(SERVER_NAME="localhost")
    browser.force_login(counsellor)
    week = reverse("sessions:week")
    pages = {view.capitalize(): f"{week}?view={view}&day={monday}" for view in ("week", "day", "month", "agenda")}
    pages[""] = "/bench/bare-week/"
    queries = {}
    for name, url in pages.items():
        browser.get(url)
        with CaptureQueriesContext(connection) as captured:
            assert browser.get(url).status_code == 200, url
        queries[name] = len(captured)
    times = dict(
        zip(pages, side_by_side(ROUNDS, *[lambda url=url: browser.get(url) for url in pages.values()]), strict=True)
    )
    bare = f"{times[''] * 1000:.1f} ms, {queries['']} queries"
    return [
        Figure(
            "diary", f"{name} of a week with {SESSIONS} sessions, beside a bare page of the same rows",
            f"{times[name] * 1000:.1f} ms, {queries[name]} queries", bare, f"{times[name] / times['']:.1f}×",
        )
        for name in pages
        if name
    ]  # fmt: skip


if __name__ == "__main__":
    start()
    hand_over(_measured())
