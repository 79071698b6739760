"""Every address, tried as a stranger, as each role and as the wrong counsellor, by GET, HEAD and POST.

The walk takes the URLconf as it stands: an address that is not in the table below fails the test, so that tomorrow's
page is tried too. Who may come in is read off the view's own guard and the table of roles; a view without a guard
needs a reason. Whoever is refused has changed no row.
"""

import re
from datetime import timedelta
from uuid import uuid4

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from clients.links import mint
from clients.models import Client, ClientLink
from practice.models import User
from practice.roles import Role
from practice.second_factor import OPEN
from supervision.handing_over import hand_over
from tests.factories import make_practice
from tests.scoping.table import (
    ALLAUTH,
    BODIES,
    COUNSELLING,
    DOOR,
    MEMBERS,
    MEMBERS_WHY,
    PACKS,
    PUBLIC,
    PUBLIC_WHY,
    RUNNING,
    TABLE,
    TRACES,
)  # fmt: skip
from tests.scoping.trying import (
    ALL_BUT_PUBLIC,
    address,
    apart,
    as_member,
    audience_of,
    names_for,
    odd,
    ours,
    path_of,
    refused,
    tried,
    unnamed,
    walk,
)
from tests.scoping.world import World, make_world
from tests.tables import changed, dump
from tests.walking import views

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return make_world()


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
