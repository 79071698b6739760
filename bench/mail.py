"""Mail: the outbox beside a bare loop over Django's EmailMessage on one connection, and the cost of an empty tick."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import uuid4

from bench import races
from bench.ground import Figure, hand_over, side_by_side, start

MAILS, ROUNDS, OLD_ROWS, TICKS = 400, 3, 200_000, 60
TEXT = "Hello Marigold,\n\n" + "a line of what a reminder says, no more and no less.\n" * 20
HTML = "<html><body>" + "<p>a line of what a reminder says, no more and no less.</p>\n" * 20 + "</body></html>"
# As the outbox writes them, so that both sides build the same mail.
HEADERS = {
    "Message-ID": "<6f1c0a5e-52b2-4b0e-9c58-000000000000@beside.test>",
    "X-Entity-Ref-ID": "6f1c0a5e-52b2-4b0e-9c58-000000000000",
    "Auto-Submitted": "auto-generated",
    "X-Auto-Response-Suppress": "All",
}
ENDLESS = timedelta(minutes=10)


@contextmanager
def sink() -> Iterator[int]:
    """Run the mail server in a process of its own and yield its port."""
    command = [sys.executable, "-m", "bench.sink"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        assert server.stdin is not None
        yield int(server.stdout.readline())
        server.stdin.close()
        server.wait(10)


def bare_loop(port: int) -> Callable[[], None]:
    """Return the peer: build and send each mail, one after the other, nothing kept."""
    from django.core.mail import EmailMultiAlternatives
    from django.core.mail.backends.smtp import EmailBackend

    def send() -> None:
        backend = EmailBackend(host="127.0.0.1", port=port, username="", password="", use_tls=False, use_ssl=False)
        backend.open()
        for _ in range(MAILS):
            mail = EmailMultiAlternatives(
                "A reminder", TEXT, "Beside <hello@beside.test>", ["marigold@example.org"],
                connection=backend, headers=dict(HEADERS),
            )  # fmt: skip
            mail.attach_alternative(HTML, "text/html")
            mail.send()
        backend.close()

    return send


def plan_mails(count: int) -> None:
    """Make so many due rows of one owner."""
    from django.utils import timezone

    from outbox.models import Message
    from vault.services import create_data_key

    owner_id, now = uuid4(), timezone.now()
    create_data_key(owner_id)
    Message.objects.bulk_create(
        [
            Message(
                kind="bench",
                subject_id=uuid4(),
                owner_id=owner_id,
                reference="C-0001",
                key=f"bench:{uuid4()}:once:1",
                due_at=now,
                expires_at=now + timedelta(days=1),
            )
            for _ in range(count)
        ]  # fmt: skip
    )


def _throughput(database: str, port: int) -> list[Figure]:
    from django.conf import settings

    from outbox import kinds
    from outbox.sender import send_due

    kinds.register(
        kinds.Kind("bench", "Bench", lambda message: kinds.Mail("marigold@example.org", "A reminder", TEXT, HTML))
    )
    settings.EMAIL_URL = f"smtp://127.0.0.1:{port}"
    left: list[int] = []

    def outbox() -> None:
        left.append(send_due(ENDLESS).sent)

    bare = bare_loop(port)
    bare()
    plan_mails(MAILS * ROUNDS)  # a table with some rows in it, as in use
    send_due(ENDLESS)
    times: list[list[float]] = [[], []]
    for _ in range(ROUNDS):
        plan_mails(MAILS)
        for kept, taken in zip(times, side_by_side(1, outbox, bare), strict=True):
            kept.append(taken)
    assert left == [MAILS] * ROUNDS, left
    ours, peer = (MAILS / sorted(each)[ROUNDS // 2] for each in times)
    what = "mails per second: the outbox, beside EmailMessage.send() on one open connection"
    return [Figure(f"mail, {database}", what, f"{ours:.0f}/s", f"{peer:.0f}/s", f"{ours / peer:.2f}×")]


def _empty_tick(database: str) -> Figure:
    from django.db import connection

    from outbox.models import Message
    from outbox.sender import send_due

    def ticks() -> None:
        for _ in range(TICKS):
            send_due()

    Message.objects.all().delete()
    ticks()
    before = min(side_by_side(5, ticks))
    add_old_rows(OLD_ROWS)
    if connection.vendor == "postgresql":  # what its autovacuum does; SQLite does it only when it is told to
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE outbox_message")
    ticks()
    after = min(side_by_side(5, ticks))
    ours, peer = after / TICKS * 1000, before / TICKS * 1000
    what = f"an empty tick with {OLD_ROWS:,} sent rows, beside one with none"
    return Figure(f"mail, {database}", what, f"{ours:.2f} ms", f"{peer:.2f} ms", f"{ours / peer:.2f}×")


def add_old_rows(count: int) -> None:
    """Fill the table with mail sent over the past years, in one statement."""
    from django.db import connection

    is_sqlite = connection.vendor == "sqlite"
    uuid = "lower(hex(randomblob(16)))" if is_sqlite else "gen_random_uuid()"
    moment = (
        "strftime('%Y-%m-%d %H:%M:%S', 'now', '-' || n || ' minutes')"
        if is_sqlite
        else "now() - n * interval '1 minute'"
    )
    values: dict[str, Any] = {
        "id": uuid, "kind": "'bench'", "subject_id": uuid, "owner_id": uuid, "reference": "''", "key": "'old:' || n",
        "state": "'sent'", "due_at": moment, "expires_at": moment, "sent_at": moment, "dispatched_at": moment,
        "attempts": "1", "resends": "0", "smtp_reply": "'250 OK'", "reason": "''", "created_at": moment,
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(
            f"WITH RECURSIVE rows(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM rows WHERE n < {count})"
            f" INSERT INTO outbox_message ({', '.join(values)}) SELECT {', '.join(values.values())} FROM rows"
        )


if __name__ == "__main__":
    name = start()
    with sink() as mail_port:
        figures = _throughput(name, mail_port)
    hand_over([*figures, races.measure(name), _empty_tick(name)])
