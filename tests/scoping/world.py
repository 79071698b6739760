"""One counsellor's client with everything, and the people who may try the doors."""

from dataclasses import dataclass
from datetime import time, timedelta
from uuid import uuid4

from django.utils import timezone

from clients.models import Client, Tombstone
from exercises.models import Answer, Assignment, Course, Exercise, Programme, Sharing
from exercises.publishing import publish_shipped
from exercises.selectors import current_versions
from notes.models import Attachment, Note
from outbox.models import Message
from practice import trail
from practice.keeping import Sheet, keep
from practice.models import Invitation, KeptWords, User
from practice.roles import Role
from sessions.models import ClientReply, ClientSession, DiaryChange, Series, SessionType, TimeOff, WaitingEntry
from supervision.models import Pack, PackItem
from tests.exercises.authoring import make_own, make_programme
from tests.exercises.running_courses import make_course
from tests.factories import make_client, make_session, make_user
from tests.notes.factories import make_file
from tests.sessions.time import make_time_off
from vault.startup import ensure_canary


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
    course: Course
    exercise: Exercise
    programme: Programme


def make_world() -> World:
    """Make all of it."""
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
        make_course(client),
        make_own(owner).exercise,
        make_programme(owner),
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
