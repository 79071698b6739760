"""Celery's part: gives what is due. No argument, no result, may run twice or at once."""

from celery import shared_task

from exercises import following, giving


@shared_task
def sweep() -> None:
    """Do what clients' practice is owed by now."""
    following.follow_sessions()
    giving.sweep()
