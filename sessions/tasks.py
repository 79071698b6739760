"""Celery's part: plans mail anew whose rules have changed, and tidies up. No argument, no result, may run twice."""

from celery import shared_task

from sessions import reminding, undoing


@shared_task
def sweep() -> None:
    """Do what the diary is owed by now."""
    reminding.sweep_stale()
    undoing.sweep()
