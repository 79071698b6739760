"""Six clients over twelve weeks: exactly the mails of exercises that the rules ask for, and none else.

From Monday 2 February to Sunday 26 April 2026. The clocks go forward on 29 March; the worker is down on the whole of
Wednesday 4 March. Mail may leave from 8 to 20. Each list below was reckoned by hand from the rules.
"""

import re
from datetime import date, time, timedelta

import pytest
import time_machine
from django.db import connection

from exercises import place
from exercises.answers import Key, decline_for_now
from exercises.courses import StepWish
from exercises.drafts import save_draft
from exercises.ending import end_work
from exercises.models import Course, Mode, Programme
from exercises.models.programme import WITH_DAYS
from exercises.publishing import publish_shipped
from exercises.selectors import sending_moment
from practice.models import Practice
from sessions.models import ClientSession
from sessions.services import cancel_session, move_session
from sessions.time_off import Choice, Do, take_leave
from tests.conftest import SmtpSink
from tests.exercises.beginning import DAILY, start
from tests.exercises.factories import assign, make_token, make_version
from tests.exercises.weeks import LOOKS, Weeks, when
from tests.factories import make_practice

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.slow,
    # The rules are the same on both, and each deed in it is tried on PostgreSQL by itself.
    pytest.mark.skipif(connection.vendor == "postgresql", reason="twelve weeks are lived through once"),
]
FIFTY = timedelta(minutes=50)


# --- Ash: "Five weeks of compassion", each answered on its evening; at ten; seen on Thursdays at 15:00 ---------
def ash(weeks: Weeks) -> None:
    client = weeks.client("Ash", hour=10)
    weeks.sees("Ash", *[f"{when('5 Feb 15:00') + timedelta(days=7 * week):%d %b %H:%M}" for week in range(12)])
    programme = Programme.objects.get(slug="five-weeks")
    weeks.at("2 Feb 09:00", lambda: start(client, steps=steps_of(programme), programme=programme, nudges=1))
    for day in range(84):
        weeks.at(f"{when('2 Feb 18:30') + timedelta(days=day):%d %b %H:%M}", lambda: weeks.answers("Ash"))


ASH = """
Mon 02 Feb 10:00 GMT  soothing-rhythm      # the first, at ten
Thu 05 Feb 10:00 GMT  three-circles        # three days after the one before was sent
Mon 09 Feb 10:00 GMT  tricky-brain         # four days
Thu 12 Feb 10:00 GMT  noticing             # three
Mon 16 Feb 10:00 GMT  kind-voice           # four
Thu 19 Feb 10:00 GMT  balance              # three
Mon 23 Feb 10:00 GMT  compassionate-self   # four
Thu 26 Feb 10:00 GMT  reflect-and-write    # three days after that was done, on the 23rd
Mon 02 Mar 10:00 GMT  one-small-act        # four days
Wed 11 Mar 10:00 GMT  already-here         # the eve of the 5th went by with the worker down: the eve of the next
"""


# --- Birch: daily until the session, put off once, the session moved; and again over the clocks' change ----------
def birch(weeks: Weeks) -> None:
    client = weeks.client("Birch")
    weeks.sees("Birch", "11 Feb 14:00")
    weeks.at("2 Feb 09:05", lambda: start(client, DAILY, until_session=True))
    weeks.at("5 Feb 09:30", lambda: decline_for_now(assignment=weeks.latest("Birch")))
    weeks.at("10 Feb 12:00", lambda: move(weeks.session("Birch", "11 Feb 14:00"), "13 Feb 14:00"))
    weeks.at("26 Mar 16:35", lambda: weeks.sees("Birch", "31 Mar 11:00"))
    weeks.at("26 Mar 16:40", lambda: start(client, DAILY, until_session=True))
    weeks.at("28 Mar 19:30", lambda: write_in(weeks))


BIRCH = """
Mon 02 Feb 09:05 GMT  step-1               # nine o'clock has just gone: straight away
Tue 03 Feb 09:00 GMT  step-1
Wed 04 Feb 09:00 GMT  step-1
Thu 05 Feb 09:00 GMT  step-1               # "not this week": until the 12th it rests
Thu 12 Feb 09:00 GMT  step-1               # the eve of the session, which moved from the 11th to the 13th: the last
Thu 26 Mar 16:40 GMT  step-1               # begun again
Fri 27 Mar 09:00 GMT  step-1
Sat 28 Mar 09:00 GMT  step-1               # in which they write that evening: on the 29th they are left in peace
Mon 30 Mar 09:00 BST  step-1               # nine is nine in summer time; the eve of the session, the last
"""


