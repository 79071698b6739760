"""The Celery application: beat ticks, workers carry out. Tasks carry ids only and may run twice."""

import os
import threading
from collections.abc import Callable
from typing import Any

from celery import Celery
from celery.beat import EmbeddedService
from celery.signals import beat_init, setup_logging, worker_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("beside")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@setup_logging.connect
def leave_logging_alone(**kwargs: Any) -> None:
    """Keep settings.LOGGING: the handlers that Celery would add print errors' words."""


@worker_init.connect
def check_worker(**kwargs: Any) -> None:
    """Refuse to start a worker with a key that everybody knows, or with the wrong master keys."""
    from config.startup import check_or_exit

    check_or_exit()


@beat_init.connect
def check_beat(**kwargs: Any) -> None:
    """Refuse to start beat beside a worker that would not start; master keys are none of its business."""
    from config.startup import check_key_or_exit

    check_key_or_exit()


def start_embedded() -> Callable[[], None]:
    """Start a worker and beat in threads of this process. Return the function that stops both.

    The worker has a thread pool, and neither mingles nor gossips: with the in-memory broker there is nobody to talk to.
    """
    app.loader.import_default_modules()
    worker = app.WorkController(
        app=app, hostname="embedded@beside", pool_cls="threads", concurrency=2, loglevel="WARNING", quiet=True,
        without_mingle=True, without_gossip=True, without_heartbeat=True,
    )  # fmt: skip
    thread = threading.Thread(target=worker.start, name="celery-worker", daemon=True)
    thread.start()
    beat = EmbeddedService(app, thread=True, scheduler_cls="celery.beat.Scheduler")
    assert isinstance(beat, threading.Thread)  # noqa: S101 - said by thread=True
    beat.daemon = True
    beat.start()
    for entry in app.conf.beat_schedule.values():
        app.send_task(entry["task"])  # beat's first comes only after an interval, and this process may not live as long
    app.send_task("vault.tasks.sweep_files")

    def stop() -> None:
        beat.stop()
        worker.stop(in_sighandler=False)
        thread.join(10)

    return stop
