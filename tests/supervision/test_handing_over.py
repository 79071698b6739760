"""A client goes to another counsellor: what goes along, what stays, what is refused."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.signals import pre_save
from django.utils import timezone

from clients.models import Client
from clients.timeline import timeline_of
from exercises.models import Assignment
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from notes.models import Note
from outbox.kinds import Mail
from outbox.models import Message
from practice import keeping
from practice.keeping import NotThisForm, Sheet
from practice.models import AuditEntry, KeptWords, User
from practice.roles import Role
from sessions import undoing
from sessions.mail import reminder
from sessions.models import ClientSession
from sessions.services import mark_outcome
from supervision import handing_over, services
from supervision.handing_over import CannotReceive, DiariesClash, DraftsOpen, HandedOver, hand_over
from supervision.models import PackItem
from supervision.selectors import preview
from tests.factories import make_client, make_session, make_user
from tests.notes.factories import make_note, make_past_session
from tests.sessions.factories import book, in_days
from tests.supervision.factories import make_flagged_note, make_known_client, make_pack

pytestmark = pytest.mark.django_db
Status = ClientSession.Status


def give(client: Client, to: User, **choices: Any) -> handing_over.Result:
    return hand_over(actor=client.counsellor, client=client, to=to, **{"is_told": True, **choices})


def last_deed() -> AuditEntry:
    return AuditEntry.objects.latest("id")


def test_what_was_said_of_a_past_session_is_taken_back_by_whoever_has_the_client_now() -> None:
    session = make_past_session(status=Status.BOOKED)
    was, to = session.counsellor, make_user()
    said = mark_outcome(actor=was, session=session, outcome=Status.ATTENDED)
    theirs = undoing.change_of(said)
    give(session.client, to)

    assert theirs is not None
    with pytest.raises(undoing.CannotUndo):
        undoing.undo(actor=was, change=theirs)
    corrected = mark_outcome(actor=to, session=said, outcome=Status.DID_NOT_ATTEND)
    mine = undoing.change_of(corrected)
    assert mine is not None
    undoing.undo(actor=to, change=mine)

    session.refresh_from_db()
    assert session.status == Status.ATTENDED


def test_the_client_is_the_other_counsellors_with_its_row() -> None:
    client, to = make_client(), make_user()
    was, version = client.counsellor, client.version

    give(client, to)

    client.refresh_from_db()
    assert (client.counsellor, client.version) == (to, version + 1)
    assert list(Client.visible_to(was)) == []
    row = last_deed()
    assert (row.deed, row.actor, row.reference) == ("client.hand_over", was, client.reference)
    assert row.detail == {
        "from_member": str(was.pk), "to_member": str(to.pk), "client_told": True, "sessions_moved": 0,
        "sessions_cancelled": 0, "taken_out_of_packs": 0,
    }  # fmt: skip


def test_booked_sessions_move_and_past_ones_keep_their_counsellor() -> None:
    client, to = make_client(), make_user()
    was = client.counsellor
    past = make_past_session(client=client)
    running = make_session(client, timezone.now() - timedelta(minutes=10))
    coming = make_session(client)
    cancelled = make_session(client, in_days(5), status=Status.CANCELLED_BY_CLIENT)

    assert give(client, to).moved == 2

    whose = {each.pk: each.counsellor for each in ClientSession.visible_to(to)}
    assert whose == {past.pk: was, running.pk: to, coming.pk: to, cancelled.pk: was}
    assert list(ClientSession.visible_to(was)) == []


def test_the_reminder_stays_planned_and_names_the_new_counsellor() -> None:
    client, to = make_client(counsellor=make_user(name="Rowan Testling")), make_user(name="Alder Testman")
    book(client, in_days(3))
    message = Message.objects.get()

    give(client, to)

    message.refresh_from_db()
    written = reminder(message)
    assert message.state == Message.State.PLANNED
    assert isinstance(written, Mail)
    assert ("Alder" in written.text, "Rowan" in written.text) == (True, False)


def test_a_mail_that_a_worker_has_written_is_taken_back() -> None:
    client, to = make_client(), make_user()
    book(client, in_days(3))
    Message.objects.update(state=Message.State.LEASED, token=client.pk, lease_until=timezone.now())
    give(client, to)
    assert Message.objects.get().state == Message.State.PLANNED


def test_notes_keep_their_author_and_can_be_read_by_the_new_counsellor() -> None:
    note, to = make_note(is_signed=True), make_user()
    was = note.author

    give(note.client, to)

    found = Note.visible_to(to).get()
    assert (found.text, found.author) == ("We sat with the quiet part.", was)
    assert list(Note.visible_to(was)) == []


def test_exercises_and_answers_go_along() -> None:
    client, to = make_client(), make_user()
    publish_shipped()
    given = Assignment.unscoped.create(
        client=client, version=current_versions()[0], assigned_by=client.counsellor, personal_line="l", why="w",
        plan_when="p", due_on=timezone.localdate(),
    )  # fmt: skip
    give(client, to)
    assert list(Assignment.visible_to(to)) == [given]


def test_notes_to_sign_are_signed_first() -> None:
    note, to = make_note(), make_user()
    make_note(make_session(note.client), text="Ask about the allotment.")

    with pytest.raises(DraftsOpen) as refusal:
        give(note.client, to)

    assert refusal.value.notes == [note]
    assert Client.visible_to(to).count() == 0


def test_a_note_prepared_for_a_session_to_come_goes_along() -> None:
    client, to = make_client(), make_user()
    note = make_note(make_session(client))
    give(client, to)
    assert list(Note.visible_to(to)) == [note]


def test_drafts_of_somebody_who_left_go_along_and_can_be_signed() -> None:
    note, to = make_note(), make_user()
    give(note.client, to, takes_drafts=True)
    from notes.services import sign_note

    signed = sign_note(actor=to, note=Note.visible_to(to).get(), version=1)
    assert (signed.is_signed, signed.author, last_deed().actor) == (True, note.author, to)


def test_sessions_that_clash_are_named_before_anything_is_saved() -> None:
    client, to = make_client(), make_user()
    make_session(make_client(to), in_days(2, 10))
    clashing = make_session(client, in_days(2, 10, 30))
    make_session(client, in_days(4))

    with pytest.raises(DiariesClash) as refusal:
        give(client, to)

    assert refusal.value.sessions == [clashing]
    assert handing_over.clashes_for([client], to) == {client.reference: [clashing]}
    assert ClientSession.visible_to(to).count() == 1


def test_clashing_sessions_can_be_cancelled_with_their_mail() -> None:
    client, to = make_client(), make_user()
    make_session(make_client(to), in_days(2, 10))
    clashing, other = book(client, in_days(2, 10, 30)), book(client, in_days(4))

    result = give(client, to, cancels_clashing=True)

    assert (result.moved, result.cancelled) == (1, 1)
    clashing.refresh_from_db()
    other.refresh_from_db()
    assert (clashing.status, other.status, other.counsellor) == (Status.CANCELLED_BY_COUNSELLOR, Status.BOOKED, to)
    states = dict(Message.objects.values_list("subject_id", "state"))
    assert states == {clashing.pk: Message.State.DROPPED, other.pk: Message.State.PLANNED}
    assert list(AuditEntry.objects.order_by("id").values_list("deed", flat=True))[-2:] == [
        "session.cancel", "client.hand_over",
    ]  # fmt: skip


def test_drafts_of_packs_lose_the_client_and_released_ones_stay() -> None:
    note = make_flagged_note()
    other = make_flagged_note(make_known_client(note.author), session={"starts_at": in_days(-3)})
    draft, released = make_pack(note, other), make_pack(note, is_released=True)

    give(note.client, make_user())

    assert [item.note for item in PackItem.unscoped.filter(pack=draft)] == [other]
    assert released.items.count() == 1
    assert last_deed().detail["taken_out_of_packs"] == 1


def test_a_released_pack_tells_its_counsellor_no_name_any_more() -> None:
    note = make_flagged_note()
    released = make_pack(note, is_released=True)
    assert [row["found"] for row in preview(released)[0].replaced] != []
    give(note.client, make_user())
    (item,) = preview(released)
    assert (item.is_handed_over, item.replaced, item.found) == (True, [], [])


def test_a_pack_is_not_made_of_a_client_who_went_meanwhile() -> None:
    note = make_flagged_note()
    stale = Note.unscoped.select_related("client__counsellor").get(pk=note.pk)
    give(note.client, make_user())
    with pytest.raises(HandedOver):
        services.prepare_pack(actor=note.author, notes=[stale])
    assert PackItem.unscoped.count() == 0


def test_what_the_former_counsellor_typed_about_the_client_goes() -> None:
    client, to = make_client(), make_user()
    kept = [
        KeptWords.objects.create(user=user, owner_id=owner.pk, page=page, words={"text": "half a thought"})
        for user, owner, page in (
            (client.counsellor, client, "/a/"),
            (client.counsellor, make_client(client.counsellor), "/b/"),
            (to, client, "/c/"),
        )  # fmt: skip
    ]
    give(client, to)
    assert set(KeptWords.objects.all()) == set(kept[1:])


def test_a_page_that_the_former_counsellor_has_open_keeps_no_word() -> None:
    client, to = make_client(), make_user()
    former, sheet = client.counsellor, Sheet("/a/", client.pk, client.reference)
    give(client, to)
    with pytest.raises(NotThisForm):
        keeping.keep(user=former, sheet=sheet, words={"text": "half a thought"})
    keeping.keep(user=to, sheet=sheet, words={"text": "a thought"})
    assert KeptWords.objects.get().user == to


@pytest.mark.parametrize("kind", ["admin", "left", "same"])
def test_only_who_counsels_here_can_receive(kind: str) -> None:
    client = make_client()
    to = {"admin": make_user(Role.ADMIN), "left": make_user(is_active=False), "same": client.counsellor}[kind]
    with pytest.raises(CannotReceive):
        give(client, to)
    assert AuditEntry.objects.count() == 0


def test_who_hands_over_what_went_already_is_refused() -> None:
    client, first, second = make_client(), make_user(), make_user()
    stale = Client.unscoped.select_related("counsellor").get(pk=client.pk)
    give(client, first)
    with pytest.raises(HandedOver):
        give(stale, second)
    assert Client.visible_to(first).count() == 1


def test_nobody_books_in_the_former_diary() -> None:
    client, to = make_client(), make_user()
    stale = Client.unscoped.select_related("counsellor").get(pk=client.pk)
    session = make_session(client)
    held = ClientSession.unscoped.select_related("client").get(pk=session.pk)
    give(client, to)
    from sessions.services import move_session

    with pytest.raises(HandedOver):
        book(stale, in_days(3))
    with pytest.raises(HandedOver):
        move_session(actor=to, session=held, starts_at=in_days(6), length=held.length)
    assert ClientSession.visible_to(to).count() == 1


def test_without_its_row_nothing_is_handed_over() -> None:
    note, to = make_flagged_note(), make_user()
    pack = make_pack(note)
    make_session(note.client)

    def refuse(sender: type[AuditEntry], **rest: Any) -> None:
        raise RuntimeError

    pre_save.connect(refuse, sender=AuditEntry)
    try:
        with pytest.raises(RuntimeError):
            give(note.client, to)
    finally:
        pre_save.disconnect(refuse, sender=AuditEntry)
    assert (Client.visible_to(to).count(), pack.items.count()) == (0, 1)
    assert ClientSession.unscoped.filter(counsellor=to).count() == 0


def test_the_timeline_says_from_whom_to_whom() -> None:
    client, to = make_client(make_user(name="Rowan Testling")), make_user(name="Alder Testman")
    give(client, to)
    client.refresh_from_db()
    (entry,) = timeline_of(client, to)
    assert (entry.title, entry.detail) == ("Handed over by Rowan Testling to Alder Testman", "The client had been told")


def test_all_of_a_members_clients_go_and_a_quicker_hand_over_is_left_alone() -> None:
    member, to, other, admin = make_user(), make_user(), make_user(), make_user(Role.ADMIN)
    clients = [make_client(member) for _ in range(3)]
    stale = list(Client.unscoped.filter(counsellor=member).order_by("reference"))
    hand_over(actor=member, client=clients[0], to=other, is_told=False)

    handing_over.hand_over_all(actor=admin, clients=stale, to=to, is_told=False, cancels_clashing=False)

    assert (Client.visible_to(to).count(), Client.visible_to(other).count()) == (2, 1)


def test_who_runs_the_practice_gives_no_colleagues_clients_to_themselves() -> None:
    client, runs = make_client(make_user()), make_user(Role.SOLO)
    with pytest.raises(CannotReceive):
        handing_over.hand_over_all(actor=runs, clients=[client], to=runs, is_told=False, cancels_clashing=False)
    assert Client.visible_to(runs).count() == 0
