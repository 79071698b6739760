"""One tick over real SMTP: a fault of ours pauses all sending."""

import pytest
from pytest_django import DjangoCaptureOnCommitCallbacks
from pytest_django.fixtures import Settings

from outbox import services
from outbox.models import Sending
from outbox.sender import Tally, send_due
from tests.outbox.rows import State, again, make_due, plan_many, plan_one
from tests.outbox.sink import Sink

pytestmark = pytest.mark.django_db


def test_refused_sign_in_pauses_all_and_keeps_the_mail_planned(
    sink: Sink, settings: Settings, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp://beside:wrong@")
    sink.offers_login = True
    sink.usual["AUTH"] = "535 5.7.8 no"
    rows = plan_many(3)

    assert send_due() == Tally(retried=3)

    assert [(again(row).state, again(row).attempts, again(row).dispatched_at) for row in rows] == [
        (State.PLANNED, 0, None)
    ] * 3
    assert Sending.objects.get().paused_at is not None
    assert Sending.objects.get().pause_reason == ("The mail server does not accept our sign-in or sender (535 5.7.8).")
    del sink.usual["AUTH"]
    assert send_due() == Tally()  # paused until a person resumes it
    with django_capture_on_commit_callbacks(execute=True):
        services.resume()
    assert send_due() == Tally(sent=3)


@pytest.mark.parametrize(
    ("step", "reply", "codes"),
    [
        ("MAIL", "530 5.7.0 sign in first", "530 5.7.0"),
        ("MAIL", "553 hello@beside.test is not your sender", "553"),
        ("RCPT", "535 sign in", "535"),
    ],
)
def test_sender_that_is_not_wanted_pauses_all(step: str, reply: str, codes: str, sink: Sink) -> None:
    row = plan_one()
    sink.script[step].append(reply)

    send_due()

    assert again(row).state == State.PLANNED
    assert Sending.objects.get().pause_reason == f"The mail server does not accept our sign-in or sender ({codes})."


def test_sign_in_that_is_put_off_is_tried_again_without_a_pause(sink: Sink, settings: Settings) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp://beside:right@")
    sink.offers_login = True
    sink.script["AUTH"].append("454 4.7.0 later")
    plan_one()

    assert send_due() == Tally(retried=1)
    assert Sending.objects.get().paused_at is None
    make_due()
    assert send_due() == Tally(sent=1)


def test_server_without_the_asked_for_encryption_pauses_all(sink: Sink, settings: Settings) -> None:
    settings.EMAIL_URL = sink.url.replace("smtp://", "smtp+tls://")
    row = plan_one()

    send_due()

    assert (again(row).state, Sending.objects.get().paused_at is None, sink.taken) == (State.PLANNED, False, [])
