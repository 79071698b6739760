"""Erasing a client: what goes, what stays, what stands against it, and what happens at the same moment."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.apps import apps
from django.db import connection, models
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

import outbox.services
from clients import erasure, links, services
from clients.holdings import counts_of, open_request, requests_of, rule_of
from clients.models import Client, ClientLink, ErasureRequest, Tombstone
from exercises.models import Answer, Assignment, Draft
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from notes.models import Attachment, Note
from outbox.claims import claim, mark_dispatched, settle
from outbox.models import Message
from outbox.services import Wanted
from outbox.verdicts import settled
from practice import keeping
from practice.keeping import Sheet
from practice.models import AuditEntry, KeptWords, Practice
from sessions.models import Agreement, ClientReply, ClientSession, ReminderSet, Series, WaitingEntry
from supervision.models import Pack, PackItem
from tests.clients.factories import damage
from tests.exercises.running_courses import make_course
from tests.factories import make_client, make_practice, make_session, make_user
from vault.errors import DataKeyMissing
from vault.files import keep, path_of
from vault.models import DataKey, SealedFile
from vault.services import cache, data_key

pytestmark = pytest.mark.django_db


def make_full_client() -> Client:
    """Return a client of whom there is something of every kind, whose time is over, and who asked to be erased."""
    client = make_client(date_of_birth="1980-02-29")
    counsellor = client.counsellor
    session = make_session(client, datetime(2015, 3, 9, 10, tzinfo=UTC), status="attended")
    make_session(client, datetime(2014, 1, 6, 10, tzinfo=UTC), status="attended")
    note = Note.unscoped.create(
        session=session, client=client, author=counsellor, text="sit", state="signed", signed_at=timezone.now()
    )
    publish_shipped()
    assignment = Assignment.unscoped.create(
        client=client, version=current_versions()[0], assigned_by=counsellor, personal_line="l", why="w", plan_when="p",
        due_on=date(2015, 3, 16), state="done", answered_at=timezone.now(), before=session,
    )  # fmt: skip
    Answer.unscoped.create(assignment=assignment, client=client, sharing="shared", values={})
    Draft.unscoped.create(assignment=assignment, client=client, values={})
    make_course(client)
    pack = Pack.unscoped.create(prepared_by=counsellor)
    PackItem.unscoped.create(pack=pack, client=client, note=note, position=1, text="t", question="q")
    ClientReply.unscoped.create(session=session, client=client, kind="talk", words="Please ring")
    mint(client)
    plan_mail(client)
    KeptWords.objects.create(
        user=counsellor, owner_id=client.pk, reference=client.reference, page="/x/", words={"text": "half"}
    )
    letter = Attachment(id=uuid4(), client=client, added_by=counsellor, name="letter.pdf", size=8, kind="pdf")
    letter.file = keep([b"a letter"], place=letter.place)
    letter.save(force_insert=True)
    make_diary(client, session)
    ask(client)
    return client


def make_diary(client: Client, session: ClientSession) -> None:
    """Put into the diary what hangs on a client besides their sessions."""
    series = Series.unscoped.create(
        client=client, counsellor=client.counsellor, first_on=date(2015, 3, 9), clock_time=time(10),
        planned_until=date(2015, 3, 9), place="Room 2", ended_at=timezone.now(),
    )  # fmt: skip
    ClientSession.unscoped.filter(pk=session.pk).update(series=series, occurrence_on=date(2015, 3, 9))
    Agreement.unscoped.create(client=client, sessions=12, counts_from=date(2015, 1, 1))
    ReminderSet.objects.create(client=client, rules=["48h"])
    WaitingEntry.unscoped.create(client=client, note="evenings", left_at=timezone.now(), left_why="booked")


def ask(client: Client, **fields: Any) -> ErasureRequest:
    values = {"asked_by": "client", "received_on": date(2026, 3, 9), "note": "by letter", **fields}
    return erasure.ask_erasure(actor=client.counsellor, client=client, **values)


def mint(client: Client) -> str:
    until = timezone.now() + timedelta(days=3)
    return links.mint(client=client, purpose="mail", subject_id=client.pk, expires_at=until)


def plan_mail(client: Client) -> None:
    now = timezone.now()
    outbox.services.plan(
        "session_reminder", subject_id=uuid4(), owner_id=client.pk, reference=client.reference,
        wanted=[Wanted("lead:24h", 1, now, now + timedelta(hours=1))],
    )  # fmt: skip


def rows_of(client: Client) -> dict[str, int]:
    """Count the rows that name a client, by whatever column, tombstone and trail apart."""
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            names = field.related_model is Client or field.name in ("owner_id", "subject_id")
            if names or (model is Client and field.name == "id"):
                count = model._base_manager.filter(**{field.name: client.pk}).count()
                if count and model is not AuditEntry:
                    found[f"{model._meta.label}.{field.name}"] = count
    return found


def erase(client: Client, **fields: Any) -> Tombstone:
    return erasure.erase_client(actor=client.counsellor, client=client, **fields)


# --- what goes and what stays ------------------------------------------------------------------------------
def test_nothing_of_the_client_is_left_and_others_keep_everything() -> None:
    client, other = make_full_client(), make_full_client()
    before = rows_of(other)
    assert set(rows_of(client)) == set(before)
    erase(client)
    assert rows_of(client) == {}
    assert rows_of(other) == before
    other.refresh_from_db()
    assert other.name.startswith("Marigold")


def test_the_key_is_destroyed_at_once_in_this_process() -> None:
    client = make_full_client()
    data_key(client.pk)
    erase(client)
    with pytest.raises(DataKeyMissing):
        data_key(client.pk)


def test_another_process_that_remembers_the_key_keeps_no_words_under_it() -> None:
    client = make_full_client()
    key_id, key = data_key(client.pk)
    erase(client)
    cache.put(client.pk, key_id, key, is_committed=True)  # as in a process that opened the record a moment ago
    with pytest.raises(DataKeyMissing):
        keeping.keep(user=client.counsellor, sheet=Sheet("/x/", client.pk, client.reference), words={"text": "half"})
    cache.forget()
    assert rows_of(client) == {}


def test_sealed_files_go_when_the_deed_is_committed(django_capture_on_commit_callbacks: Any) -> None:
    client = make_full_client()
    path = path_of(SealedFile.objects.get())
    with django_capture_on_commit_callbacks(execute=True):
        erase(client)
        assert path.exists()
    assert not path.exists()


def test_the_tombstone_keeps_a_reference_and_dates_alone() -> None:
    client = make_full_client()
    key = DataKey.objects.get(owner_id=client.pk)
    now = timezone.now()
    stone = erase(client)
    stone.refresh_from_db()
    assert (stone.pk, stone.reference, stone.counsellor, stone.erased_by) == (
        client.pk, client.reference, client.counsellor, client.counsellor,
    )  # fmt: skip
    assert (stone.first_session_on, stone.last_session_on) == (date(2014, 1, 6), date(2015, 3, 9))
    assert (stone.asked_by, stone.received_on) == ("client", date(2026, 3, 9))
    assert (stone.kept_until, stone.is_rule_considered, stone.replayed_at) == (date(2022, 3, 9), False, None)
    assert stone.data_key_id == key.pk
    assert now <= stone.erased_at <= timezone.now()
    assert stone.counts == {
        "Agreed numbers of sessions": 1, "Answers": 1, "Clients’ requests": 1, "Exercises": 1, "Files": 1,
        "Half-written answers": 1, "Links in mails": 1, "Mails": 1, "Notes": 1, "Notes in supervision packs": 1,
        "Places on the waiting list": 1, "Programmes and repetitions": 1, "Reminder rules": 1,
        "Requests to erase": 1, "Series": 1, "Sessions": 2, "Words kept while typing": 1,
    }  # fmt: skip


def test_the_trail_says_who_and_why_and_keeps_what_was_before() -> None:
    client = make_full_client()
    erase(client)
    deeds = AuditEntry.objects.filter(reference=client.reference).order_by("number")
    assert [row.deed for row in deeds] == ["client.erase_ask", "client.erase"]
    last = deeds[1]
    assert (last.actor, last.subject_type, last.subject_id) == (client.counsellor, "clients.client", client.pk)
    assert last.detail == {
        "asked_by": "client", "received_on": "2026-03-09", "kept_until": "2022-03-09", "is_rule_considered": False,
    }  # fmt: skip
    assert AuditEntry.objects.order_by("number").last() == last


def test_a_second_time_there_is_nobody() -> None:
    client = make_full_client()
    erase(client)
    with pytest.raises(erasure.ClientGone):
        erase(client)
    assert Tombstone.unscoped.count() == AuditEntry.objects.filter(deed="client.erase").count() == 1


def test_the_form_that_admitted_them_admits_nobody_again() -> None:
    """Sent once more, from a window that stayed open, it would bring back a client who could never be erased."""
    client = make_full_client()
    erase(client)
    with pytest.raises(services.FormUsed):
        services.admit_client(
            actor=client.counsellor, client_id=client.pk, name="Marigold", preferred_name="", pronouns="", email="",
            phone="", date_of_birth=None, emergency_contact="", gp="", presenting="", may_email="no", is_discreet=False,
            preferred_hour=None,
        )  # fmt: skip
    assert rows_of(client) == {}


def test_a_client_who_was_handed_over_meanwhile_is_not_erased() -> None:
    client = make_full_client()
    Client.unscoped.filter(pk=client.pk).update(counsellor=make_user())
    with pytest.raises(erasure.ClientGone):
        erase(client)
    assert Client.unscoped.count() == 1


def test_what_is_damaged_can_be_erased_and_counts_as_kept_on() -> None:
    client = make_full_client()
    for column in ("date_of_birth", "name", "hold_reason"):
        damage(client, column)
    with pytest.raises(erasure.RuleRuns):
        erase(client)
    assert erase(client, is_rule_considered=True).kept_until is None
    assert rows_of(client) == {}


def test_a_client_whose_key_is_gone_already_can_be_erased() -> None:
    client = make_full_client()
    DataKey.objects.filter(owner_id=client.pk).delete()
    assert erase(client, is_rule_considered=True).data_key_id is None


def test_without_its_audit_row_nothing_is_erased() -> None:
    client = make_full_client()
    before, path = rows_of(client), path_of(SealedFile.objects.get())
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE practice_auditentry RENAME TO away")
    try:
        with pytest.raises(Exception, match="practice_auditentry"):
            erase(client)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE away RENAME TO practice_auditentry")
    assert (rows_of(client), path.exists(), Tombstone.unscoped.count()) == (before, True, 0)
    assert Client.unscoped.get().name == client.name


# --- mail ---------------------------------------------------------------------------------------------------
def test_a_mail_that_a_worker_holds_does_not_leave() -> None:
    client = make_full_client()
    (held,) = claim()
    erase(client)
    assert mark_dispatched(held, None) is False


def test_the_verdict_on_a_mail_that_is_on_its_way_finds_no_row_and_spoils_no_other() -> None:
    client, other = make_full_client(), make_client()
    plan_mail(other)
    theirs, others = sorted(claim(), key=lambda mail: mail.owner_id != client.pk)
    assert mark_dispatched(theirs, None) is True
    erase(client)
    verdict = settled(theirs, Message.State.SENT, sent_at=timezone.now())
    assert mark_dispatched(others, verdict) is True
    assert settle(verdict) is False
    assert [row.pk for row in Message.objects.all()] == [others.pk]


def test_links_in_mails_lead_nowhere() -> None:
    client = make_full_client()
    token = mint(client)
    erase(client)
    with pytest.raises(links.LinkUnknown):
        links.resolve(token, ClientLink.Purpose.MAIL)


# --- what stands against it -----------------------------------------------------------------------------------
def test_nobody_is_erased_whom_nobody_asked_to_erase() -> None:
    client = make_client()
    with pytest.raises(erasure.NotAsked):
        erase(client, is_rule_considered=True)
    assert Client.unscoped.count() == 1


def test_a_hold_stands_against_it_until_it_is_lifted() -> None:
    client = make_full_client()
    erasure.set_hold(actor=client.counsellor, client=client, reason="A claim was announced.")
    with pytest.raises(erasure.ClientHeld):
        erase(client, is_rule_considered=True)
    erasure.lift_hold(actor=client.counsellor, client=client)
    assert erase(client).pk == client.pk


def test_while_the_rule_runs_somebody_has_to_have_considered_it() -> None:
    client = make_client()
    make_session(client, timezone.now() - timedelta(days=30))
    ask(client)
    with pytest.raises(erasure.RuleRuns):
        erase(client)
    stone = erase(client, is_rule_considered=True)
    assert stone.is_rule_considered is True


# --- the rule -------------------------------------------------------------------------------------------------
def test_the_rule_counts_from_the_last_session_that_took_place() -> None:
    make_practice(retention_years=5)
    client = make_client()
    make_session(client, datetime(2020, 3, 9, 10, tzinfo=UTC), status="attended")
    make_session(client, datetime(2021, 3, 9, 10, tzinfo=UTC), status="cancelled_by_client")
    make_session(client)
    rule = rule_of(client)
    assert (rule.until, rule.counted_from, rule.has_session, rule.years) == (
        date(2025, 3, 9), date(2020, 3, 9), True, 5,
    )  # fmt: skip


def test_without_a_session_it_counts_from_the_end_or_the_beginning() -> None:
    began, ended = datetime(2015, 1, 2, 12, tzinfo=UTC), datetime(2016, 1, 2, 12, tzinfo=UTC)
    assert rule_of(make_client(admitted_at=began)).until == date(2022, 1, 2)
    assert rule_of(make_client(admitted_at=began, state="ended", ended_at=ended)).until == date(2023, 1, 2)


def test_a_minors_record_is_kept_longer_and_the_rule_says_so() -> None:
    client = make_client(date_of_birth="2008-06-01")
    make_session(client, datetime(2020, 3, 9, 10, tzinfo=UTC), status="attended")
    assert (rule_of(client).until, rule_of(client).is_minors) == (date(2033, 6, 1), True)
    assert Practice.current().retention_years == 7


def test_counting_takes_as_many_queries_for_a_few_rows_as_for_one(django_assert_num_queries: Any) -> None:
    few, many = make_full_client(), make_full_client()
    for days in range(1, 4):
        make_session(many, timezone.now() + timedelta(days=days))
    with CaptureQueriesContext(connection) as asked:
        assert counts_of(few)["Sessions"] == 2
    with django_assert_num_queries(len(asked)):
        assert counts_of(many)["Sessions"] == 5


# --- requests and holds -----------------------------------------------------------------------------------------
def test_a_request_is_recorded_once() -> None:
    client = make_client()
    request = ask(client, note="They wrote to us.")
    with pytest.raises(erasure.AskedAlready):
        ask(client)
    kept = ErasureRequest.visible_to(client.counsellor).get()
    assert (kept.note, kept.recorded_by, kept.state) == ("They wrote to us.", client.counsellor, "open")
    row = AuditEntry.objects.get()
    assert (row.deed, row.reference, row.detail) == (
        "client.erase_ask", client.reference, {"asked_by": "client", "received_on": "2026-03-09"},
    )  # fmt: skip
    assert open_request(client) is not None
    assert request.pk == kept.pk


def test_a_request_cannot_come_from_tomorrow() -> None:
    with pytest.raises(ValueError, match="has not come"):
        ask(make_client(), received_on=date.today() + timedelta(days=2))


def test_a_request_is_declined_once_with_a_reason() -> None:
    client = make_client()
    request = ask(client)
    erasure.decline_erasure(actor=client.counsellor, request=request, why="safeguarding")
    kept = ErasureRequest.unscoped.get()
    assert (kept.state, kept.declined_why, kept.closed_at is None) == ("declined", "safeguarding", False)
    assert AuditEntry.objects.order_by("number").last().detail == {  # type: ignore[union-attr]  # just written
        "why": "safeguarding", "received_on": "2026-03-09",
    }  # fmt: skip
    with pytest.raises(erasure.NotAsked):
        erasure.decline_erasure(actor=client.counsellor, request=request, why="other")
    with pytest.raises(erasure.NotAsked):
        erase(client, is_rule_considered=True)
    ask(client)  # and they may ask again
    assert ErasureRequest.unscoped.count() == 2


def test_a_hold_keeps_its_day_and_its_latest_reason() -> None:
    client = make_client()
    held = erasure.set_hold(actor=client.counsellor, client=client, reason="A claim.")
    again = erasure.set_hold(actor=client.counsellor, client=client, reason="An inquest.")
    erasure.set_hold(actor=client.counsellor, client=client, reason="An inquest.")
    assert (again.held_at, again.hold_reason) == (held.held_at, "An inquest.")
    erasure.lift_hold(actor=client.counsellor, client=client)
    erasure.lift_hold(actor=client.counsellor, client=client)
    client.refresh_from_db()
    assert (client.held_at, client.hold_reason) == (None, "")
    assert [row.deed for row in AuditEntry.objects.order_by("number")] == ["client.hold"] * 2 + ["client.hold_lift"]
    assert [row.detail for row in AuditEntry.objects.all()] == [{}] * 3


def test_a_hold_has_a_reason() -> None:
    client = make_client()
    with pytest.raises(ValueError, match="reason"):
        erasure.set_hold(actor=client.counsellor, client=client, reason="  ")


def test_requests_stand_in_the_order_in_which_they_are_to_be_answered(django_assert_num_queries: Any) -> None:
    counsellor = make_user()
    review, late, early = (make_client(counsellor) for _ in range(3))
    ask(review, asked_by="review", received_on=date(2026, 1, 5))
    ask(late, received_on=date(2026, 3, 9))
    ask(early, asked_by="other", received_on=date(2026, 2, 9))
    ask(make_client())
    with django_assert_num_queries(1):
        found = [(each.request.client.reference, each.answer_by) for each in requests_of(counsellor)]
    assert found == [
        (early.reference, date(2026, 3, 9)), (late.reference, date(2026, 4, 9)), (review.reference, None),
    ]  # fmt: skip


def test_who_sees_a_tombstone() -> None:
    client = make_full_client()
    stone = erase(client)
    seen = [list(Tombstone.visible_to(who)) for who in (client.counsellor, make_user(), make_user("admin"))]
    assert seen == [[stone], [], [stone]]


def test_a_session_of_theirs_is_not_left_behind_by_a_note() -> None:
    client = make_full_client()
    erase(client)
    assert (ClientSession.unscoped.count(), Note.unscoped.count()) == (0, 0)


def test_every_table_that_names_clients_is_tried_here() -> None:
    """A new table with client data has to be in `make_full_client`, or erasing it is not proven."""
    found = set(rows_of(make_full_client()))
    named = {
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and field.related_model is Client
    }
    assert named - found == set()
