"""`manage.py create_practice`: open the practice with the member who owns it."""

import getpass
import sys
from pathlib import Path
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.core.validators import validate_email
from django.db import DatabaseError

from practice.models import Practice, User
from practice.roles import Role
from practice.services import PracticeExists, create_practice
from vault.errors import VaultError


class Command(BaseCommand):
    help = "Open the practice with its first member. Asks for what is not given, where there is a terminal."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--name", help="the practice's name")
        parser.add_argument("--owner-name", help="the first member's name")
        parser.add_argument("--email", help="the address that they sign in with")
        parser.add_argument("--password-file", help="a file with their password in its first line")
        parser.add_argument("--nation", choices=Practice.Nation.values, default=Practice.Nation.ENGLAND)
        parser.add_argument("--solo", action="store_true", help="the owner also works with clients")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if Practice.objects.exists():
                raise PracticeExists("There is a practice in this database already.")
            owner = _owner(options["email"], options["owner_name"])
            create_practice(
                name=_text(options["name"], "Name of the practice", "--name"),
                owner_name=owner.name,
                owner_email=owner.email,
                password=_password(options["password_file"], owner),
                role=Role.SOLO if options["solo"] else Role.ADMIN,
                nation=options["nation"],
            )
        except (PracticeExists, VaultError, OSError, UnicodeDecodeError) as error:
            raise CommandError(" ".join(str(error).split())) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        except DatabaseError as error:
            raise CommandError("The database is not ready: run `manage.py migrate` first.") from error
        self.stdout.write(f"The practice is open. {owner.email} can sign in.")


def _owner(email: str | None, name: str | None) -> User:
    """Return the owner, not saved: their password is measured against their name and address."""
    owner = User(
        email=_text(email, "E-mail address of the owner", "--email").lower(),
        name=_text(name, "Name of the owner", "--owner-name"),
    )
    validate_email(owner.email)
    return owner


def _text(given: str | None, question: str, option: str) -> str:
    """Return what was given, or ask on a terminal. Raise CommandError where there is neither, or it is too long."""
    if given is None:
        if not sys.stdin.isatty():
            raise CommandError(f"{option} is missing, and there is no terminal to ask on.")
        given = input(f"{question}: ")
    text = " ".join(given.split())
    if not text or len(text) > 120:
        raise CommandError(f"{option} must have between 1 and 120 characters.")
    return text


def _password(path: str | None, owner: User) -> str:
    """Read the password from a file, or ask twice. Raise CommandError, or ValidationError for a weak one."""
    if path is not None:
        password = Path(path).read_text(encoding="utf-8").partition("\n")[0].rstrip("\r")
    elif sys.stdin.isatty():
        password = getpass.getpass("Password: ")
        if getpass.getpass("Password, once more: ") != password:
            raise CommandError("The two passwords differ.")
    else:
        raise CommandError("--password-file is missing, and there is no terminal to ask on.")
    validate_password(password, owner)
    return password
