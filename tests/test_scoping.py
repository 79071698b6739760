"""Every address, tried as a stranger, as each role and as the wrong counsellor, by GET, HEAD and POST.

The walk takes the URLconf as it stands: an address that is not in the table below fails the test, so that tomorrow's
page is tried too. Who may come in is read off the view's own guard and the table of roles; a view without a guard
needs a reason. Whoever is refused has changed no row.
"""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.links import mint
from clients.models import Client, ClientLink, Tombstone
from exercises.models import Answer, Assignment, Sharing
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from notes.models import Attachment, Note
from outbox.models import Message
from practice import trail
from practice.keeping import Sheet, keep
from practice.models import Invitation, KeptWords, User
from practice.roles import ROLE_PERMISSIONS, Permission, Role
from practice.second_factor import OPEN
from sessions.models import ClientReply, ClientSession, DiaryChange, Series, SessionType, TimeOff, WaitingEntry
from supervision.handing_over import hand_over
from supervision.models import Pack, PackItem
from tests.factories import confirm_identity, make_client, make_practice, make_session, make_user
from tests.notes.factories import make_file
from tests.sessions.time import make_time_off
from tests.tables import changed, dump
from tests.walking import routes, views
from vault.startup import ensure_canary

pytestmark = pytest.mark.django_db


@dataclass
class World:
    """One counsellor's client with everything, and the people who may try the doors."""

    owner: User
    wrong: User
    admin: User
    solo: User
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
    stone: Tombstone
    change: DiaryChange
    waiting: WaitingEntry
    reply: ClientReply
    time_off: TimeOff
    session_type: SessionType
    series: Series


@pytest.fixture
def world() -> World:
    ensure_canary()
    owner, wrong, admin, solo = make_user(), make_user(), make_user(Role.ADMIN), make_user(Role.SOLO)
    trail.record("sign_in", actor=owner, subject=owner)  # the trail has its key
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
    Answer.unscoped.create(assignment=assignment, client=client, sharing=Sharing.SHARED, values={})
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
        owner, wrong, admin, solo, client, session, note, assignment, pack, item, message, gone, invitation,
        make_file(client), kept(owner, client), make_stone(owner), make_change(owner, session),
        WaitingEntry.unscoped.create(client=client, note="n"),
        ClientReply.unscoped.create(session=session, client=client, kind="talk"),
        make_time_off(owner),
        SessionType.objects.create(name="First meeting"),
        make_series(client, session),
    )  # fmt: skip


def make_stone(owner: User) -> Tombstone:
    """Return what stays of a client of theirs who was erased."""
    today = timezone.localdate()
    return Tombstone.unscoped.create(
        id=uuid4(), reference="C-0007", counsellor=owner, admitted_on=today, asked_by="client", received_on=today,
        erased_by=owner,
    )  # fmt: skip


def make_series(client: Client, session: ClientSession) -> Series:
    today = timezone.localdate()
    series = Series.unscoped.create(
        client=client, counsellor=client.counsellor, first_on=today, clock_time=time(10), planned_until=today
    )
    session.series, session.occurrence_on = series, today
    session.save(update_fields=["series", "occurrence_on"])
    return series


