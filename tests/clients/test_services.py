"""Deeds on clients, and the audit rows they leave."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, close_old_connections, connection
from django.utils import timezone

from clients import links, services
from clients.models import Client
from outbox import services as outbox
from outbox.claims import claim, mark_dispatched
from outbox.models import Message
from outbox.services import Wanted
from practice.models import AuditEntry, Practice, User
from tests.clients.factories import damage
from tests.factories import make_client, make_practice, make_user
from vault.errors import VaultError

pytestmark = pytest.mark.django_db


def audit() -> list[tuple[str, User | None, str, dict[str, object]]]:
    rows = AuditEntry.objects.select_related("actor").order_by("id")
    return [(row.deed, row.actor, row.reference, row.detail) for row in rows]


def test_admitting_seals_what_was_said_and_gives_the_next_reference() -> None:
    counsellor = make_user()
    Practice.objects.update(next_client_number=42)
    client = services.admit_client(
        actor=counsellor, name="Marigold Testwell", email="marigold@example.org", date_of_birth=date(1990, 5, 12),
        may_email="yes", is_discreet=True, preferred_hour=9,
    )  # fmt: skip
    kept = Client.unscoped.get()
    assert (kept.reference, kept.counsellor, kept.state) == ("C-0042", counsellor, "active")
    assert (kept.name, kept.email, kept.date_of_birth) == ("Marigold Testwell", "marigold@example.org", "1990-05-12")
    assert (kept.may_email, kept.is_discreet, kept.preferred_hour) == ("yes", True, 9)
    assert (kept.phone, kept.presenting, kept.mail_stopped_at) == ("", "", None)
    assert audit() == [("client.admit", counsellor, "C-0042", {})]
    assert client == kept
    assert Practice.current().next_client_number == 43


def test_references_grow_beyond_four_digits() -> None:
    counsellor = make_user()
    Practice.objects.update(next_client_number=12_345)
    assert services.admit_client(actor=counsellor, name="Marigold").reference == "C-12345"


def test_the_same_form_admits_once_and_wastes_no_number() -> None:
    counsellor, nonce = make_user(), uuid4()
    services.admit_client(actor=counsellor, client_id=nonce, name="Marigold")
    number = Practice.current().next_client_number
    with pytest.raises(services.AlreadyAdmitted):
        services.admit_client(actor=counsellor, client_id=nonce, name="Marigold")
    assert Client.unscoped.count() == 1
    assert Practice.current().next_client_number == number


def test_without_its_audit_row_no_deed_is_done() -> None:
    client, counsellor = make_client(email="old@example.org"), make_user()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE practice_auditentry RENAME TO audit_that_is_gone")
    deeds: list[Callable[[], object]] = [
        lambda: services.admit_client(actor=counsellor, name="Marigold"),
        lambda: services.change_client(actor=client.counsellor, client=client, version=1, email="new@example.org"),
        lambda: services.stop_mail(client=client),
    ]
    for deed in deeds:
        with pytest.raises(DatabaseError):
            deed()
    kept = Client.unscoped.get()
    assert (kept.email, kept.mail_stopped_at) == ("old@example.org", None)
    assert Practice.current().next_client_number == 1


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_references_are_given_once_each_under_a_race() -> None:
    make_practice()
    counsellors = [make_user() for _ in range(4)]
    start = threading.Barrier(len(counsellors))

    def admit(counsellor: User) -> None:
        start.wait(10)
        for number in range(5):
            services.admit_client(actor=counsellor, name=f"Marigold {number}")
        close_old_connections()
        connection.close()

    threads = [threading.Thread(target=admit, args=(counsellor,)) for counsellor in counsellors]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    references = sorted(Client.unscoped.values_list("reference", flat=True))
    assert references == [f"C-{number:04d}" for number in range(1, 21)]


def test_changing_writes_what_differs_and_names_only_columns() -> None:
    client = make_client(phone="01632 960100")
    change = services.change_client(
        actor=client.counsellor,
        client=client,
        version=1,
        name=client.name,
        email="new@example.org",
        phone="",
        date_of_birth=None,
    )
    assert change == services.Change(["email", "phone"])
    kept = Client.unscoped.get()
    assert (kept.email, kept.phone) == ("new@example.org", "")
    assert audit() == [("client.change", client.counsellor, client.reference, {"columns": "email, phone"})]


def test_a_change_begun_from_an_older_version_is_refused_with_what_stands_now() -> None:
    client = make_client(may_email="yes")
    services.change_client(actor=client.counsellor, client=client, version=1, may_email="no")
    with pytest.raises(services.ClientChanged) as refusal:
        services.change_client(actor=client.counsellor, client=client, version=1, may_email="yes", pronouns="they")
    assert (refusal.value.columns, refusal.value.client.may_email) == (["may_email", "pronouns"], "no")
    assert (Client.unscoped.get().may_email, Client.unscoped.get().version) == ("no", 2)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_of_two_changes_at_once_from_one_version_one_holds() -> None:
    client = make_client()
    start = threading.Barrier(2)
    fates: list[str] = []

    def change(words: str) -> None:
        start.wait(10)
        try:
            services.change_client(actor=client.counsellor, client=client, version=1, gp=words)
            fates.append("saved")
        except services.ClientChanged:
            fates.append("refused")
        connection.close()

    threads = [threading.Thread(target=change, args=(words,)) for words in ("Dr Ash", "Dr Fern")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert (sorted(fates), Client.unscoped.get().version) == (["refused", "saved"], 2)


def test_saving_an_unchanged_form_leaves_no_trace() -> None:
    client = make_client()
    assert services.change_client(actor=client.counsellor, client=client, version=7, name=client.name).columns == []
    assert audit() == []


def test_a_damaged_value_is_not_written_over() -> None:
    client = make_client(presenting="what was said")
    damage(client, "presenting")
    with pytest.raises(VaultError):
        services.change_client(actor=client.counsellor, client=Client.unscoped.get(), version=1, presenting="")
    assert audit() == []


def test_opening_a_record_leaves_its_reference() -> None:
    client = make_client()
    services.open_record(actor=client.counsellor, client=client)
    assert audit() == [("client.read", client.counsellor, client.reference, {})]


def test_stopping_and_starting_mail_each_leave_one_row_without_an_actor() -> None:
    client = make_client()
    assert services.stop_mail(client=client) is True
    assert services.stop_mail(client=client) is False
    assert Client.unscoped.get().mail_stopped_at == client.mail_stopped_at is not None
    assert services.start_mail(client=client) is True
    assert services.start_mail(client=client) is False
    assert client.mail_stopped_at is None
    assert Client.unscoped.get().mail_stopped_at is None
    assert audit() == [("mail.stop", None, client.reference, {}), ("mail.start", None, client.reference, {})]


def test_a_counsellor_cannot_undo_the_clients_stop() -> None:
    client = make_client(may_email="no")
    services.stop_mail(client=client)
    services.change_client(actor=client.counsellor, client=client, version=1, may_email="yes")
    assert Client.unscoped.get().mail_stopped_at is not None


# --- mails that a worker holds, and links that have left --------------------------------------------------
def held_mail(client: Client) -> Message:
    """Return a mail to a client that a worker has claimed and not handed over yet."""
    now = timezone.now()
    outbox.plan(
        "session_reminder", subject_id=uuid4(), owner_id=client.pk, reference=client.reference,
        wanted=[Wanted("lead:24h", 1, now, now + timedelta(hours=1))],
    )  # fmt: skip
    (message,) = claim()
    return message


MAILED: list[dict[str, Any]] = [
    {"may_email": "no"}, {"email": "new@example.org"}, {"is_discreet": True}, {"name": "June"},
    {"preferred_name": "June"},
]  # fmt: skip


@pytest.mark.parametrize("details", MAILED)
def test_a_mail_that_was_written_before_the_change_does_not_leave(details: Any) -> None:
    client = make_client()
    held, other = held_mail(client), held_mail(make_client())
    services.change_client(actor=client.counsellor, client=client, version=1, **details)
    assert (mark_dispatched(held, None), mark_dispatched(other, None)) == (False, True)
    assert Message.objects.get(pk=held.pk).state == "planned"


def test_a_change_that_no_mail_shows_leaves_the_worker_alone() -> None:
    client = make_client()
    held = held_mail(client)
    services.change_client(actor=client.counsellor, client=client, version=1, gp="Dr Ash")
    assert mark_dispatched(held, None) is True


def test_after_a_stop_what_a_worker_holds_does_not_leave() -> None:
    client = make_client()
    held = held_mail(client)
    services.stop_mail(client=client)
    assert mark_dispatched(held, None) is False


def test_a_mail_on_its_way_is_counted() -> None:
    client = make_client()
    mark_dispatched(held_mail(client), None)
    change = services.change_client(actor=client.counsellor, client=client, version=1, may_email="no")
    assert change == services.Change(["may_email"], links_closed=0, on_their_way=1)


def test_a_new_address_closes_every_link_of_that_client() -> None:
    client, other = make_client(), make_client()
    until = timezone.now() + timedelta(days=3)
    exercise = links.mint(client=client, purpose="exercise", subject_id=uuid4(), expires_at=until)
    choices = links.mint(client=client, purpose="mail", subject_id=client.pk, expires_at=until)
    kept = links.mint(client=other, purpose="exercise", subject_id=uuid4(), expires_at=until)
    change = services.change_client(actor=client.counsellor, client=client, version=1, email="new@example.org")
    assert change == services.Change(["email"], links_closed=2)
    for token, purpose in ((exercise, "exercise"), (choices, "mail")):
        with pytest.raises(links.LinkExpired):
            links.resolve(token, purpose)
    assert links.resolve(kept, "exercise").client == other


def test_any_other_change_leaves_the_links_open() -> None:
    client = make_client()
    until = timezone.now() + timedelta(days=3)
    token = links.mint(client=client, purpose="mail", subject_id=client.pk, expires_at=until)
    services.change_client(actor=client.counsellor, client=client, version=1, may_email="no", phone="01632 960100")
    assert links.resolve(token, "mail").client == client


def test_a_client_who_is_erased_at_this_moment_has_no_link_any_more() -> None:
    client = make_client()
    Client.unscoped.filter(pk=client.pk).delete()
    with pytest.raises(links.LinkUnknown):
        services.stop_mail(client=client)
