"""What clients do by the link to their session, and what becomes of it."""

from datetime import UTC, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client as Browser
from django.utils import timezone

from clients import erasure
from clients.handing_over import HandedOver
from outbox.models import Message
from practice import clock
from practice.models import AuditEntry
from sessions import replies, undoing
from sessions.models import ClientReply, ClientSession
from sessions.services import DiaryClash, PastSession, cancel_session, move_session
from sessions.time_off import Choice, Do, take_leave
from supervision.handing_over import hand_over
from tests.clients.test_erasure import ask
from tests.factories import make_client, make_session, make_user
from tests.sessions.by_link import NOON, deeds, form, heading, link_to, read, set_rules
from tests.tables import dump

pytestmark = pytest.mark.django_db
Status, Kind, State = ClientSession.Status, ClientReply.Kind, ClientReply.State
LATER = NOON + timedelta(days=4)


@pytest.fixture
def browser() -> Browser:
    return Browser(enforce_csrf_checks=True)


@pytest.fixture
def session() -> ClientSession:
    return make_session(starts_at=timezone.now() + timedelta(days=3))


def now(session: ClientSession) -> ClientSession:
    return ClientSession.unscoped.get(pk=session.pk)


# --- confirm ---------------------------------------------------------------------------------------------
def test_a_client_confirms_once_however_often_they_press(browser: Browser, session: ClientSession) -> None:
    link = link_to(session)
    for _ in range(2):
        answer = browser.post(link, form(session, "confirm"))
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{link}?said=confirm")
    assert now(session).status == Status.CONFIRMED
    assert deeds() == ["session.confirm"]
    assert AuditEntry.objects.get().actor is None
    assert ClientReply.unscoped.count() == 0
    assert 'role="status"' in read(browser.get(f"{link}?said=confirm"))


def test_nobody_confirms_a_time_that_they_have_not_seen(browser: Browser, session: ClientSession) -> None:
    link, seen = link_to(session), form(session, "confirm")
    moved = session.starts_at + timedelta(days=1)
    move_session(actor=session.counsellor, session=session, starts_at=moved, length=session.length)
    answer = browser.post(link, seen)
    assert answer.headers["Location"] == f"{link}?said=moved"
    assert "This changed while the page was open, so nothing was sent." in read(browser.get(f"{link}?said=moved"))
    assert now(session).status == Status.BOOKED
    assert browser.post(link, {"deed": "confirm"}).headers["Location"] == f"{link}?said=moved"
    assert browser.post(link, {"deed": "confirm", "revision": "9" * 30}).status_code == 302
    assert now(session).status == Status.BOOKED


def test_a_deed_that_is_none_changes_nothing(browser: Browser, session: ClientSession) -> None:
    link = link_to(session)
    answers = [browser.post(link, body) for body in ({}, {"deed": "erase"}, {"deed": "confirm", "revision": "²"})]
    assert [answer.status_code for answer in answers] == [302] * 3
    assert (now(session).status, deeds()) == (Status.BOOKED, [])


# --- cancel ----------------------------------------------------------------------------------------------
def test_a_client_cancels_once_and_the_counsellor_is_to_see_it(browser: Browser, session: ClientSession) -> None:
    link = link_to(session)
    replies.ask_to_move(session=session, revision=1, words="After four?")
    for _ in range(2):
        assert browser.post(link, form(session, "cancel")).headers["Location"] == f"{link}?said=cancel"
    assert now(session).status == Status.CANCELLED_BY_CLIENT
    kinds = dict(ClientReply.unscoped.values_list("kind", "state"))
    assert kinds == {Kind.CANCELLED: State.OPEN, Kind.MOVE: State.SEEN}
    assert deeds() == ["reply.ask", "session.cancel"]
    page = browser.get(f"{link}?said=cancel")
    assert heading(page) == "This appointment is cancelled"
    assert "You cancelled it on" in read(page)


@pytest.mark.parametrize(("hours", "rules"), [(23, {}), (30, {"clients_may_cancel": False}), (-0.5, {})])
def test_where_it_is_not_offered_nothing_is_cancelled(browser: Browser, hours: float, rules: dict[str, Any]) -> None:
    set_rules(**rules)
    session = make_session(starts_at=timezone.now() + timedelta(hours=hours))
    link = link_to(session)
    assert browser.post(link, form(session, "cancel")).headers["Location"] == link
    assert (now(session).status, ClientReply.unscoped.count()) == (Status.BOOKED, 0)


# --- ask -------------------------------------------------------------------------------------------------
def test_an_ask_is_kept_once_and_its_words_are_sealed(browser: Browser, session: ClientSession) -> None:
    link = link_to(session)
    for _ in range(2):
        answer = browser.post(link, form(session, "move", words="Any Quietheron day"))
        assert (answer.status_code, answer.headers["Location"]) == (302, f"{link}?said=move")
    reply = ClientReply.unscoped.get()
    assert (reply.kind, reply.state, reply.words) == (Kind.MOVE, State.OPEN, "Any Quietheron day")
    assert deeds() == ["reply.ask"]
    assert AuditEntry.objects.get().detail == {"kind": "move", "wishes": 0}
    rows = "".join(row for table in dump().values() for row in table)
    assert "Quietheron" not in rows
    assert now(session).starts_at == session.starts_at
    text = read(browser.get(link))
    assert "You asked for another time" in text
    assert "the appointment above stands" in text
    assert "Any Quietheron day" not in text
    assert "Any Quietheron day</textarea>" in read(browser.get(f"{link}?step=move"))


