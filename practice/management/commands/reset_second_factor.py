"""`manage.py reset_second_factor EMAIL`: let somebody who lost phone, passkey and codes set up a new second factor."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from practice import mfa
from practice.models import User


class Command(BaseCommand):
    help = "Take away a member's second factor and end their sign-ins. Their password stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email", help="the address that they sign in with")

    def handle(self, *args: Any, **options: Any) -> None:
        member = User.objects.filter(email__iexact=options["email"]).first()
        if member is None:
            raise CommandError(f"Nobody here signs in as {options['email']}.")
        number = mfa.reset_second_factor(actor=None, member=member)
        if not number:
            self.stdout.write(f"{member.email} had no second factor, and every sign-in has ended.")
            return
        factors = "1 second factor" if number == 1 else f"{number} second factors"
        self.stdout.write(
            f"{factors} of {member.email} {'is' if number == 1 else 'are'} gone, and every sign-in has ended."
        )
