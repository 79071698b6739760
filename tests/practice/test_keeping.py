"""Words that are not saved yet: sealed, for one member, a week at most."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core import signing
from django.db import connection
from django.utils import timezone

from practice import keeping
from practice.keeping import NotThisForm, Sheet, TooManyWords
from practice.models import KeptWords, User
from tests.factories import make_client, make_user
from vault.errors import DataKeyMissing
from vault.models import DataKey
from vault.services import destroy_data_key

pytestmark = pytest.mark.django_db
WORDS = "She spoke of the garden for the first time."


def own(user: User, page: str = "/practice/") -> Sheet:
    return Sheet(page, user.pk)


def kept(user: User) -> dict[str, dict[str, str]]:
    return {row.page: row.words for row in KeptWords.objects.filter(user=user)}


def test_words_come_back_as_they_were_typed() -> None:
    client = make_client()
    user = client.counsellor

    keeping.keep(user=user, sheet=Sheet("/notes/", client.pk, client.reference), words={"text": f" {WORDS}\n\n– "})

    row = KeptWords.objects.get()
    assert (row.words, row.reference, row.owner_id) == ({"text": f" {WORDS}\n\n– "}, client.reference, client.pk)


def test_words_are_sealed_in_the_database() -> None:
    user = make_user()
    keeping.keep(user=user, sheet=own(user), words={"text": WORDS})

    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM practice_keptwords")
        stored = " ".join(bytes(value).hex() if isinstance(value, bytes | memoryview) else str(value)
                          for value in cursor.fetchone())  # fmt: skip

    assert "garden" not in stored
    assert b"garden".hex() not in stored


def test_the_same_page_again_takes_the_place_of_what_was_kept() -> None:
    user = make_user()
    keeping.keep(user=user, sheet=own(user), words={"text": "First words."})
    keeping.keep(user=user, sheet=own(user), words={"text": "Second words."})

    assert kept(user) == {"/practice/": {"text": "Second words."}}


def test_a_field_that_is_not_sent_stays() -> None:
    user = make_user()
    keeping.keep(user=user, sheet=own(user), words={"text": "A text.", "question": "A question."})
    keeping.keep(user=user, sheet=own(user), words={"text": "Another text."})

    assert kept(user) == {"/practice/": {"text": "Another text.", "question": "A question."}}


def test_an_emptied_field_is_let_go_and_the_row_with_the_last() -> None:
    user = make_user()
    keeping.keep(user=user, sheet=own(user), words={"text": "A text.", "question": "A question."})
    keeping.keep(user=user, sheet=own(user), words={"text": ""})
    assert kept(user) == {"/practice/": {"question": "A question."}}

    assert keeping.keep(user=user, sheet=own(user), words={"question": "  "}) is None
    assert kept(user) == {}


def test_nothing_typed_keeps_nothing_and_makes_no_key() -> None:
    user = make_user()

    assert keeping.keep(user=user, sheet=own(user), words={}) is None
    assert not DataKey.objects.filter(owner_id=user.pk).exists()


def test_a_page_about_nobody_is_sealed_under_the_members_own_key() -> None:
    user = make_user()
    for text in ("First words.", "Second words."):
        keeping.keep(user=user, sheet=own(user), words={"text": text})

    assert DataKey.objects.filter(owner_id=user.pk).count() == 1


def test_words_about_a_client_die_with_the_clients_key() -> None:
    client = make_client()
    user = client.counsellor
    keeping.keep(user=user, sheet=Sheet("/a/", client.pk), words={"text": WORDS})
    destroy_data_key(client.pk)

    with pytest.raises(DataKeyMissing):
        _ = KeptWords.objects.get().words
    with pytest.raises(DataKeyMissing):
        keeping.keep(user=user, sheet=Sheet("/b/", client.pk), words={"text": WORDS})
    assert not DataKey.objects.filter(owner_id=client.pk).exists()


def test_erasing_a_client_forgets_the_words_of_everybody_about_them() -> None:
    client, other = make_client(), make_user()
    one = client.counsellor
    stays = make_client(one)
    keeping.keep(user=one, sheet=Sheet("/a/", client.pk), words={"text": WORDS})
    KeptWords.objects.create(user=other, owner_id=client.pk, page="/a/", words={"text": WORDS})
    keeping.keep(user=one, sheet=Sheet("/b/", stays.pk), words={"text": WORDS})

    assert keeping.forget_owner(client.pk) == 2
    assert kept(one) == {"/b/": {"text": WORDS}}


def test_of_too_many_pages_the_oldest_go() -> None:
    user = make_user()
    for number in range(keeping.MOST_PAGES + 2):
        keeping.keep(user=user, sheet=own(user, f"/{number}/"), words={"text": "Words."})

    assert sorted(kept(user), key=lambda page: int(page.strip("/"))) == [
        f"/{number}/" for number in range(2, keeping.MOST_PAGES + 2)
    ]


def test_of_too_many_words_the_oldest_go() -> None:
    user, other = make_user(), make_user()
    keeping.keep(user=other, sheet=own(other), words={"text": "Not theirs to lose."})
    for name in "abc":
        keeping.keep(user=user, sheet=own(user, f"/{name}/"), words={"text": "x" * 90_000})

    assert sorted(kept(user)) == ["/b/", "/c/"]
    assert len(kept(other)) == 1


def test_more_than_a_page_may_hold_is_refused_and_what_was_kept_stays() -> None:
    user = make_user()
    keeping.keep(user=user, sheet=own(user), words={"text": "Words."})

    with pytest.raises(TooManyWords):
        keeping.keep(user=user, sheet=own(user), words={"text": "ü" * (keeping.MOST_BYTES // 2)})
    assert kept(user) == {"/practice/": {"text": "Words."}}


def test_after_a_week_words_are_neither_listed_nor_stored() -> None:
    user = make_user()
    for page, age in (("/old/", keeping.LASTS), ("/new/", keeping.LASTS - timedelta(minutes=1))):
        keeping.keep(user=user, sheet=own(user, page), words={"text": "Words."})
        KeptWords.objects.filter(page=page).update(kept_at=timezone.now() - age)

    assert [row.page for row in keeping.kept_by(user)] == ["/new/"]
    assert keeping.sweep() == 1
    assert sorted(kept(user)) == ["/new/"]


def test_damaged_words_give_way_to_new_ones() -> None:
    user = make_user()
    row = keeping.keep(user=user, sheet=own(user), words={"text": "Words."})
    assert row is not None
    with connection.cursor() as cursor:
        cursor.execute("UPDATE practice_keptwords SET words = %s", [b"\x01" + bytes(300)])

    keeping.keep(user=user, sheet=own(user), words={"text": "New words."})

    assert kept(user) == {"/practice/": {"text": "New words."}}


def test_a_token_gives_back_its_sheet() -> None:
    user, sheet = make_user(), Sheet("/notes/", uuid4(), "C-0042")

    assert keeping.sheet_of(user, keeping.token_for(user, sheet)) == sheet


def test_a_token_is_for_the_member_it_was_made_for() -> None:
    token = keeping.token_for(make_user(), Sheet("/notes/", uuid4()))

    with pytest.raises(NotThisForm):
        keeping.sheet_of(make_user(), token)


def test_a_token_of_ones_own_making_is_refused() -> None:
    user = make_user()
    forged = signing.dumps([str(user.pk), "/", str(uuid4()), "", "x"], salt="another place")

    for token in ("", "x", forged, keeping.token_for(user, own(user))[:-1]):
        with pytest.raises(NotThisForm):
            keeping.sheet_of(user, token)