def test_asking_again_takes_the_place_of_what_was_asked(browser: Browser, session: ClientSession) -> None:
    link = link_to(session)
    browser.post(link, form(session, "talk"))
    browser.post(link, form(session, "talk", words="I have a new number."))
    assert [reply.words for reply in ClientReply.unscoped.all()] == ["I have a new number."]
    assert deeds() == ["reply.ask", "reply.ask"]


def test_what_was_seen_stays_and_a_new_ask_is_a_new_one(session: ClientSession) -> None:
    first = replies.ask_for_contact(session=session, revision=1, words="One")
    replies.see_reply(actor=session.counsellor, reply=first)
    replies.ask_for_contact(session=session, revision=1, words="Two")
    found = {reply.words: reply.state for reply in ClientReply.unscoped.all()}
    assert found == {"One": State.SEEN, "Two": State.OPEN}


def test_times_are_ticked_from_those_that_are_free(browser: Browser) -> None:
    set_rules(offers_slots=True)
    with time_machine.travel(NOON):
        session = make_session(starts_at=NOON + timedelta(days=2))
        link = link_to(session)
        wish = (NOON + timedelta(hours=21)).astimezone(UTC).isoformat()
        taken = NOON + timedelta(days=3)
        make_session(make_client(session.counsellor), taken)
        refused = [
            browser.post(link, form(session, "move", words="Here", wishes=wishes))
            for wishes in ([taken.astimezone(UTC).isoformat()], ["soon"], [wish] * 4)
        ]
        nothing = browser.post(link, form(session, "move"))
        assert browser.post(link, form(session, "move", wishes=[wish])).status_code == 302
        text = read(browser.get(link))
    assert [page.status_code for page in [*refused, nothing]] == [422] * 4
    assert "One of these times has just been taken." in read(refused[0])
    assert "Here</textarea>" in read(refused[0])
    assert "Please tick no more than 3." in read(refused[2])
    assert "Please tick a time, or write a line." in read(nothing)
    assert ClientReply.unscoped.get().wishes == [wish]
    assert "Wednesday 25 November, " in text


@pytest.mark.parametrize(("words", "why"), [
    ("y" * 2001, "This is longer than fits here (2,000 characters)."), ("", "Please write which times would suit you."),
])  # fmt: skip
def test_what_does_not_fit_is_said_at_the_field_and_kept(
    browser: Browser, session: ClientSession, words: str, why: str
) -> None:
    page = browser.post(link_to(session), form(session, "move", words=words))
    assert (page.status_code, why in read(page), f"{words}</textarea>" in read(page)) == (422, True, True)
    assert ClientReply.unscoped.count() == 0


def test_two_thousand_characters_fit(browser: Browser, session: ClientSession) -> None:
    assert browser.post(link_to(session), form(session, "talk", words="é" * 2000)).status_code == 302
    assert ClientReply.unscoped.get().words == "é" * 2000


def test_what_was_typed_while_it_moved_is_given_back(browser: Browser, session: ClientSession) -> None:
    link, typed = link_to(session), form(session, "move", words="Rather on <Friday>.")
    moved = session.starts_at + timedelta(days=1)
    move_session(actor=session.counsellor, session=session, starts_at=moved, length=session.length)
    page = browser.post(link, typed)
    assert (page.status_code, heading(page)) == (409, "This could not be sent")
    assert "Rather on &lt;Friday&gt;.</textarea>" in page.content.decode()
    assert ClientReply.unscoped.count() == 0


def test_a_client_who_is_erased_at_this_moment_is_told_kindly_and_nothing_is_kept(session: ClientSession) -> None:
    client = session.client
    ask(client)
    erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)
    for deed in (replies.confirm, replies.cancel, replies.ask_for_contact):
        with pytest.raises(replies.NotOffered):
            deed(session=session, revision=1)
    assert ClientReply.unscoped.count() == 0


def test_a_wish_without_a_word_or_too_many_is_a_mistake(session: ClientSession) -> None:
    for wishes in ([], [LATER] * 4):
        with pytest.raises(ValueError, match="names up to three"):
            replies.ask_to_move(session=session, revision=1, wishes=wishes, words=" ")


# --- agree and see ---------------------------------------------------------------------------------------
@pytest.fixture
def wish(session: ClientSession) -> ClientReply:
    later = session.starts_at + timedelta(days=1)
    return replies.ask_to_move(session=session, revision=1, wishes=[later, later + timedelta(hours=2)])


