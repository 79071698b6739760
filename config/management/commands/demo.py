"""`manage.py demo`: a fictional practice, so that each page has something to show."""

import re
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from clients.models import Client
from config.demo.build import build
from config.demo.cast import MEMBERS
from practice.models import Practice, User


class Command(BaseCommand):
    help = "Build the demo practice. Refuses where another practice has been set up."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--canary", default="", help="a word that goes into every confidential field")

    def handle(self, *args: Any, **options: Any) -> None:
        canary = options["canary"]
        if canary and not re.fullmatch(r"[A-Za-z]{6,32}", canary):
            raise CommandError("A canary has 6 to 32 letters, and nothing else.")
        if User.objects.filter(email=MEMBERS[0].email).exists():
            if canary:
                raise CommandError("The demo practice is there already: a canary needs an empty database.")
            self.stdout.write("The demo practice is there already.")
            return
        if Practice.objects.exists() or Client.unscoped.exists():  # no viewer: whether anybody is here at all
            raise CommandError("There is a practice here already: the demo would mix fictional people with real ones.")
        stage = build(canary)
        self.stdout.write(f"The demo practice is ready: {len(stage.clients)} fictional clients.")
