"""What the demo practice has settled about its diary: kinds of session, working hours, who waits, who is away when."""

from datetime import datetime, time, timedelta

from clients.models import Client
from config.demo.cast import Person
from config.demo.stage import Stage
from practice import clock
from practice.models import User
from sessions import arrangements, replies, time_off, waiting
from sessions.models import ClientSession, DiaryRules, WaitingEntry

FIFTY = timedelta(minutes=50)
TYPES = [
    ("First meeting", timedelta(minutes=75), timedelta(minutes=15), "in_person", 0),
    ("Individual, 50 minutes", FIFTY, timedelta(minutes=10), "in_person", 6000),
    ("Online, 50 minutes", FIFTY, timedelta(minutes=10), "video", 5500),
]
# The demo's days are counted from today, so that today is never empty; so are its working days.
WORKING_DAYS = 5
AGREED = 12


def settle(stage: Stage) -> None:
    """Lay down kinds of session and working hours. Notices are off while the diary is filled."""
    DiaryRules.objects.create(notify_booked=False, notify_moved=False, notify_cancelled=False)
    for name, length, buffer, mode, fee_pence in TYPES:
        arrangements.add_type(
            actor=stage.owner, name=name, length=length, buffer=buffer, mode=mode, place="", fee_pence=fee_pence
        )
    days = [(clock.today() + timedelta(days=number)).weekday() for number in range(WORKING_DAYS)]
    spans = [(day, *span) for day in days for span in ((time(9), time(13)), (time(13, 30), time(18)))]
    for member in stage.members.values():
        if member != stage.owner:
            arrangements.change_hours(actor=member, spans=spans)
    _time_away(stage, stage.members["counsellor@beside.test"])


def finish(stage: Stage) -> None:
    """Put in what hangs on a filled diary, and let clients be told of changes from now on."""
    _agree(stage)
    _who_waits(stage)
    _one_confirms(stage)
    DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True, offers_slots=True)


def _agree(stage: Stage) -> None:
    """Let a number of sessions be agreed with some; for one of them it is nearly reached."""
    for (person, client), weeks in zip(stage.clients[:3], (10, 4, 8), strict=True):
        since = clock.today() - timedelta(weeks=weeks)
        if not person.has_ended:
            arrangements.agree(actor=client.counsellor, client=client, sessions=AGREED, counts_from=since)


def _time_away(stage: Stage, counsellor: User) -> None:
    day = clock.today() + timedelta(days=3)
    time_off.block_time(
        actor=counsellor, starts_at=clock.lenient_at(day, time(13)), ends_at=clock.lenient_at(day, time(14, 30)),
        label=stage.say("Peer group"),
    )  # fmt: skip
    first = clock.today() + timedelta(weeks=8)
    time_off.take_leave(
        actor=counsellor, first_on=first, last_on=first + timedelta(days=6), label=stage.say("The coast")
    )


def _who_waits(stage: Stage) -> None:
    """Let two clients whose usual time does not suit them any more wait for another."""
    waits = [
        (9, WaitingEntry.Urgency.SOON, ["0-evening", "2-evening", "3-evening"], "Evenings only since the new job."),
        (3, WaitingEntry.Urgency.FLEXIBLE, [], "Would rather come in the morning, no hurry."),
    ]
    for number, urgency, times, note in waits:
        _, client = stage.clients[number]
        waiting.wait(
            actor=client.counsellor, client=client, urgency=urgency, times=times, session_type=None,
            note=stage.say(note),
        )  # fmt: skip


def _one_confirms(stage: Stage) -> None:
    """Let the first client have said that they are coming."""
    session = _next_of(stage.clients[0][1], stage.now)
    if session is not None:
        replies.confirm(session=session, revision=session.revision)


def _next_of(client: Client, now: datetime) -> ClientSession | None:
    rows = ClientSession.unscoped.select_related("client__counsellor")  # no viewer: the demo is built whole
    ahead = rows.filter(client=client, starts_at__gt=now + timedelta(days=1), status=ClientSession.Status.BOOKED)
    return ahead.order_by("starts_at").first()


def kind_for(person: Person) -> str:
    """Return which kind of session somebody has."""
    return TYPES[2][0] if person.mode == "video" else TYPES[1][0]