def make_change(owner: User, session: ClientSession) -> DiaryChange:
    return DiaryChange.unscoped.create(actor=owner, subject_id=session.pk, subject_version=session.version, before=[])


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
    "practice:member_second_factor": (RUNNING, {"pk": "wrong"}),
    "practice:invitation_revoke": (RUNNING, {"pk": "invitation"}),
    "practice:join": (PUBLIC, {"token": "unknown"}),
    "practice:audit": (RUNNING, {}),
    "practice:audit_export": (RUNNING, {}),
    "practice:keys": (RUNNING, {}),
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
    "clients:hold": (COUNSELLING, {"pk": "client"}),
    "clients:hold_lift": (COUNSELLING, {"pk": "client"}),
    "clients:erase": (COUNSELLING, {"pk": "client"}),
    "clients:erase_ask": (COUNSELLING, {"pk": "client"}),
    "clients:erase_decline": (COUNSELLING, {"pk": "client"}),
    "clients:erased": (PACKS, {}),
    "clients:certificate": (PACKS, {"pk": "stone"}),
    "exercises:place": (PUBLIC, {"token": "unknown"}),
    "sessions:week": (COUNSELLING, {}),
    "sessions:block": (COUNSELLING, {}),
    "sessions:client_reminders": (COUNSELLING, {"client_id": "client"}),
    "sessions:hours": (COUNSELLING, {}),
    "sessions:reminders": (COUNSELLING, {}),
    "sessions:session_reminders": (COUNSELLING, {"session_id": "session"}),
    "sessions:settings_reminders": (RUNNING, {}),
    "sessions:settings": (RUNNING, {}),
    "sessions:type_add": (RUNNING, {}),
    "sessions:type_archive": (RUNNING, {"type_id": "session_type"}),
    "sessions:type_change": (RUNNING, {"type_id": "session_type"}),
    "sessions:type_restore": (RUNNING, {"type_id": "session_type"}),
    "sessions:with_client": (COUNSELLING, {"client_id": "client"}),
    "sessions:book": (COUNSELLING, {}),
    "sessions:detail": (COUNSELLING, {"session_id": "session"}),
    "sessions:feed": (PUBLIC, {"token": "unknown"}),
    "sessions:feed_revoke": (COUNSELLING, {}),
    "sessions:feed_settings": (COUNSELLING, {}),
    "sessions:gap": (COUNSELLING, {}),
    "sessions:looks": (COUNSELLING, {}),
    "sessions:leave": (COUNSELLING, {}),
    "sessions:move": (COUNSELLING, {"session_id": "session"}),
    "sessions:cancel": (COUNSELLING, {"session_id": "session"}),
    "sessions:outcome": (COUNSELLING, {"session_id": "session"}),
    "sessions:details": (COUNSELLING, {"session_id": "session"}),
    "sessions:undo": (COUNSELLING, {"change_id": "change"}),
    "sessions:waiting": (COUNSELLING, {}),
    "sessions:waiting_add": (COUNSELLING, {"client_id": "client"}),
    "sessions:waiting_entry": (COUNSELLING, {"entry_id": "waiting"}),
    "sessions:waiting_leave": (COUNSELLING, {"entry_id": "waiting"}),
    "sessions:reply_agree": (COUNSELLING, {"reply_id": "reply"}),
    "sessions:reply_see": (COUNSELLING, {"reply_id": "reply"}),
    "sessions:client_page": (PUBLIC, {"token": "unknown"}),
    "sessions:time_off": (COUNSELLING, {"time_off_id": "time_off"}),
    "sessions:time_off_list": (COUNSELLING, {}),
    "sessions:series": (COUNSELLING, {"series_id": "series"}),
    "sessions:series_change": (COUNSELLING, {"session_id": "session"}),
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
    "supervision:pack": (PACKS, {"pk": "pack"}),
    "supervision:release": (COUNSELLING, {"pk": "pack"}),
    "supervision:discard": (COUNSELLING, {"pk": "pack"}),
    "supervision:export": (PACKS, {"pk": "pack"}),
    "supervision:change": (COUNSELLING, {"pk": "item"}),
    "supervision:remove": (COUNSELLING, {"pk": "item"}),
    "supervision:hand_over": (COUNSELLING, {"pk": "client"}),
    "supervision:hand_over_all": (RUNNING, {"pk": "owner"}),
    "robots": (PUBLIC, {}),
}
# The library is the same for every counsellor; a certificate of erasure is also for whoever runs the practice (who else
# does not see it: tests/clients/test_erasure_pages.py).
SHARED_ROWS = {"library", "stone"}
# Why these ask for no permission, or not even for a sign-in.
MEMBERS_WHY = {
    "practice:here": "keeps one's own sign-in alive",
    "practice:today": "the first page of whoever works here; its panels ask for themselves",
    "practice:words": "keeps one's own typed words",
    "practice:words_let_go": "one's own typed words",
    "practice:words_page": "one's own typed words",
}
PUBLIC_WHY = {
    "practice:join": "the token is the permission",
    "practice:health_live": "for the supervisor of the process; says that it answers",
    "practice:health_ready": "for the supervisor of the process; names parts, no values",
    "exercises:place": "the token is the permission",
    "exercises:practise": "the token is the permission",
    "sessions:feed": "the token is the permission",
    "sessions:client_page": "the token is the permission",
    "robots": "keeps search engines away",
}
# django-allauth's addresses under its own names; what a stranger may open of them.
ALLAUTH = ("account_", "mfa_", "usersessions_")
DOOR = {
    "account_confirm_email", "account_confirm_login_code", "account_email_verification_sent", "account_inactive",
    "account_login", "account_logout", "account_reset_password", "account_reset_password_done",
    "account_reset_password_from_key", "account_reset_password_from_key_done", "account_signup", "mfa_authenticate",
    "mfa_login_webauthn",
}  # fmt: skip
# Deeds with all that they need in the form: done by the counsellor they change rows, by anybody else they must not.
BODIES: dict[str, dict[str, Any]] = {
    "notes:write": {"text": "Not mine to write.", "version": "1", "save": ""},
    "notes:sign": {"version": "1"},
    "notes:flag": {"question": "Another question?"},
    "notes:file_remove": {},
    "sessions:outcome": {"outcome": "attended"},
    "sessions:waiting_entry": {"urgency": "soon", "note": "Not mine to write."},
    "sessions:waiting_leave": {},
    "sessions:reply_see": {},
    "sessions:time_off": {"remove": "1"},
    "sessions:with_client": {"sessions": "12", "counts_from": "2026-11-23"},
    "sessions:client_reminders": {"choice": "none"},
    "sessions:session_reminders": {"choice": "none"},
    "exercises:review": {"learned": "Not mine to answer."},
    "supervision:discard": {},
    "supervision:remove": {},
    "supervision:change": {"text": "Not mine to change."},
}
# What a refusal may write: its row in the trail, and what a sign-in writes.
TRACES = (
    "practice_auditentry", "practice_audithead", "django_session", "usersessions_usersession", "sqlite_sequence",
)  # fmt: skip
Answers = dict[str, int]
Walked = dict[str, Answers]


