from datetime import timedelta

import pytest
from django.utils import timezone

from outbox import services as outbox
from outbox.models import Message, Sending
from outbox.services import NotWaiting
from practice.models import AuditEntry, User
from practice.services import drop_mail, release_mail, resume_mail
from tests.practice.rows import last_deed, make_message

State = Message.State


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.UNSURE])
def test_a_mail_in_trouble_can_be_sent_again(admin: User, state: str) -> None:
    message = make_message(state, reference="C-0042", payload={"to": "x@example.org"})
    release_mail(actor=admin, message=message)
    assert Message.objects.get().state == State.PLANNED
    assert (last_deed().deed, last_deed().reference, last_deed().detail) == ("mail.release", "C-0042", {"state": state})


@pytest.mark.parametrize("state", [State.HELD, State.FAILED, State.UNSURE])
def test_a_mail_in_trouble_can_be_dropped(admin: User, state: str) -> None:
    message = make_message(state, reference="C-0042", payload={"to": "x@example.org"})
    drop_mail(actor=admin, message=message)
    kept = Message.objects.get()
    assert (kept.state, kept.payload) == (State.DROPPED, None)
    assert (last_deed().deed, last_deed().reference) == ("mail.drop", "C-0042")


@pytest.mark.parametrize("state", [State.SENT, State.DROPPED, State.EXPIRED])
def test_a_mail_that_is_done_is_not_sent_again(admin: User, state: str) -> None:
    message = make_message(state, payload={"to": "x@example.org"})
    with pytest.raises(NotWaiting):
        release_mail(actor=admin, message=message)
    assert Message.objects.get().state == state
    assert AuditEntry.objects.count() == 0


@pytest.mark.parametrize("state", [State.SENT, State.DROPPED])
def test_there_is_nothing_to_decide_on_a_mail_that_left_or_was_dropped(admin: User, state: str) -> None:
    with pytest.raises(NotWaiting):
        drop_mail(actor=admin, message=make_message(state))
    assert Message.objects.get().state == state
    assert AuditEntry.objects.count() == 0


def test_an_account_mail_whose_text_is_gone_is_not_sent_again(admin: User) -> None:
    message = make_message(State.FAILED)
    with pytest.raises(NotWaiting):
        release_mail(actor=admin, message=message)
    assert Message.objects.get().state == State.FAILED
    assert AuditEntry.objects.count() == 0


def test_a_mail_whose_time_has_passed_is_not_sent(admin: User) -> None:
    message = make_message(State.HELD, expires_at=timezone.now() - timedelta(seconds=1))
    with pytest.raises(NotWaiting):
        release_mail(actor=admin, message=message)


def test_sending_can_be_resumed(admin: User) -> None:
    outbox.pause("The mail server does not accept our sign-in.")
    resume_mail(actor=admin)
    assert Sending.objects.get().paused_at is None
    assert (last_deed().deed, last_deed().actor) == ("mail.resume", admin)


def test_without_its_audit_row_no_decision_is_taken(admin: User, broken_trail: type[Exception]) -> None:
    outbox.pause("Trouble.")
    message = make_message(State.HELD, payload={"to": "x@example.org"})
    with pytest.raises(broken_trail):
        release_mail(actor=admin, message=message)
    with pytest.raises(broken_trail):
        drop_mail(actor=admin, message=message)
    with pytest.raises(broken_trail):
        resume_mail(actor=admin)
    assert Message.objects.get().state == State.HELD
    assert Sending.objects.get().pause_reason == "Trouble."
