"""Celery's part: what the vault tidies up by itself. No argument, no result, may run twice."""

import structlog
from celery import shared_task

from vault.sweeping import sweep

log = structlog.get_logger("beside.vault")


@shared_task
def sweep_files() -> None:
    """Remove sealed files that no row speaks of."""
    if count := sweep():
        log.info("vault.sweep", files=count)
