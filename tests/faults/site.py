"""The settings of processes that these tests start: the project's, with two kinds of mail and a short lease.

Not tests.settings: that makes new keys at each import, and these processes share the test's own.
"""

from config.settings import *  # noqa: F403 - the site as it is
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.faults.apps.FaultsConfig"]
