"""`manage.py start`: the whole of Beside in one process, for one machine."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config.demo.cast import MEMBERS, PASSWORD
from config.embedded import House, uses_local_mailbox
from config.startup import check_mail_server_or_exit


class Command(BaseCommand):
    help = "Start web server, worker, beat and (in the demo) the local mailbox. Ctrl-C stops all of it."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="where the web server listens (127.0.0.1)")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.REDIS_URL:
            raise CommandError("REDIS_URL is set: start web, worker and beat apart, as compose.yaml does.")
        check_mail_server_or_exit()
        house = House(options["host"], settings.PORT)
        try:
            house.open()
        except OSError as error:
            raise CommandError(
                f"A port is taken ({error}). Set PORT to a free one; the next two are used as well."
            ) from error
        self._say_where()
        house.serve()
        self.stdout.write("Beside has stopped.")

    def _say_where(self) -> None:
        self.stdout.write(f"\nBeside     {settings.SITE_URL}/")
        if uses_local_mailbox():
            self.stdout.write(f"Mailbox    http://localhost:{settings.MAILBOX_PORT}/")
        if settings.DEMO:
            self.stdout.write("\nSign in as")
            for member in MEMBERS:
                self.stdout.write(f"  {member.email:<24} {PASSWORD:<22} {member.role.label}")
        self.stdout.write("\nCtrl-C stops all of it.\n")
        self.stdout.flush()
