"""Series: what is booked, what one deed changes, and what is never touched."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection

from clients.models import Client
from outbox.models import Message
from outbox.sender import send_due
from practice.models import Practice, User
from sessions import series as deeds
from sessions import undoing
from sessions.diary import SessionChanged, SessionClosed
from sessions.models import ClientSession, DiaryRules, Series, SessionType, TimeOff, WaitingEntry
from sessions.outlook import HORIZON, KEEP, SKIP, Place, outlook
from sessions.recurrence import Rule, in_words
from sessions.series import ALL, FOLLOWING, NothingToBook, SeriesHits, Terms
from sessions.services import cancel_session, confirm_session, move_session
from tests.conftest import SmtpSink
from tests.factories import make_client, make_session, make_waiting
from vault.services import create_data_key

pytestmark = pytest.mark.django_db
LONDON = ZoneInfo("Europe/London")
NOW = datetime(2026, 10, 5, 9, 0, tzinfo=LONDON)  # a Monday
TUESDAY = date(2026, 10, 6)
TEN = Place(time(10), timedelta(minutes=50))
TERMS = Terms(TEN, "in_person", "Room 2")
Status = ClientSession.Status


@pytest.fixture(autouse=True)
def autumn() -> Any:
    with time_machine.travel(NOW, tick=True) as clock:
        yield clock


def book(client: Client, rule: Rule | None = None, terms: Terms = TERMS, **more: Any) -> Series:
    rule = rule or Rule(TUESDAY)
    return deeds.book_series(actor=client.counsellor, client=client, rule=rule, terms=terms, **more)


def sessions_of(client: Client) -> list[ClientSession]:
    return list(ClientSession.visible_to(client.counsellor).filter(client=client).order_by("starts_at"))


def shown(client: Client, *, with_cancelled: bool = False) -> list[str]:
    rows = [each for each in sessions_of(client) if with_cancelled or each.is_ahead]
    return [f"{each.starts_at.astimezone(LONDON):%a %d %b %H:%M}" for each in rows]


def test_weekly_for_four_sessions_over_the_end_of_summer_time() -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13)), count=4)
    assert shown(client) == ["Tue 13 Oct 10:00", "Tue 20 Oct 10:00", "Tue 27 Oct 10:00", "Tue 03 Nov 10:00"]
    assert [each.starts_at.hour for each in sessions_of(client)] == [9, 9, 10, 10]


def test_fortnightly_until_a_day() -> None:
    client = make_client()
    book(client, Rule(TUESDAY, interval=2, until_on=date(2026, 11, 5)))
    assert shown(client) == ["Tue 06 Oct 10:00", "Tue 20 Oct 10:00", "Tue 03 Nov 10:00"]


def test_monthly_by_weekday_and_a_fifth_one_is_the_last() -> None:
    client = make_client()
    book(client, Rule.monthly(date(2026, 10, 29)), count=3)
    assert shown(client) == ["Thu 29 Oct 10:00", "Thu 26 Nov 10:00", "Thu 31 Dec 10:00"]


def test_an_open_one_is_booked_twelve_weeks_ahead_and_rolled_forward_once(autumn: Any) -> None:
    client = make_client()
    series = book(client, choices={})
    assert len(shown(client)) == 13
    autumn.move_to(NOW + timedelta(weeks=2))
    assert (deeds.sweep(), deeds.sweep()) == (1, 0)
    series.refresh_from_db()
    assert (len(shown(client)), series.planned_until) == (14, date(2026, 10, 19) + HORIZON)


def test_a_series_that_does_not_open_holds_up_no_other(autumn: Any) -> None:
    client = make_client()
    broken, whole = book(client), book(make_client(client.counsellor), Rule(date(2026, 10, 7)))
    with connection.cursor() as cursor:  # another row's sealed place opens here no more
        cursor.execute(
            "UPDATE client_sessions_series SET place ="
            " (SELECT place FROM client_sessions_series WHERE first_on = %s) WHERE first_on = %s",
            [whole.first_on, broken.first_on],
        )
    autumn.move_to(NOW + timedelta(weeks=2))
    assert deeds.sweep() == 1
    whole.refresh_from_db()
    assert whole.planned_until == date(2026, 10, 19) + HORIZON


def test_holidays_and_leave_are_skipped_and_the_number_agreed_is_kept() -> None:
    client = make_client()
    create_data_key(client.counsellor_id)
    TimeOff.unscoped.create(
        counsellor=client.counsellor, kind=TimeOff.Kind.LEAVE,
        starts_at=datetime(2026, 12, 14, tzinfo=LONDON), ends_at=datetime(2026, 12, 21, tzinfo=LONDON),
    )  # fmt: skip
    book(client, Rule(date(2026, 12, 11)), count=3)  # Fridays: leave on the 18th, Christmas, New Year
    assert shown(client) == ["Fri 11 Dec 10:00", "Fri 08 Jan 10:00", "Fri 15 Jan 10:00"]


def test_of_each_day_that_runs_into_something_one_may_say_skip_keep_or_move() -> None:
    client = make_client()
    other = datetime(2026, 12, 31, 15, 0, tzinfo=LONDON)
    choices = {date(2026, 12, 25): SKIP, date(2027, 1, 1): other, date(2026, 12, 28): KEEP}
    book(client, Rule(date(2026, 12, 18), until_on=date(2027, 1, 8)), choices=choices)
    assert shown(client) == ["Fri 18 Dec 10:00", "Thu 31 Dec 15:00", "Fri 08 Jan 10:00"]
    boxing = make_client(client.counsellor)
    book(boxing, Rule(date(2026, 12, 28), until_on=date(2026, 12, 28)), choices=choices)
    assert shown(boxing) == ["Mon 28 Dec 10:00"]


def test_a_day_of_which_nothing_was_said_is_asked_about_and_nothing_is_booked() -> None:
    client = make_client()
    with pytest.raises(SeriesHits) as refusal:
        book(client, Rule(date(2026, 12, 18), until_on=date(2027, 1, 8)), choices={})
    assert [each.on.day for each in refusal.value.occurrences if each.is_hit] == [25, 1]
    assert (sessions_of(client), Series.visible_to(client.counsellor).count()) == ([], 0)


def test_another_session_cannot_be_kept_over() -> None:
    client = make_client()
    make_session(make_client(client.counsellor), datetime(2026, 10, 13, 10, 30, tzinfo=LONDON))
    with pytest.raises(SeriesHits):
        book(client, count=3, choices={date(2026, 10, 13): KEEP})
    book(client, count=3)
    assert shown(client) == ["Tue 06 Oct 10:00", "Tue 20 Oct 10:00", "Tue 27 Oct 10:00"]


def test_a_series_of_which_every_day_would_be_skipped_is_none() -> None:
    with pytest.raises(NothingToBook):
        book(make_client(), Rule(date(2026, 12, 25), until_on=date(2026, 12, 25)))


def test_times_of_the_same_week_are_offered_beside_a_hit() -> None:
    (christmas,) = outlook(make_client().counsellor, Rule(date(2026, 12, 25), until_on=date(2026, 12, 25)), TEN)
    assert [f"{each.astimezone(LONDON):%a %d %H:%M}" for each in christmas.offers][0] == "Thu 24 16:00"


def change(session: ClientSession, scope: str, rule: Rule, terms: Terms = TERMS, **more: Any) -> Series:
    assert session.series is not None
    return deeds.change_series(
        actor=session.counsellor, session=session, scope=scope, version=session.series.version, rule=rule,
        terms=terms, **more,
    )  # fmt: skip


def test_this_and_following_move_and_keep_who_they_are() -> None:
    client = make_client()
    book(client, count=5)
    before = sessions_of(client)
    change(before[2], FOLLOWING, Rule(date(2026, 10, 22)), Terms(Place(time(14), timedelta(hours=1)), "phone"))
    assert shown(client) == [
        "Tue 06 Oct 10:00", "Tue 13 Oct 10:00", "Thu 22 Oct 14:00", "Thu 29 Oct 14:00", "Thu 05 Nov 14:00",
    ]  # fmt: skip
    after = sessions_of(client)
    assert [each.pk for each in after] == [each.pk for each in before]
    assert [each.mode for each in after] == ["in_person"] * 2 + ["phone"] * 3


def test_a_shift_by_its_own_step_does_not_run_into_itself() -> None:
    client = make_client()
    book(client, count=4)
    change(sessions_of(client)[0], ALL, Rule(date(2026, 10, 13)))
    assert shown(client) == ["Tue 13 Oct 10:00", "Tue 20 Oct 10:00", "Tue 27 Oct 10:00", "Tue 03 Nov 10:00"]


def test_all_leaves_what_has_been_alone(autumn: Any) -> None:
    client = make_client()
    book(client, count=4)
    autumn.move_to(NOW + timedelta(days=9))
    past = [(each.pk, each.starts_at, each.version) for each in sessions_of(client)[:2]]
    change(sessions_of(client)[3], ALL, Rule(date(2026, 10, 28)))
    assert [(each.pk, each.starts_at, each.version) for each in sessions_of(client)[:2]] == past
    assert shown(client)[2:] == ["Wed 21 Oct 10:00", "Wed 28 Oct 10:00"]


ROOM_THREE = Terms(TEN, "in_person", "Room 3")


def test_another_room_for_all_from_any_of_them_moves_none() -> None:
    client = make_client()
    book(client, count=4)
    before = shown(client)
    change(sessions_of(client)[2], ALL, Rule(date(2026, 10, 20)), ROOM_THREE)
    assert (shown(client), {each.place for each in sessions_of(client)}) == (before, {"Room 3"})
    assert {each.revision for each in sessions_of(client)} == {1}


def test_a_session_that_was_moved_by_itself_keeps_its_time_and_who_follows_their_days() -> None:
    client = make_client()
    book(client, count=4)
    second = sessions_of(client)[1]
    move_session(
        actor=client.counsellor, session=second, starts_at=datetime(2026, 10, 14, 9, 0, tzinfo=LONDON),
        length=TEN.length,
    )  # fmt: skip
    moved = ClientSession.unscoped.select_related("series").get(pk=second.pk)
    change(moved, FOLLOWING, Rule(date(2026, 10, 13)), ROOM_THREE)
    assert shown(client) == ["Tue 06 Oct 10:00", "Wed 14 Oct 09:00", "Tue 20 Oct 10:00", "Tue 27 Oct 10:00"]
    change(sessions_of(client)[2], FOLLOWING, Rule(date(2026, 10, 21)))
    assert shown(client)[1:] == ["Wed 14 Oct 09:00", "Wed 21 Oct 10:00", "Wed 28 Oct 10:00"]


def test_a_week_that_was_cancelled_stays_free_and_each_session_keeps_its_place() -> None:
    client = make_client()
    book(client, Rule(TUESDAY, until_on=date(2026, 11, 3)))
    third = sessions_of(client)[2]
    cancel_session(actor=client.counsellor, session=third, by=Status.CANCELLED_BY_CLIENT)
    last = sessions_of(client)[4]
    change(sessions_of(client)[0], ALL, Rule(date(2026, 10, 7)))
    assert shown(client) == ["Wed 07 Oct 10:00", "Wed 14 Oct 10:00", "Wed 28 Oct 10:00"]
    change(sessions_of(client)[0], ALL, Rule(date(2026, 10, 6)))
    assert last.pk in [each.pk for each in sessions_of(client) if each.status == Status.CANCELLED_BY_COUNSELLOR]


def test_the_last_thursday_stays_the_last_one() -> None:
    client = make_client()
    book(client, Rule.monthly(date(2026, 10, 29)), count=3)
    change(sessions_of(client)[1], FOLLOWING, Rule.monthly(date(2026, 11, 26)), ROOM_THREE)
    assert shown(client) == ["Thu 29 Oct 10:00", "Thu 26 Nov 10:00", "Thu 31 Dec 10:00"]


def test_who_has_confirmed_a_time_that_stays_has_confirmed_it_still() -> None:
    client = make_client()
    book(client, count=2)
    confirm_session(session=sessions_of(client)[0])
    change(sessions_of(client)[0], ALL, Rule(TUESDAY), ROOM_THREE)
    assert sessions_of(client)[0].status == Status.CONFIRMED


def test_to_a_slower_rhythm_the_rest_is_cancelled_and_to_a_faster_one_more_is_booked() -> None:
    client = make_client()
    book(client, Rule(TUESDAY, until_on=date(2026, 11, 3)))
    change(sessions_of(client)[1], FOLLOWING, Rule(date(2026, 10, 13), interval=2))
    assert shown(client) == ["Tue 06 Oct 10:00", "Tue 13 Oct 10:00", "Tue 27 Oct 10:00"]
    assert [each.status for each in sessions_of(client)].count(Status.CANCELLED_BY_COUNSELLOR) == 2
    change(sessions_of(client)[1], FOLLOWING, Rule(date(2026, 10, 13)))
    assert shown(client)[1:] == ["Tue 13 Oct 10:00", "Tue 20 Oct 10:00", "Tue 27 Oct 10:00", "Tue 03 Nov 10:00"]


def test_a_stale_page_changes_nothing() -> None:
    client = make_client()
    book(client, count=3)
    stale = sessions_of(client)[1]
    assert stale.series is not None
    change(stale, FOLLOWING, Rule(date(2026, 10, 14)))
    stale.series.version = 1
    with pytest.raises((SessionChanged, SessionClosed)):
        deeds.change_series(
            actor=client.counsellor, session=stale, scope=FOLLOWING, version=1, rule=Rule(TUESDAY), terms=TERMS
        )


def test_ended_from_a_session_on_it_is_not_carried_on(autumn: Any) -> None:
    client = make_client()
    book(client, choices=None)
    third = sessions_of(client)[2]
    gone = deeds.cancel_series(
        actor=client.counsellor, session=third, scope=FOLLOWING, version=1, by=Status.CANCELLED_BY_COUNSELLOR
    )
    assert (len(gone), shown(client)) == (11, ["Tue 06 Oct 10:00", "Tue 13 Oct 10:00"])
    autumn.move_to(NOW + timedelta(weeks=8))
    assert deeds.sweep() == 0


def undo(actor: User, row: Any) -> None:
    found = undoing.change_of(row)
    assert found is not None
    undoing.undo(actor=actor, change=found)


def standing(client: Client) -> list[tuple[Any, ...]]:
    return [(each.pk, each.starts_at, each.status, each.series_id, each.revision) for each in sessions_of(client)]


def test_a_booked_series_can_be_undone_whole() -> None:
    client = make_client()
    undo(client.counsellor, book(client, count=4))
    assert (sessions_of(client), Series.visible_to(client.counsellor).count()) == ([], 0)
    assert Message.objects.filter(state=Message.State.PLANNED).count() == 0


def test_a_series_ends_a_wait_and_undone_the_client_waits_again() -> None:
    client = make_client()
    entry = make_waiting(client)
    series = book(client, count=4)
    entry.refresh_from_db()
    assert entry.left_why == WaitingEntry.Left.BOOKED
    undo(client.counsellor, series)
    entry.refresh_from_db()
    assert (entry.left_at, entry.left_why) == (None, "")


def test_a_changed_series_can_be_undone_with_what_it_cancelled_and_what_it_made() -> None:
    client = make_client()
    book(client, Rule(TUESDAY, until_on=date(2026, 11, 3)))
    before = standing(client)
    new = change(sessions_of(client)[1], FOLLOWING, Rule(date(2026, 10, 14), interval=2))
    undo(client.counsellor, new)
    assert standing(client) == before
    new = change(sessions_of(client)[0], ALL, Rule(date(2026, 10, 12)))
    undo(client.counsellor, new)
    assert standing(client) == before


def test_a_changed_kind_of_session_can_be_undone() -> None:
    client = make_client()
    book(client, count=3)
    kind = SessionType.objects.create(name="Long session")
    new = change(sessions_of(client)[1], FOLLOWING, Rule(date(2026, 10, 13)), replace(TERMS, session_type=kind))
    assert [each.session_type_id for each in sessions_of(client)] == [None, kind.pk, kind.pk]
    undo(client.counsellor, new)
    assert [each.session_type_id for each in sessions_of(client)] == [None, None, None]


def test_an_ended_series_can_be_undone_and_goes_on(autumn: Any) -> None:
    client = make_client()
    series = book(client)
    before = standing(client)
    deeds.cancel_series(
        actor=client.counsellor, session=sessions_of(client)[3], scope=FOLLOWING, version=1, by=Status.CANCELLED_LATE
    )
    series.refresh_from_db()
    undo(client.counsellor, series)
    assert standing(client) == before
    autumn.move_to(NOW + timedelta(weeks=3))
    assert deeds.sweep() == 2


# --- what the client hears of it ---------------------------------------------------------------------
@pytest.fixture
def tells() -> None:
    Practice.objects.first() or make_client()
    DiaryRules.objects.update(notify_booked=True, notify_moved=True, notify_cancelled=True)


def texts(sink: SmtpSink) -> list[str]:
    return [str(mail["Subject"]) for mail in sink.messages]


def test_one_mail_tells_of_the_whole_series(smtp_sink: SmtpSink, tells: None, autumn: Any) -> None:
    client = make_client(name="Juniper Testwell")
    book(client, Rule(date(2026, 10, 13)), count=3)
    assert send_due().sent == 0
    autumn.move_to(NOW + timedelta(minutes=4))
    assert send_due().sent == 1
    (mail,) = smtp_sink.messages
    body = mail.get_body(("plain",))
    assert body is not None
    assert "every Tuesday at 10:00 (UK time)" in body.get_content()
    assert [line for line in body.get_content().splitlines() if line.startswith("- T")] == [
        "- Tuesday 13 October 2026, 10:00", "- Tuesday 20 October 2026, 10:00", "- Tuesday 27 October 2026, 10:00",
    ]  # fmt: skip
    assert mail["Subject"] == "Your appointments from Tuesday 13 October, 10:00"


def test_undone_within_the_delay_nothing_is_told(smtp_sink: SmtpSink, tells: None, autumn: Any) -> None:
    client = make_client()
    undo(client.counsellor, book(client, count=4))
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    assert smtp_sink.messages == []


def test_ended_before_it_was_told_nothing_is_told(smtp_sink: SmtpSink, tells: None, autumn: Any) -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13)), count=4)
    deeds.cancel_series(
        actor=client.counsellor, session=sessions_of(client)[0], scope=ALL, version=1, by=Status.CANCELLED_BY_CLIENT
    )
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    assert smtp_sink.messages == []


def test_changed_and_then_ended_is_told_twice(smtp_sink: SmtpSink, tells: None, autumn: Any) -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13)), count=4)
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    new = change(sessions_of(client)[2], FOLLOWING, Rule(date(2026, 10, 28)))
    autumn.move_to(NOW + timedelta(hours=2))
    send_due()
    deeds.cancel_series(
        actor=client.counsellor, session=sessions_of(client)[2], scope=FOLLOWING, version=new.version,
        by=Status.CANCELLED_BY_COUNSELLOR,
    )  # fmt: skip
    autumn.move_to(NOW + timedelta(hours=3))
    send_due()
    assert texts(smtp_sink) == [
        "Your appointments from Tuesday 13 October, 10:00", "New times from Wednesday 28 October, 10:00",
        "Cancelled from Wednesday 28 October, 10:00",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        (Rule(TUESDAY), "every Tuesday at 10:00"),
        (Rule(TUESDAY, interval=2), "every second Tuesday at 10:00"),
        (Rule.monthly(date(2026, 10, 29)), "the last Thursday of every month at 10:00"),
        (Rule.monthly(TUESDAY, 3), "the first Tuesday of every third month at 10:00"),
    ],
)
def test_a_rule_in_words(rule: Rule, words: str) -> None:
    assert in_words(rule, time(10)) == words


def told_days(sink: SmtpSink) -> list[str]:
    """Return every day that mails have named, in the order in which they left."""
    bodies = [mail.get_body(("plain",)) for mail in sink.messages]
    return [line[2:] for body in bodies if body for line in body.get_content().splitlines() if line.startswith("- T")]


def test_changed_in_part_before_it_was_told_every_day_is_told_once(
    smtp_sink: SmtpSink, tells: None, autumn: Any
) -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13)), count=4)
    change(sessions_of(client)[2], FOLLOWING, Rule(date(2026, 10, 27)), Terms(Place(time(17), TEN.length), "phone"))
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    assert sorted(texts(smtp_sink)) == [
        "Your appointments from Tuesday 13 October, 10:00", "Your appointments from Tuesday 27 October, 17:00",
    ]  # fmt: skip
    assert sorted(told_days(smtp_sink)) == [
        "Tuesday 13 October 2026, 10:00", "Tuesday 20 October 2026, 10:00", "Tuesday 27 October 2026, 17:00",
        "Tuesday 3 November 2026, 17:00",
    ]  # fmt: skip


def test_an_undone_ending_tells_nothing_and_a_real_cancellation_afterwards_is_told(
    smtp_sink: SmtpSink, tells: None, autumn: Any
) -> None:
    client = make_client()
    series = book(client, Rule(date(2026, 10, 13)), count=4)
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    deeds.cancel_series(
        actor=client.counsellor, session=sessions_of(client)[1], scope=FOLLOWING, version=1,
        by=Status.CANCELLED_BY_COUNSELLOR,
    )  # fmt: skip
    series.refresh_from_db()
    undo(client.counsellor, series)
    autumn.move_to(NOW + timedelta(hours=2))
    send_due()
    assert texts(smtp_sink) == ["Your appointments from Tuesday 13 October, 10:00"]
    cancel_session(actor=client.counsellor, session=sessions_of(client)[1], by=Status.CANCELLED_BY_COUNSELLOR)
    autumn.move_to(NOW + timedelta(hours=3))
    send_due()
    assert texts(smtp_sink)[1:] == ["Cancelled: Tuesday 20 October, 10:00"]


def test_one_session_moved_before_the_series_was_told_is_told_with_it(
    smtp_sink: SmtpSink, tells: None, autumn: Any
) -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13)), count=2)
    first = sessions_of(client)[0]
    move_session(
        actor=client.counsellor, session=first, starts_at=first.starts_at + timedelta(hours=4), length=TEN.length
    )
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    assert texts(smtp_sink) == ["Your appointments from Tuesday 13 October, 14:00"]
    body = smtp_sink.messages[0].get_body(("plain",))
    assert body is not None
    assert "14:00 (not the usual time)" in body.get_content()


def test_what_has_no_place_by_the_new_rule_is_told_too(smtp_sink: SmtpSink, tells: None, autumn: Any) -> None:
    client = make_client()
    book(client, Rule(date(2026, 10, 13), until_on=date(2026, 11, 3)))
    autumn.move_to(NOW + timedelta(hours=1))
    send_due()
    change(sessions_of(client)[0], ALL, Rule(date(2026, 10, 13), interval=2))
    autumn.move_to(NOW + timedelta(hours=2))
    send_due()
    assert sorted(texts(smtp_sink)[1:]) == [
        "Cancelled from Tuesday 27 October, 10:00", "New times from Tuesday 13 October, 10:00",
    ]  # fmt: skip
    assert told_days(smtp_sink)[-4:].count("Tuesday 3 November 2026, 10:00") == 1
