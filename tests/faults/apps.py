from datetime import timedelta

from django.apps import AppConfig

RESENT, PARKED = "fault_resent", "fault_parked"
LEASE = timedelta(seconds=8)


class FaultsConfig(AppConfig):
    """Registers a kind that is sent once more in doubt and one that is parked."""

    name = "tests.faults"

    def ready(self) -> None:
        from outbox import claims
        from outbox.kinds import OnUnknown
        from tests.outbox.rows import register_kind

        claims.LEASE = LEASE  # in use two minutes, longer than a test may wait; a busy machine stalls for seconds
        register_kind(OnUnknown.RESEND, name=RESENT)
        register_kind(OnUnknown.PARK, name=PARKED)
