"""Every address, tried as a stranger, as each role and as the wrong counsellor, by GET and by POST.

The walk takes the URLconf as it stands: an address that is not in the table below fails the test, so that tomorrow's
page is tried too.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from clients.links import mint
from clients.models import Client, ClientLink
from exercises.models import Answer, Assignment
from exercises.selectors import current_versions
from exercises.services import publish_shipped
from notes.models import Attachment, Note
from outbox.models import Message
from practice.keeping import Sheet, keep
from practice.models import Invitation, KeptWords, User
from practice.roles import Role
from sessions.models import ClientSession
from supervision.models import Pack, PackItem
from tests.factories import confirm_identity, make_client, make_session, make_user
from tests.notes.factories import make_file
from vault.startup import ensure_canary

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """One counsellor's client with everything, and the people who may try the doors."""

    owner: User
    wrong: User
    admin: User
    client: Client
    session: ClientSession
    note: Note
    assignment: Assignment
    pack: Pack
    item: PackItem
    message: Message
    gone: User
    invitation: Invitation
    attachment: Attachment
    words: KeptWords


@pytest.fixture
def world() -> World:
    ensure_canary()
    owner, wrong, admin = make_user(), make_user(), make_user(Role.ADMIN)
    client = make_client(owner)
    session = make_session(client, timezone.now() - timedelta(hours=2))
    note = Note.unscoped.create(
        session=session, client=client, author=owner, text="sit", is_for_supervision=True, supervision_question="how"
    )
    publish_shipped()
    assignment = Assignment.unscoped.create(
        client=client, version=current_versions()[0], assigned_by=owner, personal_line="l", why="w", plan_when="p",
        due_on=timezone.localdate(), state=Assignment.State.DONE, answered_at=timezone.now(),
    )  # fmt: skip
    Answer.unscoped.create(assignment=assignment, client=client, sharing=Answer.Sharing.SHARED, values={})
    pack = Pack.unscoped.create(prepared_by=owner)
    item = PackItem.unscoped.create(pack=pack, client=client, note=note, position=1, text="t", question="q")
    now = timezone.now()
    message = Message.objects.create(
        kind="session_reminder", subject_id=session.pk, owner_id=client.pk, reference=client.reference, key="k",
        due_at=now, expires_at=now + timedelta(hours=1), state=Message.State.FAILED,
    )  # fmt: skip
    gone = make_user(is_active=False)
    invitation = Invitation.objects.create(
        email="hazel@beside.test", invited_by=admin, expires_at=now + timedelta(days=1)
    )
    return World(
        owner, wrong, admin, client, session, note, assignment, pack, item, message, gone, invitation, make_file(client),
        kept(owner, client),
    )  # fmt: skip


def kept(user: User, client: Client) -> KeptWords:
    row = keep(user=user, sheet=Sheet("/clients/new/", client.pk, client.reference), words={"text": "w"})
    assert row is not None
    return row


