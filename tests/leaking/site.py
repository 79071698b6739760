"""The settings of a real site, and the addresses at which it breaks."""

from config.settings import *  # noqa: F403 - it is this site that must keep quiet
from config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "tests.leaking"]
ROOT_URLCONF = "tests.leaking.urls"