def ours() -> list[str]:
    return sorted({name for name, _ in routes() if name and not name.startswith(ALLAUTH)})


def unnamed() -> list[str]:
    """Return a path for each address without a name, something made up where it takes a value."""
    return sorted(path_of(route) for name, route in routes() if not name)


def path_of(route: str) -> str:
    """Return a path that a route takes, with made-up values."""
    values = {"uuid": str(uuid4()), "int": "7"}
    plain = re.sub(r"<(?:(\w+):)?\w+>", lambda found: values.get(found[1], "x" * 43), route)
    return re.sub(r"\(\?P.*?\)|[\^$]", "x", plain)


def address(name: str, world: World) -> str:
    rows = TABLE[name][1]
    values = {"unknown": "x" * 43, "library": "kind-voice"}
    return reverse(name, kwargs={arg: values.get(row) or getattr(world, row).pk for arg, row in rows.items()})


def permission_of(name: str) -> Permission | None:
    """Return what the view itself asks for (`practice.guards.may`)."""
    found: Permission | None = getattr(callback(name), "permission", None)
    return found


def callback(name: str) -> Any:
    return next(pattern.callback for pattern, found, _ in views() if found == name)


def audience_of(name: str) -> str:
    """Return who may come in, by the view's guard and the table of roles, not by the table above."""
    permission = permission_of(name)
    if permission is None:
        return MEMBERS if getattr(callback(name), "login_required", True) else PUBLIC
    roles = {role for role, held in ROLE_PERMISSIONS.items() if permission in held}
    counselling, running = {Role.COUNSELLOR, Role.SOLO}, {Role.ADMIN, Role.SOLO}
    return COUNSELLING if roles == counselling else RUNNING if roles == running else PACKS


def is_owned(name: str) -> bool:
    """Say whether the row in an address is some counsellor's own."""
    audience, rows = TABLE[name]
    return audience not in (PUBLIC, RUNNING) and bool(set(rows.values()) - SHARED_ROWS)


def as_member(user: User) -> Browser:
    browser = Browser(raise_request_exception=True)
    browser.force_login(user)
    confirm_identity(browser)
    return browser


def tried(browser: Browser, url: str, body: dict[str, Any] | None = None) -> Answers:
    return {
        "get": browser.get(url).status_code,
        "head": browser.head(url).status_code,
        "post": browser.post(url, body or {}).status_code,
    }


def walk(browser: Browser, world: World, names: list[str]) -> Walked:
    return {name: tried(browser, address(name, world), BODIES.get(name)) for name in names}


def apart(browser: Browser, world: World, names: list[str]) -> Walked:
    """Walk with each address in a world of its own: what one deed changes, the next does not see."""
    walked: Walked = {}
    for name in names:
        with transaction.atomic():
            walked |= walk(browser, world, [name])
            transaction.set_rollback(True)
    return walked


