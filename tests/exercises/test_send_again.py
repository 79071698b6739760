"""An exercise whose mail is sent again."""

import re

import pytest
from django.db import DatabaseError
from django.test import Client as Browser
from django.utils import timezone

from clients.services import change_client
from exercises import services
from outbox.models import Message
from outbox.sender import send_due
from tests.conftest import SmtpSink
from tests.exercises.factories import assign, refuse_audit
from tests.factories import make_client

pytestmark = pytest.mark.django_db


def test_after_a_new_address_the_old_link_is_closed_and_a_new_one_is_sent(smtp_sink: SmtpSink) -> None:
    client = make_client()
    assignment = assign(client, send_at=timezone.now())
    send_due()
    change_client(actor=client.counsellor, client=client, version=1, email="new@example.org")
    services.send_again(actor=client.counsellor, assignment=assignment)
    assert send_due().sent == 1
    first, second = smtp_sink.messages
    assert (second["To"], first["Message-ID"] == second["Message-ID"]) == ("new@example.org", False)
    pages = [Browser().get(re.findall(r"/x/[\w-]+/", str(mail))[0]).status_code for mail in (first, second)]
    assert pages == [410, 200]


def test_what_cannot_be_audited_is_not_sent_again(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = assign(make_client())
    Message.objects.update(state="sent", sent_at=timezone.now())
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.send_again(actor=assignment.assigned_by, assignment=assignment)
    assert Message.objects.count() == 1
