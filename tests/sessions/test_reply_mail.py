"""The counsellor is told by mail of what a client does shortly before: a reference, no name and no word."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from outbox.kinds import Dropped, Mail, OnUnknown, kind_of
from outbox.models import Message
from practice.models import User
from sessions import replies
from sessions.models import ClientReply, ClientSession
from sessions.reply_mail import render
from tests.factories import make_client, make_session, make_user
from tests.sessions.by_link import set_rules

pytestmark = pytest.mark.django_db
SOON = timedelta(hours=6)


def a_session(hours: float = 5, counsellor: User | None = None) -> ClientSession:
    person = make_client(counsellor or make_user(name="Rosemary Fernhill"), name="Juniper Testwell")
    return make_session(person, timezone.now() + timedelta(hours=hours))


def mails() -> list[Message]:
    return list(Message.objects.filter(kind="client_reply"))


@pytest.mark.parametrize(
    ("hours", "within", "count"), [(5, SOON, 1), (7, SOON, 0), (5, timedelta(0), 0), (-0.5, SOON, 1)]
)
def test_it_is_planned_when_the_session_is_near(hours: float, within: timedelta, count: int) -> None:
    set_rules(soon_within=within)
    session = a_session(hours)
    replies.ask_for_contact(session=session, revision=1, words="I am late.")
    assert len(mails()) == count
    for mail in mails():
        reply = ClientReply.unscoped.get()
        assert (mail.subject_id, mail.owner_id, mail.reference) == (
            reply.pk,
            session.client_id,
            session.client.reference,
        )
        assert (mail.expires_at, mail.due_at <= timezone.now()) == (session.ends_at, True)
        assert kind_of(mail).on_unknown == OnUnknown.PARK


def test_a_confirmation_is_no_news() -> None:
    replies.confirm(session=a_session(), revision=1)
    assert mails() == []


@pytest.mark.parametrize(
    ("deed", "words"),
    [
        (lambda session: replies.ask_to_move(session=session, revision=1, words="Quietheron"), "asks for another time"),
        (
            lambda session: replies.ask_for_contact(session=session, revision=1, words="Quietheron"),
            "asks to be contacted",
        ),
        (lambda session: replies.cancel(session=session, revision=1), "has cancelled"),
    ],
)
def test_it_names_the_reference_alone(deed: Any, words: str) -> None:
    set_rules(late_within=timedelta(0))
    session = a_session()
    deed(session)
    (message,) = mails()
    mail = render(message)
    assert isinstance(mail, Mail)
    assert mail.to == session.counsellor.email
    assert mail.subject.startswith(f"{session.client.reference} {words}: ")
    for part in (mail.text, mail.html):
        assert [word for word in ("Juniper", "Testwell", "Quietheron", session.client.email) if word in part] == []
        assert f"/sessions/{session.pk}/" in part
        assert "Hello Rosemary," in part


def test_one_reply_is_one_mail_however_often_it_is_changed() -> None:
    session = a_session()
    for words in ("One", "Two"):
        replies.ask_for_contact(session=session, revision=1, words=words)
    assert len(mails()) == 1


def test_what_was_seen_is_not_mailed_any_more() -> None:
    session = a_session()
    reply = replies.ask_for_contact(session=session, revision=1)
    (message,) = mails()
    replies.see_reply(actor=session.counsellor, reply=reply)
    assert [mail.state for mail in mails()] == [Message.State.DROPPED]
    assert render(message) == Dropped("seen already")
    reply.delete()
    assert render(message) == Dropped("reply erased")


def test_it_goes_to_whose_client_it_is_now() -> None:
    session = a_session()
    replies.ask_for_contact(session=session, revision=1)
    other = make_user(email="other@beside.test")
    type(session.client).unscoped.filter(pk=session.client_id).update(counsellor=other)
    mail = render(mails()[0])
    assert isinstance(mail, Mail)
    assert mail.to == "other@beside.test"
    User.objects.filter(pk=other.pk).update(is_active=False)
    assert render(mails()[0]) == Dropped("the counsellor has left")
