"""A counsellor's calendar feed: what is in it, under which address, and what a look writes down."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar, Event
from pytest_django import DjangoAssertNumQueries

from clients.models import Client
from practice.members import bring_back, let_go
from practice.models import AuditEntry, User
from practice.roles import Role
from sessions import feeds
from sessions.models import ClientSession, Feed, TimeOff
from sessions.services import move_session
from tests.clients.factories import damage
from tests.factories import make_client, make_session, make_user
from vault.services import cache, create_data_key

pytestmark = pytest.mark.django_db
Status = ClientSession.Status
NOW = datetime(2026, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)
Travel = Callable[[datetime], None]


@pytest.fixture
def travel(monkeypatch: pytest.MonkeyPatch) -> Travel:
    """Let it be another moment; from the start it is a Tuesday morning in November 2026."""

    def to(moment: datetime) -> None:
        monkeypatch.setattr(timezone, "now", lambda: moment)

    to(NOW)
    return to


def a_feed(counsellor: User, naming: str = "reference") -> Feed:
    return feeds.make_feed(actor=counsellor, naming=naming)[0]


def strictly(content: bytes) -> Calendar:
    """Read a feed as a whole, without an error that was passed over, and see that it is written the same again."""
    (calendar,) = Calendar.from_ical(content, multiple=True)
    assert [part.errors for part in calendar.walk() if part.errors] == []
    assert calendar.to_ical() == content
    assert calendar.get_missing_tzids() == set()
    return calendar


def events(feed: Feed) -> list[Event]:
    return strictly(feeds.read_feed(again(feed)).content).events


def again(feed: Feed) -> Feed:
    return Feed.objects.select_related("counsellor").get(pk=feed.pk)


def titles(feed: Feed) -> list[str]:
    return [str(event["SUMMARY"]) for event in events(feed)]


# --- what is in it ----------------------------------------------------------------------------------------
def test_a_session_says_when_and_how_and_not_who_or_where(travel: Travel) -> None:
    client = make_client(name="Marigold Testwell", reference="C-0042")
    session = make_session(client, NOW + timedelta(days=1), place="12 Quiet Lane", mode="video", version=4)
    issue = feeds.read_feed(a_feed(client.counsellor))

    lines = issue.content.decode().split("\r\n")
    assert lines[:8] == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Beside//Diary//EN", "CALSCALE:GREGORIAN", "METHOD:PUBLISH",
        "X-WR-CALNAME:Appointments", "REFRESH-INTERVAL;VALUE=DURATION:PT1H", "X-PUBLISHED-TTL:PT1H",
    ]  # fmt: skip
    assert "\r\n".join(lines[lines.index("BEGIN:VEVENT") :]).replace("\r\n ", "").split("\r\n") == [
        "BEGIN:VEVENT",
        "SUMMARY:C-0042",
        "DTSTART;TZID=Europe/London:20261125T093015",
        "DTEND;TZID=Europe/London:20261125T102015",
        "DTSTAMP:20261124T093015Z",
        f"UID:{session.pk}@beside.test",
        "SEQUENCE:4",
        "CLASS:PRIVATE",
        "LOCATION:Video link",
        "ORGANIZER;CN=Beside:mailto:hello@beside.test",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        f"URL:http://localhost:8000{reverse('sessions:detail', args=[session.pk])}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    strictly(issue.content)


@pytest.mark.parametrize(
    ("name", "preferred", "shown"),
    [
        ("Marigold Testwell", "", "M. T."),
        ("Marigold Testwell", "Goldie", "G."),
        ("Anne-Marie de la Cruz", "", "A. M. D. L. C."),
        ("A\u0301ngel Ríos", "", "Á. R."),
        ("Zoë 🌿", "", "Z."),
        ("🌿", "", "C-0042"),
    ],
)
def test_initials_are_of_what_they_are_called(name: str, preferred: str, shown: str, travel: Travel) -> None:
    client = make_client(name=name, preferred_name=preferred, reference="C-0042")
    make_session(client)
    assert titles(a_feed(client.counsellor, "initials")) == [shown]


def test_a_name_that_does_not_open_is_a_reference(travel: Travel) -> None:
    client = make_client(name="Marigold Testwell", reference="C-0042")
    make_session(client)
    damage(client, "name")
    assert titles(a_feed(client.counsellor, "initials")) == ["C-0042"]


def test_it_goes_from_ninety_days_back_to_all_that_is_to_come(travel: Travel) -> None:
    client = make_client()
    days = [-92, -89, -1, 1, 700]
    made = {day: make_session(client, NOW + timedelta(days=day)) for day in days}
    uids = [event["UID"] for event in events(a_feed(client.counsellor))]
    assert uids == [f"{made[day].pk}@beside.test" for day in days[1:]]


@pytest.mark.parametrize("status", Status.values)
def test_a_cancelled_one_says_so_until_its_day_and_others_stay(status: str, travel: Travel) -> None:
    session = make_session(make_client(), NOW + timedelta(days=1), status=status)
    feed = a_feed(session.counsellor)
    ahead = [event["STATUS"] for event in events(feed)]
    travel(NOW + timedelta(days=3))
    past = [event["STATUS"] for event in events(feed)]
    if status in ClientSession.CANCELLED:
        assert (ahead, past) == (["CANCELLED"], [])
    else:
        assert (ahead, past) == (["CONFIRMED"], ["CONFIRMED"])


def test_time_off_is_in_it_without_its_words(travel: Travel) -> None:
    counsellor, other = make_user(), make_user()
    at = datetime(2026, 12, 21, tzinfo=UTC)
    leave = {"kind": "leave", "starts_at": at, "ends_at": at + timedelta(days=5), "label": "Hospital"}
    blocked = {"kind": "blocked", "starts_at": at + timedelta(hours=9), "ends_at": at + timedelta(hours=10)}
    for member in (counsellor, other):
        create_data_key(member.pk)
    for row in (leave, blocked):
        TimeOff.unscoped.create(counsellor=counsellor, **row)
    TimeOff.unscoped.create(counsellor=other, **leave)
    content = feeds.read_feed(a_feed(counsellor)).content
    first, second = strictly(content).events

    assert (first["SUMMARY"], second["SUMMARY"]) == ("Leave", "Blocked")
    assert b"DTSTART;VALUE=DATE:20261221\r\nDTEND;VALUE=DATE:20261226\r\n" in content
    assert b"DTSTART;TZID=Europe/London:20261221T090000\r\n" in content
    assert b"Hospital" not in content


def test_another_counsellors_diary_is_not_in_it(travel: Travel) -> None:
    mine, theirs = make_session(), make_session()
    content = feeds.read_feed(a_feed(mine.counsellor)).content
    assert str(mine.pk).encode() in content
    assert str(theirs.pk).encode() not in content


def test_a_client_who_was_handed_over_moves_to_the_others_feed(travel: Travel) -> None:
    session, other = make_session(), make_user()
    before, after = a_feed(session.counsellor), a_feed(other)
    Client.unscoped.filter(pk=session.client_id).update(counsellor=other)
    ClientSession.unscoped.filter(pk=session.pk).update(counsellor=other)
    assert (titles(before), titles(after)) == ([], [session.client.reference])


def test_an_empty_diary_is_a_calendar_too(travel: Travel) -> None:
    calendar = strictly(feeds.read_feed(a_feed(make_user())).content)
    assert [part.name for part in calendar.subcomponents] == ["VTIMEZONE"]


def test_a_moved_session_keeps_its_entry_with_a_higher_number(travel: Travel) -> None:
    session = make_session(starts_at=NOW + timedelta(days=1))
    feed = a_feed(session.counsellor)
    (before,) = events(feed)
    later = NOW + timedelta(days=2)
    move_session(actor=session.counsellor, session=session, starts_at=later, length=timedelta(minutes=50))
    (after,) = events(feed)
    assert (after["UID"], after.sequence > before.sequence) == (before["UID"], True)
    assert after["DTSTART"] != before["DTSTART"]


@pytest.mark.parametrize("naming", Feed.Naming.values)
@pytest.mark.parametrize("count", [1, 3])
def test_the_number_of_queries_does_not_grow(
    naming: str, count: int, travel: Travel, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    counsellor = make_user()
    for number in range(count):
        make_session(make_client(counsellor), NOW + timedelta(days=number + 1))
    feed = again(a_feed(counsellor, naming))
    feeds.read_feed(feed)
    feed = again(feed)
    cache.forget()
    with django_assert_num_queries(3 if naming == "initials" else 2):
        feeds.read_feed(feed)


# --- since when it says so --------------------------------------------------------------------------------
def test_the_same_diary_is_the_same_file_to_the_byte(travel: Travel) -> None:
    session = make_session()
    feed = a_feed(session.counsellor)
    first = feeds.read_feed(again(feed))
    travel(NOW + timedelta(hours=5))
    assert feeds.read_feed(again(feed)) == first
    assert first.changed_at == NOW.replace(microsecond=0)


def test_a_change_is_dated_when_it_is_first_seen(travel: Travel) -> None:
    session = make_session()
    feed = a_feed(session.counsellor)
    first = feeds.read_feed(again(feed))
    travel(NOW + timedelta(hours=5))
    make_session(session.client, NOW + timedelta(days=3))
    second = feeds.read_feed(again(feed))
    assert second.changed_at == (NOW + timedelta(hours=5)).replace(microsecond=0)
    assert second.etag != first.etag


def test_two_changes_in_one_second_are_told_apart(travel: Travel) -> None:
    session = make_session()
    feed = a_feed(session.counsellor)
    dates = []
    for day in (3, 4, 5):
        dates.append(feeds.read_feed(again(feed)).changed_at)
        make_session(session.client, NOW + timedelta(days=day))
    assert [after - before for before, after in zip(dates, dates[1:], strict=False)] == [timedelta(seconds=1)] * 2


def test_when_it_was_read_is_noted_once_in_ten_minutes(travel: Travel) -> None:
    feed = a_feed(make_user())
    noted = []
    for minutes in (0, 9, 11):
        travel(NOW + timedelta(minutes=minutes))
        feeds.read_feed(again(feed))
        noted.append(again(feed).last_read_at)
    assert noted == [NOW, NOW, NOW + timedelta(minutes=11)]


# --- made and closed --------------------------------------------------------------------------------------
def test_a_new_one_closes_the_one_before() -> None:
    counsellor = make_user()
    first, token = feeds.make_feed(actor=counsellor, naming="reference")
    second, other = feeds.make_feed(actor=counsellor, naming="initials")

    assert feeds.resolve(other) == second == feeds.open_feed(counsellor)
    with pytest.raises(feeds.FeedGone):
        feeds.resolve(token)
    rows = [
        (row.deed, row.subject_id, row.detail) for row in AuditEntry.objects.filter(actor=counsellor).order_by("number")
    ]
    assert rows == [
        ("feed.make", first.pk, {"naming": "reference"}),
        ("feed.make", second.pk, {"naming": "initials"}),
    ]


def test_closing_it_twice_is_closing_it_once() -> None:
    counsellor = make_user()
    feed, token = feeds.make_feed(actor=counsellor, naming="reference")
    for _ in range(2):
        feeds.revoke_feed(actor=counsellor, feed=feed)
    with pytest.raises(feeds.FeedGone):
        feeds.resolve(token)
    assert feeds.open_feed(counsellor) is None
    assert [row.deed for row in AuditEntry.objects.filter(actor=counsellor).order_by("number")] == [
        "feed.make",
        "feed.revoke",
    ]


def test_a_feed_by_name_cannot_be_made() -> None:
    with pytest.raises(ValueError, match="name"):
        feeds.make_feed(actor=make_user(), naming="name")


def test_it_goes_with_the_member_and_does_not_come_back_with_them() -> None:
    admin, counsellor = make_user(Role.ADMIN), make_user()
    _, token = feeds.make_feed(actor=counsellor, naming="reference")
    let_go(actor=admin, member=counsellor)
    with pytest.raises(feeds.FeedGone):
        feeds.resolve(token)
    bring_back(actor=admin, member=counsellor)
    with pytest.raises(feeds.FeedGone):
        feeds.resolve(token)


def test_a_role_that_reads_no_client_has_no_feed() -> None:
    counsellor = make_user()
    _, token = feeds.make_feed(actor=counsellor, naming="reference")
    User.objects.filter(pk=counsellor.pk).update(role=Role.ADMIN)
    with pytest.raises(feeds.FeedGone):
        feeds.resolve(token)


@pytest.mark.parametrize("token", ["", "short", "x" * 43, "é" * 43])
def test_an_unknown_token_is_unknown(token: str) -> None:
    with pytest.raises(feeds.FeedUnknown):
        feeds.resolve(token)
