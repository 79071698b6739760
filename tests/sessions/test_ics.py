"""The file that goes with a mail to a client."""

from datetime import UTC, date, datetime, timedelta

import pytest
from icalendar import Calendar, Event
from pytest_django.fixtures import Settings

from outbox.kinds import Attachment
from sessions.ics import invitation
from sessions.models import ClientSession
from tests.factories import make_client

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 9, 1, 9, 30, tzinfo=UTC)
Status = ClientSession.Status


def a_session(starts_at: datetime, **values: object) -> ClientSession:
    client = make_client()
    return ClientSession(
        client=client, counsellor=client.counsellor, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=50),
        **{"place": "Room 2", **values},
    )  # fmt: skip


def at(month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


def moment(value: date) -> datetime:
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def of(
    *sessions: ClientSession, to: str = "zoe@example.org", name: str = "Rowan", is_discreet: bool = False
) -> Attachment:
    return invitation(sessions, to=to, written_at=NOW, counsellor_name=name, is_discreet=is_discreet)


def strictly(file: Attachment) -> Calendar:
    """Read a file as a whole, without an error that was passed over, and see that it is written the same again."""
    (calendar,) = Calendar.from_ical(file.content, multiple=True)
    assert [part.errors for part in calendar.walk()] == [[]] * len(list(calendar.walk()))
    assert calendar.to_ical() == file.content
    return calendar


def events(file: Attachment) -> list[Event]:
    return strictly(file).events


def test_one_session_is_a_request() -> None:
    session = a_session(at(10, 20, 9), version=3)
    file = of(session)

    assert (file.name, file.media_type, dict(file.parameters)) == (
        "appointment.ics", "text/calendar", {"method": "REQUEST", "charset": "utf-8"},
    )  # fmt: skip
    assert file.content.decode().split("\r\n") == [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Beside//Diary//EN", "CALSCALE:GREGORIAN", "METHOD:REQUEST",
        *zone_lines(file),
        "BEGIN:VEVENT",
        "SUMMARY:Appointment with Rowan",
        "DTSTART;TZID=Europe/London:20261020T100000",
        "DTEND;TZID=Europe/London:20261020T105000",
        "DTSTAMP:20260901T093000Z",
        f"UID:{session.pk}@beside.test",
        "SEQUENCE:3",
        "ATTENDEE;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:zoe@",
        " example.org",
        "CLASS:PRIVATE",
        "LOCATION:Room 2",
        "ORGANIZER;CN=Beside:mailto:hello@beside.test",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT", "END:VCALENDAR", "",
    ]  # fmt: skip
    strictly(file)


def zone_lines(file: Attachment) -> list[str]:
    lines = file.content.decode().split("\r\n")
    return lines[lines.index("BEGIN:VTIMEZONE") : lines.index("END:VTIMEZONE") + 1]


@pytest.mark.parametrize("status", ClientSession.CANCELLED)
def test_a_cancelled_one_takes_the_same_entry_away(status: str) -> None:
    session = a_session(at(10, 20, 9))
    (asked,) = events(of(session))
    session.status, session.version = status, 2
    file = of(session)
    (called_off,) = events(file)

    assert (file.parameters["method"], strictly(file)["METHOD"]) == ("CANCEL", "CANCEL")
    assert called_off["UID"] == asked["UID"]
    assert (asked["SEQUENCE"], called_off["SEQUENCE"]) == (1, 2)
    assert (called_off["STATUS"], called_off["TRANSP"]) == ("CANCELLED", "TRANSPARENT")


def test_a_moved_one_keeps_its_entry() -> None:
    session = a_session(at(10, 20, 9))
    before = events(of(session))[0]
    session.starts_at, session.ends_at, session.version = at(10, 27, 10), at(10, 27, 11), 2
    after = events(of(session))[0]

    assert (before["UID"], before.start.isoformat()) == (after["UID"], "2026-10-20T10:00:00+01:00")
    assert (after["SEQUENCE"], after.start.isoformat()) == (2, "2026-10-27T10:00:00+00:00")


def test_several_are_published_each_as_it_stands() -> None:
    first, second = a_session(at(10, 20, 9)), a_session(at(10, 27, 10), status=Status.CANCELLED_BY_COUNSELLOR)
    file = of(first, second)
    shown = events(file)

    assert (file.name, file.parameters["method"], strictly(file)["METHOD"]) == (
        "appointments.ics",
        "PUBLISH",
        "PUBLISH",
    )
    assert [event["STATUS"] for event in shown] == ["CONFIRMED", "CANCELLED"]
    assert len({event["UID"] for event in shown}) == 2
    assert [("ORGANIZER" in event, "ATTENDEE" in event) for event in shown] == [(True, False)] * 2


def test_a_discreet_file_says_when_and_nothing_else() -> None:
    (event,) = events(of(a_session(at(10, 20, 9)), is_discreet=True))
    assert (event["SUMMARY"], "LOCATION" in event, "DESCRIPTION" in event) == ("Appointment", False, False)


@pytest.mark.parametrize(
    ("mode", "place", "location", "description"),
    [
        ("in_person", "Room 2,\n1st floor", "Room 2, 1st floor", None),
        ("in_person", "", None, None),
        ("phone", "0161 496 0000", "By phone, 0161 496 0000", None),
        ("phone", "", "By phone", None),
        ("video", "https://meet.example/secret", "By video", "The link is on your appointment page."),
        ("in_person", "https://maps.example/secret", None, "The link is on your appointment page."),
    ],
)
def test_a_place_is_said_and_a_link_is_not(
    mode: str, place: str, location: str | None, description: str | None
) -> None:
    file = of(a_session(at(10, 20, 9), mode=mode, place=place))
    (event,) = events(file)
    assert (event.get("LOCATION"), event.get("DESCRIPTION")) == (location, description)
    assert b"secret" not in file.content


def test_no_alarm_and_no_word_of_what_it_is_about() -> None:
    text = of(a_session(at(10, 20, 9))).content.decode().lower()
    assert "valarm" not in text
    assert [word for word in ("counsel", "therap", "session", "client") if word in text] == []


@pytest.mark.parametrize(
    ("starts_at", "start", "end"),
    [
        # Clocks go forward at 01:00 GMT on 29 March: the last minutes before, and the first moment after.
        (at(3, 29, 0, 30), "TZID=Europe/London:20260329T003000", "TZID=Europe/London:20260329T022000"),
        (at(3, 29, 1), "TZID=Europe/London:20260329T020000", "TZID=Europe/London:20260329T025000"),
        # They go back at 02:00 BST on 25 October: the first 01:30, and the second, which has to be said in UTC.
        (at(10, 25, 0, 0), "TZID=Europe/London:20261025T010000", "TZID=Europe/London:20261025T015000"),
        (at(10, 25, 0, 30), "20261025T003000Z", "20261025T012000Z"),
        (at(10, 25, 1, 30), "20261025T013000Z", "20261025T022000Z"),
        (at(10, 25, 2), "TZID=Europe/London:20261025T020000", "TZID=Europe/London:20261025T025000"),
    ],
)
def test_the_hours_in_which_the_clocks_change(starts_at: datetime, start: str, end: str) -> None:
    file = of(a_session(starts_at))
    (event,) = events(file)
    lines = file.content.decode()
    assert f"DTSTART;{start}" in lines or f"DTSTART:{start}" in lines
    assert f"DTEND;{end}" in lines or f"DTEND:{end}" in lines
    assert moment(event.end) - moment(event.start) == timedelta(minutes=50)
    assert moment(event.start) == starts_at


def test_long_names_and_emoji_are_folded_between_letters() -> None:
    name = "Zoë 🌿 " * 30 + "O’Brien-Ångström; the, elder\\"
    file = of(a_session(at(10, 20, 9), place="Room 👩🏽‍🦽 " * 20), name=name)
    (event,) = events(file)

    assert all(len(line) <= 75 for line in file.content.split(b"\r\n"))
    assert [line.decode().count("\n") for line in file.content.split(b"\r\n")].count(0) > 20
    assert event["SUMMARY"] == f"Appointment with {name}"
    assert event["LOCATION"] == ("Room 👩🏽‍🦽 " * 20).strip()


def test_an_address_with_odd_letters_stays_one_address() -> None:
    (event,) = events(of(a_session(at(10, 20, 9)), to="o'zoe+a%b@example.org"))
    assert event["ATTENDEE"] == "mailto:o'zoe+a%25b@example.org"


def test_another_practices_clock(settings: Settings) -> None:
    settings.TIME_ZONE = "Asia/Kathmandu"
    file = of(a_session(at(10, 20, 9)))
    events(file)
    assert b"DTSTART;TZID=Asia/Kathmandu:20261020T144500\r\n" in file.content
    assert b"TZID:Asia/Kathmandu\r\n" in file.content
