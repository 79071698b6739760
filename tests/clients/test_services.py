"""Deeds on clients, and the audit rows they leave."""

import threading
from collections.abc import Callable
from datetime import date
from uuid import uuid4

import pytest
from django.db import DatabaseError, close_old_connections, connection

from clients import services
from clients.models import Client
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
    changed = services.change_client(
        actor=client.counsellor,
        client=client,
        version=1,
        name=client.name,
        email="new@example.org",
        phone="",
        date_of_birth=None,
    )
    assert changed == ["email", "phone"]
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
    assert services.change_client(actor=client.counsellor, client=client, version=7, name=client.name) == []
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
