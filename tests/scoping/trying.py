"""How an address is tried: by each method, as whom, and what of the answers is odd."""

import re
from typing import Any
from uuid import uuid4

from django.db import transaction
from django.test import Client as Browser
from django.urls import reverse

from practice.models import User
from practice.roles import ROLE_PERMISSIONS, Permission, Role
from tests.factories import confirm_identity
from tests.scoping.table import (
    ALLAUTH,
    BODIES,
    COUNSELLING,
    MEMBERS,
    PACKS,
    PUBLIC,
    QUERIES,
    RUNNING,
    SHARED_ROWS,
    TABLE,
)  # fmt: skip
from tests.scoping.world import World
from tests.walking import routes, views

ALL_BUT_PUBLIC = (COUNSELLING, RUNNING, PACKS, MEMBERS)
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
    kwargs = {
        arg: values.get(row) or getattr(getattr(world, row), "slug" if arg == "slug" else "pk")
        for arg, row in rows.items()
    }
    return reverse(name, kwargs=kwargs) + QUERIES.get(name, "")


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


def names_for(*audiences: str, owned: bool | None = None) -> list[str]:
    return sorted(
        name
        for name, (audience, _) in TABLE.items()
        if audience in audiences and (owned is None or is_owned(name) == owned)
    )