def test_agreeing_moves_the_session_once(session: ClientSession, wish: ClientReply) -> None:
    later = session.starts_at + timedelta(days=1)
    for _ in range(2):
        moved = replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=later)
        assert (moved.starts_at, moved.length) == (later, session.length)
    assert ClientReply.unscoped.get().state == State.AGREED
    assert deeds() == ["reply.ask", "session.move", "reply.agree"]
    with pytest.raises(replies.ReplyClosed):
        replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=later + timedelta(hours=2))


def test_a_time_that_was_taken_or_has_passed_leaves_everything_as_it_was(
    session: ClientSession, wish: ClientReply
) -> None:
    later = session.starts_at + timedelta(days=1)
    other = make_session(make_client(session.counsellor), later)
    with pytest.raises(DiaryClash):
        replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=later)
    other.delete()
    with time_machine.travel(later + timedelta(hours=3)):
        ClientSession.unscoped.filter(pk=session.pk).update(ends_at=later + timedelta(days=1))
        with pytest.raises(PastSession):
            replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=later + timedelta(hours=2))
    assert (ClientReply.unscoped.get().state, now(session).starts_at) == (State.OPEN, session.starts_at)


def test_nobody_agrees_for_a_client_who_was_handed_over(session: ClientSession, wish: ClientReply) -> None:
    reply = ClientReply.unscoped.select_related("session", "client").get(pk=wish.pk)
    assert reply.session.starts_at == session.starts_at
    was = session.counsellor
    hand_over(actor=was, client=session.client, to=make_user(), is_told=True)
    with pytest.raises(HandedOver):
        replies.agree_reply(actor=was, reply=reply, starts_at=session.starts_at + timedelta(days=1))
    assert (ClientReply.unscoped.get().state, now(session).starts_at) == (State.OPEN, session.starts_at)


def test_a_time_that_nobody_asked_for_is_a_mistake(session: ClientSession, wish: ClientReply) -> None:
    with pytest.raises(ValueError, match="not asked for"):
        replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=session.starts_at)


def test_seeing_puts_it_away_once(session: ClientSession, wish: ClientReply) -> None:
    for _ in range(2):
        assert replies.see_reply(actor=session.counsellor, reply=wish).state == State.SEEN
    assert deeds() == ["reply.ask", "reply.see"]


@pytest.mark.parametrize(("days", "state"), [(1, State.AGREED), (2, State.SEEN)])
def test_moving_it_by_hand_answers_the_wish(session: ClientSession, wish: ClientReply, days: int, state: str) -> None:
    later = session.starts_at + timedelta(days=days)
    talk = replies.ask_for_contact(session=session, revision=1)
    move_session(actor=session.counsellor, session=session, starts_at=later, length=session.length)
    assert dict(ClientReply.unscoped.values_list("pk", "state")) == {wish.pk: state, talk.pk: State.OPEN}


@pytest.mark.parametrize("by_hand", [True, False])
def test_taking_the_move_back_lets_the_wish_wait_again(
    session: ClientSession, wish: ClientReply, by_hand: bool
) -> None:
    seen = replies.ask_for_contact(session=session, revision=1)
    replies.see_reply(actor=session.counsellor, reply=seen)
    later = session.starts_at + timedelta(days=1)
    if by_hand:
        move_session(actor=session.counsellor, session=session, starts_at=later, length=session.length)
    else:
        replies.agree_reply(actor=session.counsellor, reply=wish, starts_at=later)
    change = undoing.change_of(now(session))
    assert change is not None
    undoing.undo(actor=session.counsellor, change=change)
    assert now(session).starts_at == session.starts_at
    found = {reply.pk: reply.state for reply in ClientReply.unscoped.all()}
    assert found == {wish.pk: State.OPEN, seen.pk: State.SEEN}


def test_a_leave_answers_the_wish_of_a_session_that_it_cancels(session: ClientSession, wish: ClientReply) -> None:
    day = clock.local(session.starts_at).date()
    choice = Choice(session, session.version, Do.CANCEL)
    take_leave(actor=session.counsellor, first_on=day, last_on=day, choices=[choice])
    assert (now(session).is_cancelled, ClientReply.unscoped.get().state) == (True, State.SEEN)


def test_cancelling_it_by_hand_answers_the_wish(session: ClientSession, wish: ClientReply) -> None:
    cancel_session(actor=session.counsellor, session=session, by=Status.CANCELLED_BY_COUNSELLOR)
    assert ClientReply.unscoped.get().state == State.SEEN


def test_erasing_the_client_takes_replies_and_their_mail(session: ClientSession) -> None:
    ClientSession.unscoped.update(
        starts_at=timezone.now() + timedelta(hours=2), ends_at=timezone.now() + timedelta(hours=3)
    )
    replies.ask_for_contact(session=session, revision=1, words="Hello")
    assert Message.objects.filter(kind="client_reply").count() == 1
    client = session.client
    ask(client)
    erasure.erase_client(actor=client.counsellor, client=client, is_rule_considered=True)
    assert (ClientReply.unscoped.count(), Message.objects.count()) == (0, 0)
