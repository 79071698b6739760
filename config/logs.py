"""Logs on standard output: key=value, ids and route names only (practice/logs.py says what may stand in them)."""

from typing import Any

import structlog

structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.LogfmtRenderer(),
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"plain": {"format": "%(levelname)s %(name)s %(message)s"}, "bare": {"format": "%(message)s"}},
    "filters": {"discreet": {"()": "practice.logs.DiscreetFilter"}},
    "handlers": {
        "console": {"class": "logging.StreamHandler", "formatter": "plain", "filters": ["discreet"]},
        "bare": {"class": "logging.StreamHandler", "formatter": "bare"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "beside": {"handlers": ["bare"], "level": "INFO", "propagate": False},
        # These have handlers of their own by default, which print paths and errors' words.
        **{
            name: {"handlers": ["console"], "level": "WARNING", "propagate": False}
            for name in ("django", "django.server", "gunicorn.error", "multiprocessing")
        },
    },
}
