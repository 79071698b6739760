"""The project's settings on a throw-away ground: own keys, own folder, nothing of this machine's set-up.

The environment is prepared before config.settings reads it, so that processes which a test starts
(workers, servers, commands) inherit the same keys. DATABASE_URL alone is taken from outside: `make test`
says there on which database a round runs.
"""

import atexit
import base64
import os
import secrets
import shutil
import tempfile
from pathlib import Path

_var = Path(tempfile.mkdtemp(prefix="beside-tests-"))
atexit.register(shutil.rmtree, _var, ignore_errors=True)
os.environ |= {
    "BESIDE_VAR": str(_var),
    "SECRET_KEY": secrets.token_urlsafe(50),
    "VAULT_KEYS": f"tests:{base64.b64encode(secrets.token_bytes(32)).decode()}",
    "TEST_SQLITE": str(_var / "tests.sqlite3"),
    "REQUIRE_MFA": "0",
    # Playwright keeps an event loop in the thread that later tests use too; no code of ours is asynchronous.
    "DJANGO_ALLOW_ASYNC_UNSAFE": "1",
}
for _name in (
    "DEMO",
    "DEBUG",
    "REDIS_URL",
    "EMAIL_URL",
    "SITE_URL",
    "ALLOWED_HOSTS",
    "TIME_ZONE",
    "PORT",
    "STATIC_ROOT",
):
    os.environ.pop(_name, None)

from config.settings import *  # noqa: E402, F403 - a test changes few of them, and must see them all
from config.settings import STATIC_ROOT, STORAGES  # noqa: E402

# Pages name files as they are, with no collectstatic before the tests.
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
# whitenoise warns where it is missing, and a warning is an error.
STATIC_ROOT.mkdir(exist_ok=True)
# Signing in is not what most tests are about; Argon2 has its own.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
# Tests travel in time while signed in; how a sign-in ends has tests of its own (tests/practice/test_idle*.py).
SESSION_COOKIE_AGE = 10 * 365 * 24 * 60 * 60
IDLE_MINUTES = SESSION_COOKIE_AGE / 60
