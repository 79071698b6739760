"""The project's settings, with the bare pages that its own are measured against."""

from config.settings import *  # noqa: F403 - the site as it is
from config.settings import LOGGING, STORAGES, TEMPLATES

LOGGING = {**LOGGING, "loggers": {**LOGGING["loggers"], "beside": {"handlers": [], "propagate": False}}}
ROOT_URLCONF = "bench.bare"
TEMPLATES = [{**TEMPLATES[0], "DIRS": [*TEMPLATES[0]["DIRS"], BASE_DIR / "bench"]}]  # noqa: F405
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
