"""The pages on which clients are handed over: one's own, and those of a member who leaves."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice.models import AuditEntry, User
from practice.roles import Role
from sessions.models import ClientSession
from supervision.panels import left_behind_panel
from tests.factories import confirm_identity, make_client, make_session, make_user
from tests.notes.factories import make_note
from tests.sessions.factories import in_days
from tests.supervision.browsing import just_before, url

pytestmark = pytest.mark.django_db


def confirmed(member: User) -> Browser:
    """Return the browser of a member who has just typed the password once more."""
    browser = Browser()
    browser.force_login(member)
    confirm_identity(browser)
    return browser


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def hand_overs() -> int:
    return AuditEntry.objects.filter(deed="client.hand_over").count()


# --- one's own client --------------------------------------------------------------------------------
def test_it_says_what_goes_along_and_then_does_it() -> None:
    client, to = make_client(), make_user(name="Alder Testman")
    make_session(client)
    browser = confirmed(client.counsellor)

    shown = browser.get(url("hand_over", client.pk))
    answer = browser.post(url("hand_over", client.pk), {"to": to.pk, "is_told": "on"}, follow=True)

    assert "Goes along" in words(shown)
    assert client.name not in words(shown).partition("</title>")[0]
    assert answer.redirect_chain == [("/clients/", 302)]
    said = [str(message) for message in answer.context["messages"]]
    assert said == [f"{client.reference} is with your colleague now. Their record is closed to you."]
    client.refresh_from_db()
    assert (client.counsellor, AuditEntry.objects.latest("id").detail["client_told"]) == (to, True)
    for page in (f"/clients/{client.pk}/", url("hand_over", client.pk)):
        assert browser.get(page).status_code == 404


def test_that_the_client_was_not_told_is_recorded_too() -> None:
    client, to = make_client(), make_user()
    confirmed(client.counsellor).post(url("hand_over", client.pk), {"to": to.pk})
    assert AuditEntry.objects.latest("id").detail["client_told"] is False


def test_the_password_is_asked_for_once_more() -> None:
    client, to = make_client(), make_user()
    browser = Browser()
    browser.force_login(client.counsellor)
    answers = [browser.get(url("hand_over", client.pk)), browser.post(url("hand_over", client.pk), {"to": to.pk})]
    assert {answer.headers["Location"].partition("?")[0] for answer in answers} == {"/accounts/reauthenticate/"}
    assert hand_overs() == 0


@pytest.mark.parametrize("to", ["", "nobody", "themselves", "admin", "left", "unknown"])
def test_whom_it_cannot_go_to_is_said_at_the_field(to: str) -> None:
    client = make_client()
    make_user()
    values = {
        "themselves": client.counsellor.pk, "admin": make_user(Role.ADMIN).pk, "left": make_user(is_active=False).pk,
        "unknown": uuid4(),
    }  # fmt: skip
    answer = confirmed(client.counsellor).post(url("hand_over", client.pk), {"to": values.get(to, to)})
    assert (answer.status_code, list(answer.context["form"].errors), hand_overs()) == (422, ["to"], 0)


def test_notes_to_sign_stand_on_the_page_and_in_the_way() -> None:
    note, to = make_note(), make_user()
    browser = confirmed(note.author)
    assert f"/notes/session/{note.session_id}/" in words(browser.get(url("hand_over", note.client_id)))
    answer = browser.post(url("hand_over", note.client_id), {"to": to.pk})
    assert answer.status_code == 422
    assert "There are notes to sign before this client can be handed over." in words(answer)
    assert hand_overs() == 0


def test_sessions_that_clash_are_shown_before_anything_is_saved() -> None:
    client, to = make_client(), make_user()
    make_session(make_client(to), in_days(2, 10))
    make_session(client, in_days(2, 10, 30))
    make_session(client, in_days(4))
    answer = confirmed(client.counsellor).post(url("hand_over", client.pk), {"to": to.pk})
    assert (answer.status_code, hand_overs()) == (422, 0)
    assert (words(answer).count(">Clashes<"), words(answer).count(">Goes along<")) == (1, 1)


def test_a_client_who_goes_meanwhile_is_not_found() -> None:
    client, first, second = make_client(), make_user(), make_user()
    browser = confirmed(client.counsellor)
    going = Client.unscoped.filter(pk=client.pk)
    with just_before('FROM "clients_client" WHERE "clients_client"."id"', lambda: going.update(counsellor=first)):
        answer = browser.post(url("hand_over", client.pk), {"to": second.pk})
    assert answer.status_code == 404


def test_where_nobody_can_receive_the_page_says_so() -> None:
    client = make_client()
    assert "Nobody else here sees clients" in words(confirmed(client.counsellor).get(url("hand_over", client.pk)))


# --- clients of a member who leaves --------------------------------------------------------------------
def test_an_admin_hands_over_by_reference_without_a_name() -> None:
    member, to, admin = make_user(is_active=False), make_user(), make_user(Role.ADMIN)
    clients = [make_client(member, name=f"Marigold Secretwell {number}") for number in range(3)]
    note = make_note(make_session(clients[0], in_days(-2)))
    browser = confirmed(admin)

    shown = browser.get(url("hand_over_all", member.pk))
    answer = browser.post(
        url("hand_over_all", member.pk), {"to": to.pk, "clients": [each.pk for each in clients[:2]]}, follow=True
    )

    assert [client.reference in words(shown) for client in clients] == [True] * 3
    assert "Secretwell" not in words(shown) + words(answer)
    assert answer.redirect_chain == [("/practice/members/", 302)]
    assert set(Client.visible_to(to)) == set(clients[:2])
    assert (type(note).visible_to(to).count(), hand_overs()) == (1, 2)


def test_an_admin_chooses_what_becomes_of_clashing_sessions() -> None:
    member, to = make_user(), make_user()
    first, second = make_client(member), make_client(member)
    make_session(make_client(to), in_days(2, 10))
    clashing = make_session(second, in_days(2, 10, 30))
    browser = confirmed(make_user(Role.ADMIN))
    sent = {"to": to.pk, "clients": [first.pk, second.pk]}

    refused = browser.post(url("hand_over_all", member.pk), sent)
    assert (refused.status_code, hand_overs()) == (422, 0)
    assert "Sessions that clash" in words(refused)
    assert words(refused).count(second.reference) == 2
    assert f'name="seen" value="{clashing.pk}"' in refused.content.decode()

    browser.post(url("hand_over_all", member.pk), {**sent, "cancels_clashing": "on", "seen": str(clashing.pk)})
    clashing.refresh_from_db()
    assert (clashing.status, hand_overs()) == (ClientSession.Status.CANCELLED_BY_COUNSELLOR, 2)


@pytest.mark.parametrize("seen", ["", "nonsense"])
def test_no_session_is_cancelled_that_was_not_listed_first(seen: str) -> None:
    member, to = make_user(), make_user()
    client = make_client(member)
    make_session(make_client(to), in_days(2, 10))
    clashing = make_session(client, in_days(2, 10, 30))
    sent = {"to": to.pk, "clients": [client.pk], "cancels_clashing": "on", "seen": seen}
    answer = confirmed(make_user(Role.ADMIN)).post(url("hand_over_all", member.pk), sent)
    assert (answer.status_code, "Sessions that clash" in words(answer), hand_overs()) == (422, True, 0)
    clashing.refresh_from_db()
    assert clashing.status == ClientSession.Status.BOOKED
    assert answer.context["form"]["clients"].value() == [str(client.pk)]


@pytest.mark.parametrize("is_here", [True, False])
def test_nobody_takes_the_clients_of_a_colleague_who_works_here(is_here: bool) -> None:
    """Who has left is another matter: in a practice of two there is nobody else."""
    member, runs = make_user(is_active=is_here), make_user(Role.SOLO)
    client = make_client(member)
    answer = confirmed(runs).post(url("hand_over_all", member.pk), {"to": runs.pk, "clients": [client.pk]})
    assert (answer.status_code, hand_overs()) == ((422, 0) if is_here else (302, 1))


@pytest.mark.parametrize("whose", ["none", "another's", "rubbish"])
def test_only_this_members_clients_can_be_ticked(whose: str) -> None:
    member, to = make_user(), make_user()
    make_client(member)
    ticked = {"none": [], "another's": [make_client().pk], "rubbish": ["x\0"]}[whose]
    answer = confirmed(make_user(Role.ADMIN)).post(url("hand_over_all", member.pk), {"to": to.pk, "clients": ticked})
    assert (answer.status_code, list(answer.context["form"].errors), hand_overs()) == (422, ["clients"], 0)


def test_a_member_without_clients_and_a_practice_without_counsellors_say_so() -> None:
    browser, member = confirmed(make_user(Role.ADMIN)), make_user()
    assert "No clients to hand over" in words(browser.get(url("hand_over_all", member.pk)))
    make_client(member)
    assert "Nobody else here sees clients" in words(browser.get(url("hand_over_all", member.pk)))


def test_the_page_asks_as_often_for_three_clients_as_for_one() -> None:
    member, browser = make_user(), confirmed(make_user(Role.ADMIN))
    asked = []
    for _ in range(3):
        make_client(member)
        make_user()
        with CaptureQueriesContext(connection) as queries:
            browser.get(url("hand_over_all", member.pk))
        asked.append(len(queries))
    assert asked[0] == asked[2]
    assert asked[0] <= 9


# --- who receives ------------------------------------------------------------------------------------
def test_today_says_who_is_new_until_the_record_is_opened() -> None:
    client, to = make_client(preferred_name="Goldie"), make_user()
    confirmed(client.counsellor).post(url("hand_over", client.pk), {"to": to.pk})
    browser = confirmed(to)
    assert "Handed to you" in words(browser.get("/"))
    assert "Goldie" in words(browser.get("/"))
    assert "Handed over by" in words(browser.get(f"/clients/{client.pk}/"))
    assert "Handed to you" not in words(browser.get("/"))


def test_nobody_else_is_told() -> None:
    client, to = make_client(), make_user()
    browser = confirmed(client.counsellor)
    browser.post(url("hand_over", client.pk), {"to": to.pk})
    assert "Handed to you" not in words(browser.get("/"))


# --- whose counsellor has left -------------------------------------------------------------------------
def test_today_says_whose_clients_wait_until_they_are_handed_over() -> None:
    gone, to = make_user(is_active=False, name="Gone Testman"), make_user()
    clients = [make_client(gone), make_client(gone)]
    browser = confirmed(make_user(Role.ADMIN))
    shown = browser.get("/")
    assert "Gone Testman" in words(shown)
    assert "2 clients wait for another counsellor" in words(shown)
    assert url("hand_over_all", gone.pk) in words(shown)
    assert "another counsellor" not in words(confirmed(to).get("/"))
    browser.post(url("hand_over_all", gone.pk), {"to": to.pk, "clients": [each.pk for each in clients]})
    assert "another counsellor" not in words(browser.get("/"))


@pytest.mark.parametrize("rows", [1, 3])
def test_it_costs_one_query(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    admin = make_user(Role.ADMIN)
    for _ in range(rows):
        make_client(make_user(is_active=False))
    with django_assert_num_queries(1):
        panel = left_behind_panel(admin, None)
    assert panel is not None
    assert panel.needs == rows
