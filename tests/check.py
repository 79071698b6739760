"""All checks, one after the other; at the end the names of those that found something.

With `format` as its argument it writes what the formatters would change, and checks nothing.
"""

import base64
import os
import secrets
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

BIN = Path(sys.executable).parent
# In partials, mails and form elements white space is content; only whole pages are laid out by djlint.
PARTIALS = "_*.html,templates/allauth/elements,templates/django,templates/mail"


@dataclass(frozen=True)
class Check:
    """A tool's command; `is_django` runs it on the settings of a production site."""

    name: str
    command: tuple[str, ...]
    is_django: bool = False


def tool(program: str, *arguments: str) -> tuple[str, ...]:
    """Return the command of a tool of the virtualenv."""
    return (str(BIN / program), *arguments)


def manage(*arguments: str) -> tuple[str, ...]:
    """Return a command of manage.py, warnings as errors."""
    return (sys.executable, "-W", "error", "manage.py", *arguments)


CHECKS = (
    Check("ruff format", tool("ruff", "format", "--check", "--quiet", ".")),
    Check("ruff check", tool("ruff", "check", "--quiet", ".")),
    Check("mypy", tool("mypy", "--no-error-summary")),
    Check("import-linter", tool("lint-imports")),
    Check("djlint", tool("djlint", "--lint", "templates")),
    Check("djlint format", tool("djlint", "--check", "--extend-exclude", PARTIALS, "templates")),
    Check("migrations", manage("makemigrations", "--check", "--dry-run"), is_django=True),
    Check("deploy", manage("check", "--deploy", "--fail-level", "WARNING"), is_django=True),
)
FORMATTERS = (
    tool("ruff", "check", "--fix", "--exit-zero", "--quiet", "."),
    tool("ruff", "format", "--quiet", "."),
    tool("djlint", "--reformat", "--quiet", "--extend-exclude", PARTIALS, "templates"),
)


def main(arguments: Sequence[str]) -> int:
    """Run every check; return 1 when one failed, and say which on stderr."""
    if list(arguments) == ["format"]:
        for command in FORMATTERS:
            subprocess.run(command, check=False)
        return 0
    with tempfile.TemporaryDirectory(prefix="beside-check-") as var:
        failed = [check.name for check in CHECKS if not passes(check, production(var))]
    if failed:
        print("Failed:", ", ".join(failed), file=sys.stderr)
        return 1
    print("All checks passed")
    return 0


def passes(check: Check, environment: dict[str, str]) -> bool:
    """Run one check, its output shown only when it found something."""
    # mypy loads tests.settings and ends without its exit handlers: what that leaves is removed with this folder.
    env = {**os.environ, "TMPDIR": environment["BESIDE_VAR"], **(environment if check.is_django else {})}
    done = subprocess.run(
        check.command, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False
    )
    print(f"{check.name:<14} {'found something' if done.returncode else 'ok'}", flush=True)
    if done.returncode:
        print(done.stdout, flush=True)
    return done.returncode == 0


def production(var: str) -> dict[str, str]:
    """Return the environment of a site in use, with keys made for this check."""
    return {
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "DEBUG": "0",
        "DEMO": "0",
        "BESIDE_VAR": var,
        "SECRET_KEY": secrets.token_urlsafe(64),
        "VAULT_KEYS": f"check:{base64.b64encode(secrets.token_bytes(32)).decode()}",
        "DATABASE_URL": f"sqlite:///{var}/check.sqlite3",
        "SITE_URL": "https://beside.example.org",
        "ALLOWED_HOSTS": "beside.example.org",
        "TRUSTED_PROXY_COUNT": "1",
    }


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