# --- Cedar: after each session and before the next; a session cancelled, two weeks of leave; at five ---------------
def cedar(weeks: Weeks) -> None:
    client = weeks.client("Cedar", hour=17)
    weeks.sees("Cedar", *[f"{when('3 Feb 11:00') + timedelta(days=7 * week):%d %b} 11:00" for week in range(12)])
    modes = (Mode.TOGETHER, (Mode.AFTER_SESSION, 2), Mode.BEFORE_SESSION)
    weeks.at("2 Feb 09:10", lambda: start(client, *modes, nudges=0))
    weeks.at("16 Feb 10:00", lambda: cancel(weeks.session("Cedar", "17 Feb 11:00")))
    weeks.at("23 Feb 09:00", lambda: leave(*[weeks.session("Cedar", f"{day} Mar 11:00") for day in (10, 17)]))
    weeks.at("3 Apr 12:00", lambda: weeks.answers("Cedar", "step-1"))
    weeks.at("3 Apr 12:05", lambda: weeks.answers("Cedar", "step-3"))


CEDAR = """
Mon 02 Feb 17:00 GMT  step-1
Thu 05 Feb 17:00 GMT  step-2               # two days after the session of the 3rd
Mon 09 Feb 17:00 GMT  step-3               # the day before the next: the 10th
Thu 12 Feb 17:00 GMT  step-2               # after the 10th; the 17th was cancelled
Thu 26 Feb 17:00 GMT  step-2               # after the 24th
Thu 05 Mar 17:00 GMT  step-2               # after the 3rd of March; then leave, from the 9th to the 22nd
Thu 26 Mar 17:00 GMT  step-2               # after the 24th
Thu 02 Apr 17:00 BST  step-2               # after the 31st; on the 3rd of April all that comes once is done: finished
"""


# --- Dogwood: days after done, a fixed date in a pause of ten days, two nudges each; no sessions booked --------------
def dogwood(weeks: Weeks) -> None:
    client = weeks.client("Dogwood")
    modes = (Mode.TOGETHER, (Mode.DONE_PLUS, 4), (Mode.ON_DATE, date(2026, 2, 18)), Mode.WHEN_DONE)
    weeks.at("2 Feb 09:20", lambda: start(client, *modes, nudges=2))
    weeks.at("6 Feb 20:00", lambda: weeks.answers("Dogwood"))
    weeks.at("12 Feb 21:00", lambda: place.pause(client=client, until=date(2026, 2, 22)))
    weeks.at("23 Feb 12:00", lambda: weeks.answers("Dogwood", "step-2"))
    weeks.at("4 Mar 10:15", lambda: weeks.answers("Dogwood", "step-3"))
    weeks.at("7 Mar 11:00", lambda: decline_for_now(assignment=weeks.latest("Dogwood")))


DOGWOOD = """
Mon 02 Feb 09:20 GMT  step-1               # best done by the 9th: nudges on the 5th and the 8th
Thu 05 Feb 09:00 GMT  step-1 (nudge)       # done on the 6th: the second is dropped
Tue 10 Feb 09:00 GMT  step-2               # four days after that; its nudges are dropped by the pause from the 12th
Sun 22 Feb 09:00 GMT  step-3               # meant for the 18th, in the pause: made up for on the day it ends
Wed 25 Feb 09:00 GMT  step-3 (nudge)       # halfway to the 28th
Sat 28 Feb 09:00 GMT  step-3 (nudge)       # the day before the 1st of March
Thu 05 Mar 09:00 GMT  step-4               # done on the 4th with the worker down; "not this week" before its nudges
"""


# --- Elder: every six days, at the hour at which mail hours end; the work ends in the seventh week ----------------
def elder(weeks: Weeks) -> None:
    client = weeks.client("Elder", hour=20)
    every: list[tuple[str, int]] = [(Mode.EVERY, 6)] * 11
    weeks.at("2 Feb 09:25", lambda: start(client, Mode.TOGETHER, *every, nudges=0))
    weeks.at("19 Mar 15:00", lambda: end_work(actor=client.counsellor, client=client))


ELDER = """
Mon 02 Feb 19:30 GMT  step-1               # half an hour before the hours end
Sun 08 Feb 19:30 GMT  step-2
Sat 14 Feb 19:30 GMT  step-3
Fri 20 Feb 19:30 GMT  step-4
Thu 26 Feb 19:30 GMT  step-5
Thu 05 Mar 19:30 GMT  step-6               # the 4th, with the worker down, is made up for
Wed 11 Mar 19:30 GMT  step-7               # six days after that
Tue 17 Mar 19:30 GMT  step-8               # the work ends on the 19th
"""


