"""Deeds on the waiting list."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from clients.erasure import ask_erasure, erase_client
from clients.handing_over import HandedOver
from clients.holdings import counts_of
from clients.models import AskedBy, Client
from practice.models import AuditEntry
from sessions.models import SessionType, WaitingEntry
from sessions.waiting import (
    AlreadyWaiting,
    NotWaiting,
    change_waiting,
    leave_on_booking,
    stop_waiting,
    wait,
)
from sessions.waiting_list import waiting_for
from supervision.handing_over import hand_over
from tests.factories import make_client, make_user, make_waiting

pytestmark = pytest.mark.django_db
Left = WaitingEntry.Left


def traced() -> list[tuple[str, str, dict[str, Any]]]:
    rows = AuditEntry.objects.filter(deed__startswith="waiting").order_by("number")
    return [(row.deed, row.reference, row.detail) for row in rows]


def test_a_client_waits_with_what_would_suit_and_a_note_that_is_sealed() -> None:
    client = make_client()
    kind = SessionType.objects.create(name="Couples", length=timedelta(minutes=80))
    entry = wait(
        actor=client.counsellor, client=client, urgency="soon", times=["1-evening", "0-morning"], session_type=kind,
        note="Works shifts.",
    )  # fmt: skip
    kept = WaitingEntry.visible_to(client.counsellor).get()
    assert (kept, kept.urgency, kept.times, kept.session_type) == (entry, "soon", ["0-morning", "1-evening"], kind)
    assert (kept.note, kept.left_at, kept.left_why) == ("Works shifts.", None, "")
    assert traced() == [("waiting.add", client.reference, {"urgency": "soon"})]


def test_nobody_waits_twice() -> None:
    entry = make_waiting()
    with pytest.raises(AlreadyWaiting):
        wait(actor=entry.client.counsellor, client=entry.client, urgency="usual")
    stop_waiting(actor=entry.client.counsellor, entry=entry)
    assert wait(actor=entry.client.counsellor, client=entry.client, urgency="usual").left_at is None


@pytest.mark.parametrize(
    ("values", "why"), [({"urgency": "now"}, "not a valid"), ({"times": ["monday"]}, "no parts of a week")]
)
def test_unknown_words_are_a_callers_mistake(values: dict[str, Any], why: str) -> None:
    client = make_client()
    with pytest.raises(ValueError, match=why):
        wait(**{"actor": client.counsellor, "client": client, "urgency": "soon", **values})


def test_whose_work_has_ended_cannot_wait() -> None:
    client = make_client()
    Client.unscoped.filter(pk=client.pk).update(state="ended", ended_at=timezone.now())
    with pytest.raises(ValueError, match="has ended"):
        wait(actor=client.counsellor, client=client, urgency="soon")


def test_what_differs_is_written_and_named_and_the_wait_goes_on() -> None:
    entry = make_waiting(times=["0-morning"], note="Ring first.")
    actor = entry.client.counsellor
    changed = change_waiting(actor=actor, entry=entry, urgency="soon", times=["0-morning"], note="Works shifts.")
    entry.refresh_from_db()
    assert (entry.urgency, entry.times, entry.note) == ("soon", ["0-morning"], "Works shifts.")
    assert (changed, changed.since) == (entry, entry.since)
    assert traced() == [("waiting.change", entry.client.reference, {"columns": "urgency, note"})]
    change_waiting(actor=actor, entry=entry, urgency="soon", times=["0-morning"], note="Works shifts.")
    assert len(traced()) == 1


def test_who_is_taken_off_waits_no_more() -> None:
    entry = make_waiting()
    actor = entry.client.counsellor
    stop_waiting(actor=actor, entry=entry)
    entry.refresh_from_db()
    assert (entry.left_why, waiting_for(actor)) == (Left.TAKEN_OFF, [])
    assert traced() == [("waiting.leave", entry.client.reference, {})]
    with pytest.raises(NotWaiting):
        stop_waiting(actor=actor, entry=entry)
    with pytest.raises(NotWaiting):
        change_waiting(actor=actor, entry=entry, urgency="soon")
    assert len(traced()) == 1


def test_a_booking_takes_a_client_off_without_a_row_of_its_own() -> None:
    entry, other = make_waiting(), make_waiting()
    assert leave_on_booking(entry.client)
    entry.refresh_from_db()
    other.refresh_from_db()
    assert (entry.left_at is not None, entry.left_why) == (True, Left.BOOKED)
    assert (other.left_at, traced()) == (None, [])
    assert not leave_on_booking(entry.client)


def test_who_is_handed_over_waits_for_the_new_counsellor() -> None:
    entry, to = make_waiting(), make_user()
    former = entry.client.counsellor
    stale = WaitingEntry.visible_to(former).select_related("client").get()
    hand_over(actor=former, client=entry.client, to=to, is_told=True)
    assert (waiting_for(former), waiting_for(to)) == ([], [entry])
    for deed in (
        lambda: stop_waiting(actor=former, entry=stale),
        lambda: change_waiting(actor=former, entry=stale, urgency="soon"),
        lambda: wait(actor=former, client=stale.client, urgency="soon"),
    ):
        with pytest.raises(HandedOver):
            deed()
    assert traced() == []


def test_erasing_takes_a_place_on_the_list_along() -> None:
    entry = make_waiting(note="Works shifts.")
    client = entry.client
    actor = client.counsellor
    assert counts_of(client)["Places on the waiting list"] == 1
    ask_erasure(actor=actor, client=client, asked_by=AskedBy.CLIENT, received_on=timezone.localdate())
    erase_client(actor=actor, client=client, is_rule_considered=True)
    assert not WaitingEntry.unscoped.exists()
