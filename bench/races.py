"""Races: mails are dropped while four senders empty the outbox; what was confirmed as dropped must not leave."""

import random
import threading
import time
from uuid import UUID

from bench.ground import Figure
from tests.outbox.sink import Sink

MAILS, DROPS, DROPPERS = 1500, 1000, 3


def measure(database: str) -> Figure:
    """Return how many mails left although their drop had been confirmed, left twice, or never; the limit is none."""
    from django.conf import settings

    from bench.mail import ENDLESS, HTML, TEXT, plan_mails
    from outbox import kinds
    from outbox.models import Message
    from outbox.sender import send_due

    kinds.register(
        kinds.Kind("bench", "Bench", lambda row: kinds.Mail("marigold@example.org", str(row.subject_id), TEXT, HTML))
    )
    sink = Sink(delay=0.002).start()
    settings.EMAIL_URL = sink.url
    Message.objects.all().delete()
    plan_mails(MAILS)
    queue: list[UUID] = random.sample(list(Message.objects.values_list("subject_id", flat=True)), DROPS)
    dropped: set[str] = set()
    threads = [threading.Thread(target=_drop_all, args=(queue, dropped)) for _ in range(DROPPERS)]
    for thread in threads:
        thread.start()
    send_due(ENDLESS)
    for thread in threads:
        thread.join()
    send_due(ENDLESS)
    sink.stop()
    return _figure(database, sink.labels(), dropped)


def _drop_all(queue: list[UUID], dropped: set[str]) -> None:
    """Drop one after the other and note those that were confirmed."""
    from django.db import connection

    from outbox.services import drop

    while queue:
        try:
            subject_id = queue.pop()
        except IndexError:
            break
        if drop([subject_id], reason="bench").dropped:
            dropped.add(str(subject_id))
        time.sleep(0.004)
    connection.close()


def _figure(database: str, left: list[str], dropped: set[str]) -> Figure:
    wrong = len(dropped.intersection(left))
    doubled, lost = len(left) - len(set(left)), MAILS - len(dropped.union(left))
    what = f"mails sent after a confirmed drop ({len(dropped)} of {DROPS} drops came in time) / doubled / lost"
    return Figure(f"mail, {database}", what, f"{wrong} / {doubled} / {lost}", "0 / 0 / 0", "")
