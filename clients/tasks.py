"""Celery's part: what the caseload tidies up by itself. No argument, no result, may run twice."""

from celery import shared_task

from clients import journal


@shared_task
def catch_up_journal() -> None:
    """Write into the erasure journal what a full disk or a crash kept from it."""
    journal.catch_up_or_say()
