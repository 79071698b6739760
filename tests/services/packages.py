"""The programs that the tests drive, found or installed."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

POSTGRES_HOMES = Path("/usr/lib/postgresql")


@dataclass(frozen=True)
class Part:
    """A program under any of its names, the Debian package that brings it, and what that one only recommends."""

    purpose: str
    programs: tuple[str, ...]
    package: str
    besides: tuple[str, ...] = ()


PARTS = (
    Part("browser tests", ("chromium", "chromium-browser", "google-chrome"), "chromium", ("fonts-dejavu-core",)),
    Part("tests on PostgreSQL", ("initdb",), "postgresql"),
    Part("tests with a broker", ("redis-server", "valkey-server"), "redis-server"),
    Part("a look at mails as a filter has it", ("spamassassin",), "spamassassin"),
)


def find(*names: str) -> str | None:
    """Return the path of the first of these programs that is here, or None.

    PostgreSQL's server programs are looked for in Debian's folders first, newest release first:
    there they lie outside PATH.
    """
    homes = sorted(POSTGRES_HOMES.glob("*/bin"), key=lambda home: float(home.parent.name), reverse=True)
    path = os.pathsep.join([*map(str, homes), os.environ.get("PATH", os.defpath), "/usr/sbin"])
    return next((found for name in names if (found := shutil.which(name, path=path))), None)


def missing() -> list[Part]:
    """Return the parts that are not on this machine."""
    return [part for part in PARTS if find(*part.programs) is None]


def ensure() -> None:
    """Install what is missing where apt-get may, else name it and leave with code 2."""
    absent = missing()
    if absent and (apt := _apt_get()):
        print("Installing for the tests:", *(part.package for part in absent), flush=True)
        _install(apt, [name for part in absent for name in (part.package, *part.besides)])
        absent = missing()
    if absent:
        print("The tests need programs that are not here:", file=sys.stderr)
        for part in absent:
            print(f"  {part.programs[0]:<14} for {part.purpose} (Debian: {part.package})", file=sys.stderr)
        sys.exit(2)


def _apt_get() -> list[str] | None:
    """Return the command that installs packages without a question, or None where none may."""
    apt = shutil.which("apt-get")
    if apt is None:
        return None
    if os.geteuid() == 0:
        return [apt]
    sudo = shutil.which("sudo")
    if sudo and subprocess.run([sudo, "-n", "true"], capture_output=True, check=False).returncode == 0:
        return [sudo, "-n", "DEBIAN_FRONTEND=noninteractive", apt]
    return None


def _install(apt: list[str], packages: Iterable[str]) -> None:
    """Refresh the package lists once and install; a failure shows as what is still missing."""
    # dpkg insists on the programs of sbin, which a bare PATH leaves out.
    path = os.environ.get("PATH", os.defpath) + ":/usr/local/sbin:/usr/sbin:/sbin"
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "PATH": path}
    for command in (["update"], ["install", "--yes", "--no-install-recommends", *packages]):
        subprocess.run([*apt, "-qq", *command], env=env, check=False, stdout=subprocess.DEVNULL)
