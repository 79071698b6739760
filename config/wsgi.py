"""The WSGI application. It refuses to start with a key that everybody knows, or with the wrong master keys."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.startup import check_or_exit  # noqa: E402 - Django must be set up first

check_or_exit()