# Route name → (who it is for, the row in its address). "counselling" pages are for whoever counsels, and one with a row
# is not found by anybody but the row's own counsellor; "running" pages are for whoever runs the practice.
COUNSELLING, RUNNING, PACKS, MEMBERS, PUBLIC = "counselling", "running", "packs", "members", "public"
TABLE: dict[str, tuple[str, dict[str, str]]] = {
    "practice:today": (MEMBERS, {}),
    "practice:settings": (RUNNING, {}),
    "practice:members": (RUNNING, {}),
    "practice:member_invite": (RUNNING, {}),
    "practice:member_role": (RUNNING, {"pk": "wrong"}),
    "practice:member_leave": (RUNNING, {"pk": "wrong"}),
    "practice:member_return": (RUNNING, {"pk": "gone"}),
    "practice:invitation_revoke": (RUNNING, {"pk": "invitation"}),
    "practice:join": (PUBLIC, {"token": "unknown"}),
    "practice:audit": (RUNNING, {}),
    "practice:here": (MEMBERS, {}),
    "practice:words": (MEMBERS, {}),
    "practice:words_page": (MEMBERS, {"words_id": "words"}),
    "practice:words_let_go": (MEMBERS, {"words_id": "words"}),
    "practice:mail": (RUNNING, {}),
    "practice:mail_resume": (RUNNING, {}),
    "practice:mail_release": (RUNNING, {"message_id": "message"}),
    "practice:mail_drop": (RUNNING, {"message_id": "message"}),
    "practice:health_live": (PUBLIC, {}),
    "practice:health_ready": (PUBLIC, {}),
    "clients:list": (COUNSELLING, {}),
    "clients:admit": (COUNSELLING, {}),
    "clients:record": (COUNSELLING, {"pk": "client"}),
    "clients:edit": (COUNSELLING, {"pk": "client"}),
    "clients:mail_choices": (PUBLIC, {"token": "unknown"}),
    "sessions:week": (COUNSELLING, {}),
    "sessions:book": (COUNSELLING, {}),
    "sessions:detail": (COUNSELLING, {"session_id": "session"}),
    "sessions:move": (COUNSELLING, {"session_id": "session"}),
    "sessions:cancel": (COUNSELLING, {"session_id": "session"}),
    "sessions:outcome": (COUNSELLING, {"session_id": "session"}),
    "exercises:library": (COUNSELLING, {}),
    "exercises:detail": (COUNSELLING, {"slug": "library"}),
    "exercises:assign": (COUNSELLING, {"client_id": "client"}),
    "exercises:assignment": (COUNSELLING, {"assignment_id": "assignment"}),
    "exercises:review": (COUNSELLING, {"assignment_id": "assignment"}),
    "exercises:send_again": (COUNSELLING, {"assignment_id": "assignment"}),
    "exercises:withdraw": (COUNSELLING, {"assignment_id": "assignment"}),
    "exercises:practise": (PUBLIC, {"token": "unknown"}),
    "notes:write": (COUNSELLING, {"pk": "session"}),
    "notes:detail": (COUNSELLING, {"pk": "note"}),
    "notes:sign": (COUNSELLING, {"pk": "note"}),
    "notes:flag": (COUNSELLING, {"pk": "note"}),
    "notes:file_add": (COUNSELLING, {"client_id": "client"}),
    "notes:file": (COUNSELLING, {"pk": "attachment"}),
    "notes:file_remove": (COUNSELLING, {"pk": "attachment"}),
    "supervision:agenda": (PACKS, {}),
    "supervision:packs": (PACKS, {}),
    "supervision:prepare": (COUNSELLING, {}),
    "supervision:pack": (COUNSELLING, {"pk": "pack"}),
    "supervision:release": (COUNSELLING, {"pk": "pack"}),
    "supervision:discard": (COUNSELLING, {"pk": "pack"}),
    "supervision:export": (COUNSELLING, {"pk": "pack"}),
    "supervision:change": (COUNSELLING, {"pk": "item"}),
    "supervision:remove": (COUNSELLING, {"pk": "item"}),
    "supervision:hand_over": (COUNSELLING, {"pk": "client"}),
    "supervision:hand_over_all": (RUNNING, {"pk": "owner"}),
    "robots": (PUBLIC, {}),
}
# The library is the same for every counsellor.
SHARED_ROWS = {"library"}


def routes(patterns: list[Any] | None = None, namespace: str = "", before: str = "/") -> Iterator[tuple[str, str]]:
    """Yield name and route of every address; allauth's own names begin with `account_`, one without a name has ""."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from routes(pattern.url_patterns, inner, route)
        elif isinstance(pattern, URLPattern):
            yield (f"{namespace}{pattern.name}" if pattern.name else ""), route


def ours() -> list[str]:
    return sorted({name for name, _ in routes() if name and not name.startswith("account_")})


def unnamed() -> list[str]:
    """Return a path for each address without a name, something made up where it takes a value."""
    values = {"uuid": str(uuid4()), "int": "7"}
    return sorted(
        re.sub(r"<(?:(\w+):)?\w+>", lambda found: values.get(found[1], "x" * 43), route)
        for name, route in routes()
        if not name
    )


def address(name: str, world: World) -> str:
    rows = TABLE[name][1]
    values = {"unknown": "x" * 43, "library": "kind-voice"}
    return reverse(name, kwargs={arg: values.get(row) or getattr(world, row).pk for arg, row in rows.items()})


def as_member(user: User) -> Browser:
    browser = Browser(raise_request_exception=True)
    browser.force_login(user)
    confirm_identity(browser)  # without it, `@reconfirmed` asks for the password before anything else
    return browser


def tried(browser: Browser, url: str) -> tuple[int, int]:
    return browser.get(url).status_code, browser.post(url, {}).status_code


def test_the_table_knows_every_address() -> None:
    assert ours() == sorted(TABLE)


def test_an_address_without_a_name_is_closed_to_everybody(world: World) -> None:
    """A page has a name, and with it a line in the table; the others only stand in the way of allauth's own pages."""
    paths = unnamed()
    assert "/accounts/email/" in paths
    browsers = [Browser(), *(as_member(user) for user in (world.owner, world.wrong, world.admin))]
    found = {(path, answer) for path in paths for browser in browsers for answer in tried(browser, path)}
    assert found == {(path, 404) for path in paths}


