from datetime import timedelta
from uuid import UUID

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from outbox import services as outbox
from outbox.models import Message, Sending
from practice.models import AuditEntry
from tests.practice.rows import make_message

PAGE = "/practice/mail/"
State = Message.State
NOBODY = UUID(int=0)


def test_it_shows_what_was_and_will_be_sent_without_address_or_text(as_admin: Client) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    copy = {"to": "marigold@example.org", "subject": "Reminder", "text": "words of the mail"}
    make_message(State.SENT, reference="C-0042", sent_copy=copy, smtp_reply="250 OK")
    make_message(reference="C-0043", due_at=tomorrow, expires_at=tomorrow + timedelta(days=1))
    to_come, past = as_admin.get(PAGE), as_admin.get(f"{PAGE}?show=past")
    assert [(row.message.state, row.kind) for row in to_come.context["rows"]] == [("planned", "Account")]
    assert [(row.message.state, row.kind) for row in past.context["rows"]] == [("sent", "Account")]
    text = to_come.content.decode() + past.content.decode()
    assert ("C-0042" in text, "C-0043" in text, "250 OK" in text) == (True, True, True)
    assert ("marigold" in text, "words of the mail" in text) == (False, False)


def test_what_comes_next_and_what_left_last_stand_first(as_admin: Client) -> None:
    for hours in (2, 1):
        make_message(reference=f"C-{hours}", due_at=timezone.now() + timedelta(hours=hours))
        make_message(State.SENT, reference=f"C-{hours}", due_at=timezone.now() - timedelta(hours=hours))
    for query in ("", "?show=past"):
        rows = as_admin.get(PAGE + query).context["rows"]
        assert [row.message.reference for row in rows] == ["C-1", "C-2"]


def test_where_there_is_no_mail_it_says_so(as_admin: Client) -> None:
    assert "No mail to come" in as_admin.get(PAGE).content.decode()
    assert "No mail yet" in as_admin.get(f"{PAGE}?show=past").content.decode()


@pytest.mark.parametrize(
    ("state", "expires_in", "buttons"),
    [
        (State.HELD, 1, ["Release", "Drop"]),
        (State.FAILED, 1, ["Send again", "Drop"]),
        (State.UNSURE, 1, ["Send again", "Drop"]),
        (State.UNSURE, -1, ["Drop"]),
        (State.EXPIRED, -1, ["Drop"]),
        (State.PLANNED, 1, []),
        (State.SENT, 1, []),
    ],
)
def test_each_state_offers_what_can_be_done(as_admin: Client, state: str, expires_in: int, buttons: list[str]) -> None:
    expires_at = timezone.now() + timedelta(days=expires_in)
    make_message(state, kind="session_reminder", expires_at=expires_at, attempts=1)
    text = as_admin.get(PAGE).content.decode()
    assert [word for word in ("Release", "Send again", "Drop") if f">{word}</button>" in text] == buttons


@pytest.mark.parametrize(("payload", "buttons"), [(None, ["Drop"]), ({"to": "x@beside.test"}, ["Send again", "Drop"])])
def test_an_account_mail_whose_text_is_gone_is_not_offered_again(
    as_admin: Client, payload: dict[str, str] | None, buttons: list[str]
) -> None:
    message = make_message(State.UNSURE, payload=payload)
    text = as_admin.get(PAGE).content.decode()
    assert [word for word in ("Send again", "Drop") if f">{word}</button>" in text] == buttons
    as_admin.post(f"{PAGE}{message.pk}/release/")
    assert Message.objects.get().state == (State.PLANNED if payload else State.UNSURE)


def test_a_held_mail_is_released(as_admin: Client) -> None:
    message = make_message(State.HELD, payload={"to": "x@beside.test"})
    response = as_admin.post(f"{PAGE}{message.pk}/release/", follow=True)
    assert response.redirect_chain == [(PAGE, 302)]
    assert "The mail leaves with the next round" in response.content.decode()
    assert Message.objects.get().state == State.PLANNED


def test_a_failed_mail_is_dropped(as_admin: Client) -> None:
    message = make_message(State.FAILED)
    assert "The mail has been dropped." in as_admin.post(f"{PAGE}{message.pk}/drop/", follow=True).content.decode()
    assert Message.objects.get().state == State.DROPPED


@pytest.mark.parametrize("deed", ["release", "drop"])
def test_a_second_click_does_nothing_and_says_so(as_admin: Client, deed: str) -> None:
    message = make_message(State.SENT)
    response = as_admin.post(f"{PAGE}{message.pk}/{deed}/", follow=True)
    assert "dealt with already" in response.content.decode()
    assert Message.objects.get().state == State.SENT
    assert AuditEntry.objects.count() == 0


def test_a_pause_is_shown_and_can_be_ended(as_admin: Client) -> None:
    outbox.pause("The mail server does not accept our sign-in.")
    text = as_admin.get(PAGE).content.decode()
    assert ("The mail server does not accept our sign-in." in text, "Resume sending" in text) == (True, True)
    assert "Mail leaves again." in as_admin.post(f"{PAGE}resume/", follow=True).content.decode()
    assert Sending.objects.get().paused_at is None
    assert "Resume sending" not in as_admin.get(PAGE).content.decode()


@pytest.mark.parametrize("deed", ["resume/", f"{NOBODY}/release/", f"{NOBODY}/drop/"])
def test_deeds_need_a_post_and_a_row(as_admin: Client, deed: str) -> None:
    assert as_admin.get(PAGE + deed).status_code == 405
    assert as_admin.post(PAGE + deed).status_code == (302 if deed == "resume/" else 404)


@pytest.mark.parametrize("rows", [1, 3])
def test_it_asks_as_often_for_three_as_for_one(
    as_admin: Client, rows: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _ in range(rows):
        make_message(State.PLANNED)
        make_message(State.HELD)
    with django_assert_num_queries(7):  # web session, member, count, rows, undecided, sender, what is planned
        as_admin.get(PAGE)


def test_a_counsellor_may_not(as_counsellor: Client) -> None:
    message = make_message(State.HELD)
    answers = [as_counsellor.get(PAGE), as_counsellor.post(f"{PAGE}resume/")]
    answers += [as_counsellor.post(f"{PAGE}{message.pk}/{deed}/") for deed in ("release", "drop")]
    assert [answer.status_code for answer in answers] == [403] * 4
    assert Message.objects.get().state == State.HELD
