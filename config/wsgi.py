"""The WSGI application. It refuses to start with a key that everybody knows, or with the wrong master keys."""

import os
import sys

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

application = get_wsgi_application()

from config.startup import check_or_exit  # noqa: E402 - Django must be set up first

try:
    check_or_exit()
except SystemExit as refusal:
    print(refusal.code, file=sys.stderr, flush=True)  # noqa: T201 - nothing else is up to say it
    # Gunicorn stops for good on 3; on any other code it would start the worker again for ever.
    sys.exit(3)