def odd(walked: Walked, **fits: set[int]) -> list[str]:
    """Return the answers that are none of those, as `name method status`."""
    return [
        f"{name} {method} {status}"
        for name, answers in walked.items()
        for method, status in answers.items()
        if status not in fits[method]
    ]


def refused(walked: Walked, status: int) -> list[str]:
    """Return what is neither this status nor "not in this way" (405), and addresses that gave it to no method."""
    wrong = odd(walked, get={status, 405}, head={status, 405}, post={status, 405})
    return wrong + [name for name, answers in walked.items() if status not in answers.values()]


def test_the_table_knows_every_address() -> None:
    assert ours() == sorted(TABLE)


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_view_asks_for_what_its_line_says(name: str) -> None:
    """A page without a guard is a page for everybody, and needs a reason to be one."""
    assert (name, audience_of(name)) == (name, TABLE[name][0])


def test_what_asks_for_no_permission_has_a_reason() -> None:
    def lines(audience: str) -> list[str]:
        return sorted(name for name, line in TABLE.items() if line[0] == audience)

    assert (lines(MEMBERS), lines(PUBLIC)) == (sorted(MEMBERS_WHY), sorted(PUBLIC_WHY))


def test_of_the_account_pages_a_stranger_opens_the_door_alone() -> None:
    make_practice()
    theirs = [(pattern.callback, name, route) for pattern, name, route in views() if name.startswith(ALLAUTH)]
    assert {name for view, name, _ in theirs if not getattr(view, "login_required", True)} == DOOR
    closed = {name: tried(Browser(), path_of(route)) for _, name, route in theirs if name not in DOOR}
    # Some of allauth's own stand behind a line of ours that answers 404.
    assert odd(closed, get={302, 404}, head={302, 404}, post={401, 404}) == []
    assert len(closed) > 10


def test_an_address_without_a_name_is_closed_to_everybody(world: World) -> None:
    """A page has a name, and with it a line in the table; the others only stand in the way of allauth's own pages."""
    paths = unnamed()
    assert "/accounts/email/" in paths
    for browser in [Browser(), *(as_member(user) for user in (world.owner, world.wrong, world.admin, world.solo))]:
        assert refused({path: tried(browser, path) for path in paths}, 404) == []


@pytest.mark.urls("tests.leaking.urls")
def test_an_unnamed_page_would_be_found() -> None:
    assert f"/break/view/{'x' * 43}/" in unnamed()


def names_for(*audiences: str, owned: bool | None = None) -> list[str]:
    return sorted(
        name
        for name, (audience, _) in TABLE.items()
        if audience in audiences and (owned is None or is_owned(name) == owned)
    )


ALL_BUT_PUBLIC = (COUNSELLING, RUNNING, PACKS, MEMBERS)


def test_a_stranger_is_sent_to_the_door_and_changes_nothing(world: World) -> None:
    before = dump(without=TRACES)
    walked = walk(Browser(), world, names_for(*ALL_BUT_PUBLIC))
    assert odd(walked, get={302}, head={302}, post={401}) == []
    public = walk(Browser(), world, names_for(PUBLIC))
    assert odd(public, get={200, 404}, head={200, 404}, post={404, 405}) == []
    assert changed(before, dump(without=TRACES)) == []


@pytest.mark.web  # the door, before any page
def test_a_member_who_left_is_a_stranger_at_once(world: World) -> None:
    browser = as_member(world.owner)
    User.objects.filter(pk=world.owner.pk).update(is_active=False)
    before = dump(without=TRACES)
    assert odd(walk(browser, world, names_for(*ALL_BUT_PUBLIC)), get={302}, head={302}, post={401}) == []
    assert changed(before, dump(without=TRACES)) == []


@pytest.mark.web  # as above
def test_a_member_without_a_second_factor_gets_no_further_than_its_page(world: World, settings: Settings) -> None:
    browser = as_member(world.solo)
    before = dump(without=TRACES)
    settings.REQUIRE_MFA = True
    walked = walk(browser, world, [name for name in names_for(*ALL_BUT_PUBLIC) if name not in OPEN])
    assert odd(walked, get={302}, head={302}, post={403}) == []
    assert browser.get("/").headers["Location"] == reverse("mfa_index")
    assert changed(before, dump(without=TRACES)) == []


def test_an_admin_opens_no_counselling_page_and_changes_nothing(world: World) -> None:
    browser = as_member(world.admin)
    before = dump(without=TRACES)
    assert refused(walk(browser, world, names_for(COUNSELLING)), 403) == []
    assert refused(walk(browser, world, names_for(PACKS, MEMBERS, owned=True)), 404) == []
    assert changed(before, dump(without=TRACES)) == []


