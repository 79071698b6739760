"""`manage.py outbox_tick`: what beat and a worker would do now, in this process."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from outbox.models import Message, Sending
from outbox.sender import send_due
from vault.errors import VaultError
from vault.startup import check_ring


class Command(BaseCommand):
    help = "Send the mail that is due and print what became of it."

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            check_ring()
        except VaultError as error:
            raise CommandError(f"No mail was sent: {error}") from error
        tally = send_due()
        planned = Message.objects.filter(state=Message.State.PLANNED, due_at__gt=timezone.now()).count()
        self.stdout.write(
            f"planned {planned}, sent {tally.sent}, dropped {tally.dropped}, failed {tally.failed},"
            f" unsure {tally.unsure}, expired {tally.expired}, retried {tally.retried}, held {tally.held}"
        )
        paused = Sending.objects.filter(pk=1).exclude(paused_at=None).first()
        if paused is not None:
            raise CommandError(f"Sending is paused: {paused.pause_reason}")
