"""The Celery application: beat ticks, workers carry out. Tasks carry ids only and may run twice."""

import os
from typing import Any

from celery import Celery
from celery.signals import worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("beside")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
def check_keys(**kwargs: Any) -> None:
    """Refuse to start a worker whose master keys do not open the canary."""
    from vault.startup import check_ring_or_exit

    check_ring_or_exit()