# --- Fern: single exercises with one nudge each ----------------------------------------------------------------------
def fern(weeks: Weeks) -> None:
    weeks.client("Fern")
    weeks.sees("Fern", "13 Feb 10:00", "27 Feb 10:00", "6 Mar 10:00", "31 Mar 10:00")
    weeks.at("3 Feb 08:45", lambda: give(weeks, "window", due_on=date(2026, 2, 12)))
    weeks.at("9 Feb 13:00", lambda: move(weeks.session("Fern", "13 Feb 10:00"), "17 Feb 10:00"))
    weeks.at("2 Mar 12:15", lambda: give(weeks, "kettle", due_on=date(2026, 3, 5)))
    weeks.at("23 Mar 21:30", lambda: give(weeks, "bench", due_on=date(2026, 3, 30)))


FERN = """
Tue 03 Feb 08:45 GMT  window
Sun 15 Feb 09:00 GMT  window (nudge)       # the session moved to the 17th: best done by the 16th; later it is quiet
Mon 02 Mar 12:15 GMT  kettle               # its nudge, on the 4th, finds the worker down: it is not made up for
Tue 24 Mar 08:00 GMT  bench                # given at night: in the morning
Sun 29 Mar 09:00 BST  bench (nudge)        # on the day of the clocks' change
"""

MAILS = {"Ash": ASH, "Birch": BIRCH, "Cedar": CEDAR, "Dogwood": DOGWOOD, "Elder": ELDER, "Fern": FERN}


def test_exactly_these_mails_leave_in_twelve_weeks(smtp_sink: SmtpSink) -> None:
    with time_machine.travel(when("2 Feb 08:00"), tick=False) as traveller:
        make_practice(mail_from_time=time(8), mail_until_time=time(20))
        publish_shipped()
        weeks = Weeks(traveller, down_on={date(2026, 3, 4)})
        for each in (ash, birch, cedar, dogwood, elder, fern):
            each(weeks)
        weeks.live()
    assert {name: weeks.left(name) for name in MAILS} == {name: table(text) for name, text in MAILS.items()}
    # What the rows say is what the mail server took.
    taken = [mail for mail in smtp_sink.messages if "/x/" in str(mail.get_body(("plain",)))]
    assert len(taken) == sum(len(table(text)) for text in MAILS.values())
    courses = {name: Course.unscoped.filter(client=client) for name, client in weeks.clients.items()}
    ends = {name: rows.latest("started_at").state for name, rows in courses.items() if rows.exists()}
    assert ends == dict.fromkeys(("Ash", "Birch", "Cedar", "Dogwood"), "finished") | {"Elder": "ended"}
    looks = [moment for moment, _ in weeks.script if moment.date() not in weeks.down_on]
    assert weeks.looks == 83 * len(LOOKS) + len(looks)


def table(text: str) -> list[str]:
    return [re.sub(r"\s+#.*", "", line) for line in text.strip().splitlines()]


# --- deeds ---------------------------------------------------------------------------------------------------------
def steps_of(programme: Programme) -> list[StepWish]:
    """Return a programme's steps as its page gives them."""
    return [
        StepWish(step.exercise.versions.latest("number"), step.mode, step.days if step.mode in WITH_DAYS else 0)
        for step in programme.steps.select_related("exercise")
    ]


def move(session: ClientSession, to: str) -> None:
    move_session(actor=session.counsellor, session=session, starts_at=when(to), length=FIFTY)


def cancel(session: ClientSession) -> None:
    cancel_session(actor=session.counsellor, session=session, by=ClientSession.Status.CANCELLED_BY_CLIENT)


def leave(*cancelled: ClientSession) -> None:
    choices = [Choice(session, session.version, Do.CANCEL) for session in cancelled]
    take_leave(
        actor=cancelled[0].counsellor, first_on=date(2026, 3, 9), last_on=date(2026, 3, 22), choices=choices
    )  # fmt: skip


def write_in(weeks: Weeks) -> None:
    row = weeks.latest("Birch")
    save_draft(assignment=row, typed={"q_line": "You ag"}, key=Key(row.pk, make_token(row)))


def give(weeks: Weeks, slug: str, due_on: date) -> None:
    client = weeks.clients["Fern"]
    send_at = sending_moment(client, "now", Practice.current())
    assign(client, version=make_version(slug), due_on=due_on, send_at=send_at, follows_session=True, nudges=1)