@pytest.mark.urls("tests.leaking.urls")
def test_an_unnamed_page_would_be_found() -> None:
    assert f"/break/view/{'x' * 43}/" in unnamed()


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_stranger_is_sent_to_the_door(name: str, world: World) -> None:
    audience, rows = TABLE[name]
    got, posted = tried(Browser(), address(name, world))
    if audience != PUBLIC:
        assert (got, posted) == (302, 401)
    elif rows:
        assert {got, posted} == {404}
    else:
        assert got == 200


@pytest.mark.parametrize("name", [name for name, (audience, _) in sorted(TABLE.items()) if audience == COUNSELLING])
def test_an_admin_opens_no_counselling_page(name: str, world: World) -> None:
    refused = {403, 404} if name.startswith("supervision:") else {403}
    answers = set(tried(as_member(world.admin), address(name, world))) - {405}
    assert answers <= refused
    assert answers != set()


@pytest.mark.parametrize("name", [name for name, (audience, _) in sorted(TABLE.items()) if audience == RUNNING])
def test_a_counsellor_does_not_run_the_practice(name: str, world: World) -> None:
    assert set(tried(as_member(world.owner), address(name, world))) == {403}


@pytest.mark.parametrize(
    "name",
    [
        n
        for n, (audience, rows) in sorted(TABLE.items())
        if audience == COUNSELLING and set(rows.values()) - SHARED_ROWS
    ],
)
def test_the_wrong_counsellor_finds_nothing(name: str, world: World) -> None:
    assert set(tried(as_member(world.wrong), address(name, world))) - {404, 405} == set()
    assert 404 in tried(as_member(world.wrong), address(name, world))


@pytest.mark.parametrize("name", sorted(TABLE))
def test_nothing_breaks_for_whom_it_is_meant(name: str, world: World) -> None:
    audience, _ = TABLE[name]
    browser = as_member(world.admin if audience == RUNNING else world.owner)
    got, posted = tried(browser, address(name, world))
    assert got in (200, 302, 404, 405, 409)
    assert posted in (200, 302, 400, 404, 405, 409, 422)
    if audience != PUBLIC:
        assert (got, posted) != (404, 404)


def test_a_member_who_left_may_do_nothing(world: World) -> None:
    browser = as_member(world.owner)
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    assert {browser.get(address(name, world)).status_code for name in ("practice:today", "clients:list")} == {302}


def test_a_client_who_was_handed_over_is_the_new_counsellors_alone(world: World) -> None:
    Client.unscoped.filter(pk=world.client.pk).update(counsellor=world.wrong)
    theirs = {"client", "session", "note", "assignment", "attachment"}
    names = [name for name, (_, rows) in sorted(TABLE.items()) if set(rows.values()) & theirs]
    found = {(name, answer) for name in names for answer in tried(as_member(world.owner), address(name, world))}
    assert {(name, answer) for name, answer in found if answer not in (404, 405)} == set()


@pytest.mark.parametrize("purpose", ClientLink.Purpose.values)
def test_a_link_opens_one_thing_only(purpose: str, world: World) -> None:
    token = mint(
        client=world.client, purpose=purpose, subject_id=uuid4(), expires_at=timezone.now() + timedelta(days=1)
    )
    others = {"exercises:practise", "clients:mail_choices"} - {
        {"exercise": "exercises:practise", "mail": "clients:mail_choices"}[purpose]
    }
    assert [Browser().get(reverse(name, args=[token])).status_code for name in others] == [404]
