import re

import pytest
from django.core import mail as django_mail
from django.db import connection
from django.test import Client

from outbox.models import Message
from outbox.sender import send_due
from practice.models import Practice, User
from practice.services import release_mail
from tests.conftest import SmtpSink
from tests.factories import PASSWORD
from tests.practice.passkeys import give_app
from tests.practice.rows import last_deed

RESET = "/accounts/password/reset/"
NEW = "three quiet birches"


def link_in(sink: SmtpSink) -> str:
    part = sink.messages[-1].get_body(("plain",))
    assert part is not None
    found = re.search(r"http://localhost:8000(/accounts/password/reset/key/\S+)", part.get_content())
    assert found is not None
    return found[1]


def without_nonce(page: bytes) -> bytes:
    return re.sub(rb'nonce="[^"]+"', b"", page)


def test_the_link_waits_sealed_and_arrives_by_smtp(client: Client, counsellor: User, smtp_sink: SmtpSink) -> None:
    client.post(RESET, {"email": counsellor.email})
    message = Message.objects.get()
    assert (message.kind, message.owner_id, message.state) == ("account", Practice.current().id, "planned")
    with connection.cursor() as cursor:
        cursor.execute("SELECT payload FROM outbox_message")
        blob = bytes(cursor.fetchone()[0])
    assert message.payload["to"] == counsellor.email
    assert counsellor.email.encode() not in blob
    assert send_due().sent == 1
    (mail,) = smtp_sink.messages
    assert (mail["To"], mail["Subject"]) == (counsellor.email, "Your new password for Beside")
    assert Message.objects.get().payload is None
    assert not hasattr(django_mail, "outbox") or django_mail.outbox == []


def test_the_link_leads_to_a_new_password_once(client: Client, counsellor: User, smtp_sink: SmtpSink) -> None:
    client.post(RESET, {"email": counsellor.email})
    send_due()
    link = link_in(smtp_sink)
    page = client.get(link, follow=True)
    assert "<h1>Choose a new password</h1>" in page.content.decode()
    where = page.redirect_chain[-1][0]
    done = client.post(where, {"password1": NEW, "password2": NEW}, follow=True)
    assert "Your password is changed" in done.content.decode()
    counsellor.refresh_from_db()
    assert counsellor.check_password(NEW)
    assert (last_deed().deed, last_deed().actor) == ("password.change", counsellor)
    send_due()
    assert smtp_sink.messages[-1]["Subject"] == "Your password for Beside was changed"
    again = Client().get(link, follow=True)
    assert "This link has run out" in again.content.decode()


@pytest.mark.parametrize(("first", "second"), [("short", "short"), (NEW, "three quiet beeches"), ("", "")])
def test_a_weak_or_mistyped_password_is_refused(
    client: Client, counsellor: User, smtp_sink: SmtpSink, first: str, second: str
) -> None:
    client.post(RESET, {"email": counsellor.email})
    send_due()
    where = client.get(link_in(smtp_sink), follow=True).redirect_chain[-1][0]
    page = client.post(where, {"password1": first, "password2": second})
    assert page.status_code == 200
    assert page.context["form"].errors != {}
    counsellor.refresh_from_db()
    assert counsellor.check_password(PASSWORD)


def test_an_unknown_address_looks_the_same_and_sends_nothing(client: Client, counsellor: User) -> None:
    known, unknown = (
        client.post(RESET, {"email": email}, follow=True) for email in (counsellor.email, "nobody@beside.test")
    )
    assert known.redirect_chain == unknown.redirect_chain == [("/accounts/password/reset/done/", 302)]
    assert without_nonce(known.content) == without_nonce(unknown.content)
    assert Message.objects.count() == 1


@pytest.mark.parametrize("email", ["", "no address", "x" * 400 + "@beside.test"])
def test_what_is_no_address_is_said(client: Client, practice: Practice, email: str) -> None:
    page = client.post(RESET, {"email": email})
    assert (page.status_code, list(page.context["form"].errors)) == (200, ["email"])


def test_who_has_left_gets_no_link(client: Client, counsellor: User) -> None:
    User.objects.filter(pk=counsellor.pk).update(is_active=False)
    client.post(RESET, {"email": counsellor.email})
    assert Message.objects.count() == 0


def test_a_new_password_leaves_the_second_factor_in_force(
    client: Client, counsellor: User, smtp_sink: SmtpSink
) -> None:
    give_app(counsellor)
    client.post(RESET, {"email": counsellor.email})
    send_due()
    where = client.get(link_in(smtp_sink), follow=True).redirect_chain[-1][0]
    client.post(where, {"password1": NEW, "password2": NEW})
    step = client.post("/accounts/login/", {"login": counsellor.email, "password": NEW})
    assert step.headers["Location"] == "/accounts/2fa/authenticate/"
    assert client.get("/").status_code == 302


def test_a_link_that_did_not_leave_can_be_sent_again_and_is_then_no_longer_kept(
    client: Client, counsellor: User, admin: User, smtp_sink: SmtpSink
) -> None:
    client.post(RESET, {"email": counsellor.email})
    smtp_sink.answer = "554 refused"
    assert send_due().failed == 1
    smtp_sink.answer = "250 OK"
    release_mail(actor=admin, message=Message.objects.get())
    assert send_due().sent == 1
    assert client.get(link_in(smtp_sink), follow=True).status_code == 200
    assert Message.objects.get().payload is None
