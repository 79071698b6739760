"""Celery's part: rolls series forward, plans mail anew, tidies up. No argument, no result, may run twice or at once."""

from celery import shared_task

from sessions import reminding, series, undoing


@shared_task
def sweep() -> None:
    """Do what the diary is owed by now."""
    series.sweep()
    reminding.follow_mail_hours()
    reminding.sweep_stale()
    undoing.sweep()
