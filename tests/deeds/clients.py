"""Deeds on clients, their mail choices and their erasure."""

from functools import partial

from django.utils import timezone

from clients import erasure, journal, replay
from clients import services as clients
from clients.models import AskedBy, ErasureRequest
from tests.deeds.registry import Deed, deed
from tests.exercises.factories import make_assignment
from tests.factories import make_client, make_user
from tests.notes.factories import make_note, make_past_session


@deed("clients.services.admit_client")
def _admit_client() -> Deed:
    return partial(clients.admit_client, actor=make_user(), name="Marigold", email="m@example.org", may_email="yes")


@deed("clients.services.change_client")
def _change_client() -> Deed:
    client = make_client()
    return partial(
        clients.change_client, actor=client.counsellor, client=client, version=client.version, email="new@example.org"
    )


@deed("clients.services.open_record")
def _open_record() -> Deed:
    client = make_client()
    return partial(clients.open_record, actor=client.counsellor, client=client)


@deed("clients.services.stop_mail")
def _stop_mail() -> Deed:
    return partial(clients.stop_mail, client=make_client())


@deed("clients.services.start_mail")
def _start_mail() -> Deed:
    return partial(clients.start_mail, client=make_client(mail_stopped_at=timezone.now()))


def _asked_for() -> ErasureRequest:
    client = make_client()
    return erasure.ask_erasure(
        actor=client.counsellor, client=client, asked_by=AskedBy.CLIENT, received_on=timezone.localdate()
    )


@deed("clients.erasure.ask_erasure")
def _ask_erasure() -> Deed:
    client = make_client()
    return partial(
        erasure.ask_erasure,
        actor=client.counsellor, client=client, asked_by=AskedBy.CLIENT, received_on=timezone.localdate(),
    )  # fmt: skip


@deed("clients.erasure.decline_erasure")
def _decline_erasure() -> Deed:
    request = _asked_for()
    why = ErasureRequest.Why.values[0]
    return partial(erasure.decline_erasure, actor=request.client.counsellor, request=request, why=why)


@deed("clients.erasure.erase_client")
def _erase_client() -> Deed:
    client = _asked_for().client
    make_note(make_past_session(client=client), is_signed=True)
    make_assignment(client)
    return partial(erasure.erase_client, actor=client.counsellor, client=client, is_rule_considered=True)


@deed("clients.erasure.set_hold")
def _set_hold() -> Deed:
    client = make_client()
    return partial(erasure.set_hold, actor=client.counsellor, client=client, reason="A court has asked.")


@deed("clients.erasure.lift_hold")
def _lift_hold() -> Deed:
    client = make_client()
    held = erasure.set_hold(actor=client.counsellor, client=client, reason="A court has asked.")
    return partial(erasure.lift_hold, actor=client.counsellor, client=held)


@deed("clients.replay.erase_again")
def _erase_again() -> Deed:
    client = make_client()
    make_assignment(client)
    line = journal.Line(
        client_id=client.pk, reference=client.reference, data_key_id=None, erased_at=timezone.now(), erased_by=None,
        asked_by=AskedBy.CLIENT, received_on=timezone.localdate(), is_rule_considered=True,
    )  # fmt: skip
    return partial(replay.erase_again, line)
