"""The WSGI application. It refuses to start when the master keys do not open the canary."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from vault.startup import check_ring_or_exit  # noqa: E402 - Django must be set up first

check_ring_or_exit()
