"""The audit trail: one deed's row in the chain, beside a plain insert of the same row; and how fast it is verified."""

from itertools import count
from typing import Any
from uuid import uuid4

from bench.ground import Figure, hand_over, seconds, side_by_side, start

DEEDS, ROUNDS, ROWS, LEAST = 200, 5, 20_000, 50_000


def _plain_rows() -> Any:
    """Return a model that keeps a trail's row with nothing around it; it is made once there is a database to name."""
    from django.db import models

    from practice.models import User

    class Plain(models.Model):
        """A trail's row with nothing around it."""

        id = models.BigAutoField(primary_key=True)
        at = models.DateTimeField(db_index=True)
        actor = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
        deed = models.CharField(max_length=40)
        subject_type = models.CharField(max_length=60)
        subject_id = models.UUIDField(null=True, db_index=True)
        reference = models.CharField(max_length=16, db_index=True)
        detail = models.JSONField(default=dict)

        class Meta:
            app_label = "practice"

        def __str__(self) -> str:
            return f"plain row {self.id}"

    return Plain


def _append() -> tuple[float, float]:
    """Return seconds of DEEDS deeds, each in a transaction of its own: chained, and as plain rows by the same ORM."""
    from django.db import connection, transaction
    from django.utils import timezone

    from practice import trail
    from practice.models import AuditEntry, Practice, User

    Plain = _plain_rows()
    with connection.schema_editor() as editor:
        editor.create_model(Plain)
    member = User.objects.create_user("bench@beside.test", name="Bench")
    subject = Practice(id=uuid4())
    columns = {"deed": "client.read", "actor": member, "reference": "C-0042"}
    trail.record(subject=subject, **columns)

    def chained() -> None:
        for _ in range(DEEDS):
            with transaction.atomic():
                trail.record(subject=subject, mode="phone", **columns)

    def plain() -> None:
        for _ in range(DEEDS):
            with transaction.atomic():
                row = Plain(at=timezone.now(), subject_type="practice.practice", subject_id=subject.pk, **columns)
                row.detail = {"mode": "phone"}
                row.save(force_insert=True)

    found = side_by_side(ROUNDS, chained, plain)
    assert AuditEntry.objects.count() == 1 + DEEDS * ROUNDS
    return found[0], found[1]


def _verify() -> float:
    """Return rows a second of a walk over a trail of ROWS rows."""
    from django.db import transaction

    from practice import trail
    from practice.chain import findings
    from practice.models import AuditHead, Practice, User

    member, subject = User.objects.get(), Practice(id=uuid4())
    with transaction.atomic():
        for number in count(AuditHead.objects.get().number):
            if number == ROWS:
                break
            trail.record("note.read", actor=member, subject=subject, reference="C-0042", session=subject.pk)
    found: list[str] = []
    rounds = [seconds(lambda: found.extend(findings(AuditHead.objects.get()))) for _ in range(3)]
    assert not found, found[0]
    return ROWS / min(rounds)


def measure() -> list[Figure]:
    """Return µs per row, and rows verified per second."""
    database = start()
    chained, plain = _append()
    rate = _verify()
    return [
        Figure(
            "trail", f"a deed's row, chained, beside a plain insert; {database}",
            f"{chained / DEEDS * 1e6:.0f} µs", f"{plain / DEEDS * 1e6:.0f} µs", f"{chained / plain:.2f}×",
        ),
        Figure(
            "trail", f"rows verified per second, of {ROWS:,}, beside the goal; {database}",
            f"{rate:,.0f}", f"{LEAST:,}", f"{rate / LEAST:.2f}×",
        ),
    ]  # fmt: skip


if __name__ == "__main__":
    hand_over(measure())
