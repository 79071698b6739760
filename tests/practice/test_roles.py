from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.http import Http404, HttpResponse
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from practice.guards import StaffRequest, may
from practice.models import User
from practice.roles import ROLE_PERMISSIONS, TITLES, Permission, Role, permissions_of
from practice.scoping import Hidden, get_or_404
from supervision.models import Pack
from tests.factories import make_client, make_session, make_user

CONFIDENTIAL = {
    Permission.CLIENT_READ,
    Permission.CLIENT_ADMIT,
    Permission.SESSION_BOOK,
    Permission.EXERCISE_ASSIGN,
    Permission.ANSWER_REVIEW,
    Permission.NOTE_WRITE,
    Permission.NOTE_SIGN,
    Permission.PACK_PREPARE,
}
RUNNING = {
    Permission.MEMBER_READ,
    Permission.MEMBER_INVITE,
    Permission.PRACTICE_SETTINGS,
    Permission.MAIL_MANAGE,
    Permission.AUDIT_READ,
}


def test_an_admin_does_nothing_with_clients_and_a_counsellor_nothing_with_the_practice() -> None:
    assert ROLE_PERMISSIONS[Role.ADMIN] & CONFIDENTIAL == frozenset()
    assert ROLE_PERMISSIONS[Role.COUNSELLOR] & RUNNING == frozenset()


def test_every_permission_belongs_to_a_practice_of_one() -> None:
    assert ROLE_PERMISSIONS[Role.SOLO] == frozenset(Permission)


def test_every_role_has_a_title() -> None:
    assert set(TITLES) == set(ROLE_PERMISSIONS) == set(Role)


@pytest.mark.parametrize("role", Role.values)
def test_who_has_left_may_do_nothing(role: str) -> None:
    assert permissions_of(User(role=role, is_active=False)) == frozenset()


def test_a_guard_lets_in_whoever_may_and_nobody_else() -> None:
    @may(Permission.NOTE_SIGN)
    def sign(request: StaffRequest) -> HttpResponse:
        return HttpResponse("signed")

    request = RequestFactory().get("/")
    request.user = User(role=Role.COUNSELLOR)
    answer = sign(request)
    assert isinstance(answer, HttpResponse)
    assert answer.content == b"signed"
    request.user = User(role=Role.ADMIN)
    with pytest.raises(PermissionDenied):
        sign(request)


@pytest.mark.django_db
@pytest.mark.parametrize("key", ["nonsense", "", 7, None])
def test_what_is_not_there_is_404_whatever_was_asked(key: object) -> None:
    make_user()
    with pytest.raises(Http404):
        get_or_404(User.objects.all(), pk=key)


@pytest.mark.django_db
def test_another_counsellors_client_is_not_there_and_an_admin_sees_none() -> None:
    subject = make_client()
    assert get_or_404(type(subject).visible_to(subject.counsellor), pk=subject.pk) == subject
    for viewer in (make_user(), make_user(Role.ADMIN)):
        with pytest.raises(Hidden) as hidden:
            get_or_404(type(subject).visible_to(viewer), pk=subject.pk)
        found = hidden.value
        assert (found.model, found.pk, found.reference) == ("clients.client", subject.pk, subject.reference)
        assert found.counsellor_id == subject.counsellor_id


@pytest.mark.django_db
def test_a_hidden_row_tells_the_reference_of_its_client_and_takes_one_query() -> None:
    session = make_session(make_client(), timezone.now())
    sight = type(session).visible_to(make_user())
    for pk, kind in ((session.pk, Hidden), (uuid4(), Http404)):
        with pytest.raises(Http404) as refused, CaptureQueriesContext(connection) as asked:
            get_or_404(sight, pk=pk)
        assert (refused.type, len(asked)) == (kind, 2)
    with pytest.raises(Hidden) as hidden:
        get_or_404(sight, pk=str(session.pk))
    assert (hidden.value.pk, hidden.value.reference) == (session.pk, session.client.reference)
    assert str(hidden.value) == ""


@pytest.mark.django_db
def test_a_pack_that_is_hidden_has_no_reference() -> None:
    pack = Pack.unscoped.create(prepared_by=make_user())
    with pytest.raises(Hidden) as hidden:
        get_or_404(Pack.visible_to(make_user()), pk=pack.pk)
    assert (hidden.value.reference, hidden.value.counsellor_id) == ("", pack.prepared_by_id)
