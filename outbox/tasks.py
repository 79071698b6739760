"""Celery's part: beat ticks, a worker sends. No argument, no result, may run twice."""

from dataclasses import asdict
from datetime import timedelta

import structlog
from celery import shared_task

from outbox.sender import send_due

log = structlog.get_logger("beside.outbox")


@shared_task
def tick() -> None:
    """Send what is due."""
    done = {name: count for name, count in asdict(send_due(timedelta(seconds=50))).items() if count}
    if done:
        log.info("outbox.tick", **done)
