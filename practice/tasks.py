"""Celery's part: beat asks, a worker anchors the trail and sweeps. No argument, no result, may run twice."""

import structlog
from celery import shared_task

from practice import anchor, keeping, sign_ins

log = structlog.get_logger("beside.trail")


@shared_task
def anchor_trail() -> None:
    """Write how far the trail has come to a file outside the database."""
    try:
        is_moved = anchor.move_on()
    except ValueError:
        is_moved = False
    if not is_moved:
        log.error("trail.anchor_does_not_hold", help="manage.py audit_verify says why")


@shared_task
def sweep_words() -> None:
    """Forget typed words that nobody came back for within a week."""
    keeping.sweep()


@shared_task
def sweep_sign_ins() -> None:
    """Delete sign-ins that have run out, and where they came from."""
    sign_ins.sweep()
