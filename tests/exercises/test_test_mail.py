"""A test of the mail to oneself: what it says, where it leads, how often."""

from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.cache import cache
from django.db import DatabaseError

from clients.models import Client, ClientLink
from exercises.previews import TEST_KIND, render_test
from outbox.kinds import Dropped, Mail
from outbox.models import Message
from practice.models import AuditEntry, Practice
from tests.exercises.assigning import typed
from tests.exercises.factories import browser_of, make_version, refuse_audit
from tests.exercises.pages import read
from tests.exercises.test_preview import url
from tests.factories import make_client, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _fresh_counts() -> None:
    cache.clear()


def press(client: Client, number: UUID | str | None = None, **fields: Any) -> Any:
    """Press "Send me a test" on the preview."""
    form = typed(test=str(number or uuid4()), **fields)
    return browser_of(client.counsellor).post(url(client), form)


def sent() -> Mail:
    mail = render_test(Message.objects.get(kind=TEST_KIND))
    assert isinstance(mail, Mail)
    return mail


def test_it_goes_to_oneself_and_leads_to_the_library() -> None:
    client = make_client(
        make_user(name="Wren Sample", email="wren@beside.test"), preferred_name="Juniper", name="Juniper T"
    )
    make_version()
    page = press(client, minutes="8")
    assert "A test is on its way to wren@beside.test." in read(page)
    mail = sent()
    assert (mail.to, mail.subject) == ("wren@beside.test", "Test: Something from Wren")
    assert ("Hello Wren" in mail.text, "about 8 minutes" in mail.text) == (True, True)
    for part in (mail.text, mail.html):
        assert ("/exercises/quiet-minute/" in part, "/x/" in part, "/m/" in part) == (True, False, False)
        assert ("Juniper" in part, "For the walk home." in part) == (False, False)
    assert ClientLink.unscoped.count() == 0


def test_it_is_sealed_under_the_practices_key_until_it_leaves() -> None:
    client = make_client()
    make_version()
    press(client)
    row = Message.objects.get()
    assert (row.owner_id, row.reference, row.state) == (Practice.current().pk, "", "planned")


def test_of_discreet_mail_the_test_is_discreet_too() -> None:
    client = make_client(make_user(name="Wren Sample"), is_discreet=True)
    make_version()
    press(client)
    mail = sent()
    assert (mail.subject, "Wren" in mail.text) == ("Test: Something for you", False)


def test_it_leaves_a_row_in_the_trail() -> None:
    client = make_client()
    version = make_version()
    press(client)
    row = AuditEntry.objects.get()
    assert (row.deed, row.actor, row.subject_id, row.reference, row.detail) == (
        "exercise.test", client.counsellor, version.exercise_id, client.reference, {"version": str(version.pk)},
    )  # fmt: skip


def test_the_same_button_twice_is_one_mail() -> None:
    client, number = make_client(), uuid4()
    make_version()
    for _ in range(2):
        press(client, number)
    assert (Message.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_one_that_could_not_be_planned_may_be_sent_with_the_same_button(monkeypatch: pytest.MonkeyPatch) -> None:
    client, number = make_client(), uuid4()
    make_version()
    with monkeypatch.context() as broken:
        refuse_audit(broken)
        with pytest.raises(DatabaseError):
            press(client, number)
    press(client, number)
    assert (Message.objects.count(), AuditEntry.objects.count()) == (1, 1)


def test_after_ten_within_an_hour_the_next_waits() -> None:
    client = make_client()
    make_version()
    pages = [press(client) for _ in range(11)]
    assert Message.objects.count() == 10
    assert "There were ten tests within the hour" not in read(pages[9])
    assert "There were ten tests within the hour" in read(pages[10])
    other = make_client()
    press(other)
    assert Message.objects.count() == 11


def test_a_button_without_its_number_sends_all_the_same() -> None:
    client = make_client()
    make_version()
    assert press(client, "rubbish").status_code == 200
    assert Message.objects.count() == 1


def test_words_that_are_no_longer_kept_are_not_sent() -> None:
    client = make_client()
    make_version()
    press(client)
    Message.objects.update(payload=None)
    assert render_test(Message.objects.get()) == Dropped("its words are no longer kept")


def test_nobody_tests_with_anothers_client() -> None:
    client = make_client()
    make_version()
    assert browser_of(make_user()).post(url(client), typed(test=str(uuid4()))).status_code == 404
    assert Message.objects.count() == 0
