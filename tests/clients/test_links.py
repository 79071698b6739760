"""Links: one thing, one client, for a while."""

from datetime import timedelta
from hashlib import sha256
from uuid import uuid4

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from clients.links import LinkExpired, LinkUnknown, mint, resolve, revoke
from clients.models import Client, ClientLink
from tests.factories import make_client

pytestmark = pytest.mark.django_db
MAIL, EXERCISE = ClientLink.Purpose.MAIL, ClientLink.Purpose.EXERCISE


def make_token(client: Client | None = None, **fields: object) -> str:
    client = client or make_client()
    values = {"purpose": MAIL, "subject_id": client.id, "expires_at": timezone.now() + timedelta(days=7), **fields}
    return mint(client=client, **values)  # type: ignore[arg-type]  # values by name


def test_a_token_opens_its_link() -> None:
    client, subject_id = make_client(), uuid4()
    token = make_token(client, purpose=EXERCISE, subject_id=subject_id)
    link = resolve(token, EXERCISE)
    assert (link.client, link.subject_id) == (client, subject_id)


def test_only_the_hash_is_stored() -> None:
    token = make_token()
    link = ClientLink.unscoped.get()
    assert bytes(link.token_hash) == sha256(token.encode()).digest()
    assert len(token) == 43


def test_a_link_and_its_client_take_one_query(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    token = make_token()
    with django_assert_num_queries(1):
        assert resolve(token, MAIL).client.counsellor.first_name == "Member"


def test_another_purpose_is_unknown() -> None:
    token = make_token(purpose=EXERCISE)
    with pytest.raises(LinkUnknown):
        resolve(token, MAIL)


@pytest.mark.parametrize(
    "token", ["", "a" * 42, "a" * 43, "a" * 44, "é" * 43, "a" * 42 + "\n", "a" * 1_000_000, "\x00"]
)
def test_a_malformed_or_guessed_token_is_unknown(token: str) -> None:
    make_token()
    with pytest.raises(LinkUnknown):
        resolve(token, MAIL)


def test_a_link_runs_out() -> None:
    token = make_token()
    past = timezone.now() - timedelta(seconds=1)
    ClientLink.unscoped.update(created_at=past - timedelta(days=8), expires_at=past)
    with pytest.raises(LinkExpired):
        resolve(token, MAIL)


def test_a_revoked_link_counts_as_expired_and_others_stay() -> None:
    client = make_client()
    put_away, other = uuid4(), uuid4()
    token = make_token(client, purpose=EXERCISE, subject_id=put_away)
    kept = make_token(client, purpose=EXERCISE, subject_id=other)
    assert revoke(subject_id=put_away) == 1
    assert revoke(subject_id=put_away) == 0
    with pytest.raises(LinkExpired):
        resolve(token, EXERCISE)
    assert resolve(kept, EXERCISE).subject_id == other


def test_a_link_into_the_past_is_the_callers_mistake() -> None:
    with pytest.raises(ValueError, match="later than now"):
        make_token(expires_at=timezone.now())
