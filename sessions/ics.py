"""Calendar files (RFC 5545): the one that goes with a mail to a client (RFC 5546), and a counsellor's feed.

Nothing here asks the database or the clock, save for the zone of the practice. A file outlives its mail in calendars
that other people see, so it says less than the mail does, and never holds a link.
"""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, time, timedelta
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vText

from outbox.kinds import Attachment
from outbox.smtp import sender, sender_domain
from practice import clock
from sessions.models import ClientSession, TimeOff
from sessions.zones import vtimezone

PRODID = "-//Beside//Diary//EN"
TITLE = "Appointment"
LINK = "The link is on your appointment page."
# How often a calendar program is asked to look again; each does as it likes.
EVERY = timedelta(hours=1)
# Stands in a feed until it is known since when it says what it says.
UNSTAMPED = datetime(1970, 1, 1, tzinfo=UTC)
OFF = {TimeOff.Kind.LEAVE: "Leave", TimeOff.Kind.BLOCKED: "Blocked"}
Mode = ClientSession.Mode


def invitation(
    sessions: Sequence[ClientSession], *, to: str, written_at: datetime, counsellor_name: str = "", is_discreet: bool
) -> Attachment:
    """Return the file for a mail to a client about one session as it stands now, or about several.

    One is a REQUEST, or a CANCEL once it is cancelled: its calendar entry comes, moves and goes by itself. Several are
    a PUBLISH, since such a message may carry one UID only (RFC 5546, 3.2); the cancelled among them say so. Raise
    VaultError where a place does not open.
    """
    method = "PUBLISH" if len(sessions) > 1 else "CANCEL" if sessions[0].is_cancelled else "REQUEST"
    whole = _calendar(method, min(clock.local(session.starts_at) for session in sessions).year)
    title = TITLE if is_discreet or not counsellor_name else f"{TITLE} with {counsellor_name}"
    organizer = _organizer()
    for session in sessions:
        event = _event(session, title, written_at, organizer)
        if method != "PUBLISH":
            event.add("attendee", _attendee(to))
        if not is_discreet:
            _add_place(event, session)
        whole.add_component(event)
    name = "appointment.ics" if len(sessions) == 1 else "appointments.ics"
    return Attachment(name, whole.to_ical(), "text/calendar", {"method": method, "charset": "utf-8"})


def feed_calendar(
    sessions: Sequence[ClientSession],
    time_off: Sequence[TimeOff],
    *,
    title_of: Callable[[ClientSession], str],
    url_of: Callable[[ClientSession], str],
    first_year: int,
) -> bytes:
    """Return a counsellor's diary, UNSTAMPED. `title_of` says what other people may see of a session's client.

    Where a session is held is its way alone: feeds are copied to other people's servers, and a place may be a client's.
    """
    whole = _calendar("PUBLISH", first_year)
    whole.add("x-wr-calname", "Appointments")
    whole.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
    whole.add("x-published-ttl", f"PT{EVERY // timedelta(hours=1)}H")
    organizer = _organizer()
    for session in sessions:
        event = _event(session, title_of(session), UNSTAMPED, organizer)
        event.add("location", Mode(session.mode).label)
        event.add("url", url_of(session))
        whole.add_component(event)
    for row in time_off:
        whole.add_component(_off(row, organizer))
    return bytes(whole.to_ical())


def stamped(feed: bytes, written_at: datetime) -> bytes:
    """Return an UNSTAMPED feed with the moment since which it says this. A line of text never looks like a stamp's."""
    stamp, now = (f"\r\nDTSTAMP:{at.astimezone(UTC):%Y%m%dT%H%M%SZ}\r\n".encode() for at in (UNSTAMPED, written_at))
    return feed.replace(stamp, now)


def uid_of(row: ClientSession | TimeOff) -> str:
    """Return the name of a row in every calendar, for as long as it exists."""
    return f"{row.pk}@{sender_domain()}"


def _calendar(method: str, first_year: int) -> Calendar:
    whole = Calendar()
    whole.add("prodid", PRODID)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    if clock.zone().key != "UTC":
        whole.add_component(vtimezone(clock.zone(), first_year))
    return whole


def _event(row: ClientSession | TimeOff, title: str, stamp: datetime, organizer: vCalAddress) -> Event:
    is_cancelled = isinstance(row, ClientSession) and row.is_cancelled
    event = Event()
    event.add("uid", uid_of(row))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", row.version)
    _add_times(event, row.starts_at, row.ends_at)
    event.add("summary", title)
    event.add("organizer", organizer)
    event.add("status", "CANCELLED" if is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
    return event


def _off(row: TimeOff, organizer: vCalAddress) -> Event:
    """Return time off without its label; whole days as days."""
    event = _event(row, OFF[TimeOff.Kind(row.kind)], UNSTAMPED, organizer)
    starts_at, ends_at = clock.local(row.starts_at), clock.local(row.ends_at)
    if starts_at.time() == ends_at.time() == time():
        del event["DTSTART"], event["DTEND"]
        event.add("dtstart", starts_at.date())
        event.add("dtend", ends_at.date())
    return event


def _add_times(event: Event, starts_at: datetime, ends_at: datetime) -> None:
    """Add start and end by the practice's clock; in UTC where that clock shows the time for the second time.

    A file cannot say which of the two is meant, and then means the first (RFC 5545, 3.3.5).
    """
    times = [clock.local(starts_at), clock.local(ends_at)]
    if any(moment.fold for moment in times):
        times = [moment.astimezone(UTC) for moment in times]
    event.add("dtstart", times[0])
    event.add("dtend", times[1])


def _add_place(event: Event, session: ClientSession) -> None:
    """Say where; a video link stays on the client's page, which opens for them alone."""
    place = " ".join(session.place.split())
    is_link = "://" in place
    if session.mode == Mode.IN_PERSON and place and not is_link:
        event.add("location", place)
    elif session.mode == Mode.PHONE:
        event.add("location", "By phone" if is_link or not place else f"By phone, {place}")
    elif session.mode == Mode.VIDEO:
        event.add("location", "By video")
    if is_link:
        event.add("description", LINK)


def _organizer() -> vCalAddress:
    name, address = sender()
    organizer = vCalAddress(_mailto(address))
    organizer.params["CN"] = vText(name or address)
    return organizer


def _attendee(address: str) -> vCalAddress:
    """Return the client as they are invited: no program has to answer for them, since their page does."""
    attendee = vCalAddress(_mailto(address))
    attendee.params.update({"ROLE": "REQ-PARTICIPANT", "PARTSTAT": "NEEDS-ACTION", "RSVP": "FALSE"})
    return attendee


def _mailto(address: str) -> str:
    return "mailto:" + quote(address, safe="@!$&'*+-./=^_`{|}~")