def test_a_counsellor_does_not_run_the_practice(world: World) -> None:
    browser = as_member(world.owner)
    before = dump(without=TRACES)
    assert refused(walk(browser, world, names_for(RUNNING)), 403) == []
    assert changed(before, dump(without=TRACES)) == []


@pytest.mark.parametrize("who", ["wrong", "solo"])
def test_the_wrong_counsellor_finds_nothing_and_changes_nothing(who: str, world: World) -> None:
    browser = as_member(getattr(world, who))
    before = dump(without=TRACES)
    assert refused(walk(browser, world, names_for(COUNSELLING, PACKS, MEMBERS, owned=True)), 404) == []
    assert changed(before, dump(without=TRACES)) == []


@pytest.mark.parametrize("name", sorted(BODIES))
def test_what_the_others_could_not_do_the_counsellor_can(name: str, world: World) -> None:
    browser = as_member(world.owner)
    before = dump(without=TRACES)
    assert browser.post(address(name, world), BODIES[name]).status_code == 302
    assert changed(before, dump(without=TRACES)) != []


@pytest.mark.parametrize(
    ("who", "audiences"),
    [
        ("owner", (COUNSELLING, PACKS, MEMBERS)),
        ("admin", (RUNNING,)),
        ("solo", (RUNNING,)),
    ],
)
def test_nothing_breaks_for_whom_it_is_meant(who: str, audiences: tuple[str, ...], world: World) -> None:
    walked = apart(as_member(getattr(world, who)), world, names_for(*audiences))
    opened = {200, 302, 405, 409}
    assert odd(walked, get=opened | {404}, head=opened | {404}, post=opened | {204, 400, 404, 422}) == []
    assert [name for name, answers in walked.items() if set(answers.values()) == {404}] == []


def test_a_page_of_a_practice_of_one_opens_for_its_one_member(world: World) -> None:
    walked = apart(as_member(world.solo), world, names_for(COUNSELLING, PACKS, MEMBERS, owned=False))
    assert odd(walked, get={200, 405}, head={200, 405}, post={200, 204, 302, 400, 404, 405, 409, 422}) == []


@pytest.mark.web  # the texts of pages that another test opens on PostgreSQL too
def test_titles_and_addresses_carry_no_name(world: World) -> None:
    Client.unscoped.filter(pk=world.client.pk).update(counsellor=world.solo)
    User.objects.filter(pk=world.solo.pk).update(role=Role.SOLO)
    secret = re.compile("|".join(re.escape(word) for word in (world.client.name.split()[0], world.client.email)), re.I)
    seen, leaks = 0, []
    for viewer in (world.solo, world.owner, world.admin):
        browser = as_member(viewer)
        for name in names_for(*ALL_BUT_PUBLIC):
            page = browser.get(address(name, world))
            if page.status_code != 200 or "text/html" not in page.headers["Content-Type"]:
                continue
            html = page.content.decode()
            seen += 1
            spots = re.findall(r"<title>(.*?)</title>", html, re.S) + re.findall(r'(?:href|action|src)="([^"]*)"', html)
            leaks += [f"{name}: {spot}" for spot in spots if secret.search(spot) and not spot.startswith("mailto:")]
    assert leaks == []
    assert seen > 30


def test_a_client_who_was_handed_over_is_the_new_counsellors_alone(world: World) -> None:
    hand_over(actor=world.owner, client=world.client, to=world.wrong, is_told=True, takes_drafts=True)
    theirs = {"client", "session", "note", "assignment", "attachment", "item"}
    names = [name for name in names_for(COUNSELLING, PACKS) if set(TABLE[name][1].values()) & theirs]
    assert refused(walk(as_member(world.owner), world, names), 404) == []


@pytest.mark.parametrize("purpose", ClientLink.Purpose.values)
def test_a_link_opens_one_thing_only(purpose: str, world: World) -> None:
    token = mint(
        client=world.client, purpose=purpose, subject_id=uuid4(), expires_at=timezone.now() + timedelta(days=1)
    )
    pages = {"exercise": "exercises:practise", "mail": "exercises:place", "session": "sessions:client_page"}
    others = [page for its_purpose, page in pages.items() if its_purpose != purpose]
    assert [Browser().get(reverse(name, args=[token])).status_code for name in others] == [404, 404]
