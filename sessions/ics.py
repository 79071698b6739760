"""Calendar files (RFC 5545): the one that goes with a mail to a client (RFC 5546), and a counsellor's feed.

Nothing here asks the database or the clock, save for the zone of the practice. A file outlives its mail in calendars
that other people see, so it says less than the mail does, and never holds a link.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import quote

from icalendar import Calendar, Event, vCalAddress, vText

from outbox.kinds import Attachment
from outbox.smtp import sender, sender_domain
from practice import clock
from sessions.models import ClientSession
from sessions.zones import vtimezone

PRODID = "-//Beside//Diary//EN"
TITLE = "Appointment"
LINK = "The link is on your appointment page."
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
    whole = _calendar(sessions, method)
    title = TITLE if is_discreet or not counsellor_name else f"{TITLE} with {counsellor_name}"
    for session in sessions:
        event = _event(session, title, written_at)
        event.add("organizer", _organizer())
        if method != "PUBLISH":
            event.add("attendee", _attendee(to))
        if not is_discreet:
            _add_place(event, session)
        whole.add_component(event)
    name = "appointment.ics" if len(sessions) == 1 else "appointments.ics"
    return Attachment(name, whole.to_ical(), "text/calendar", {"method": method, "charset": "utf-8"})


def uid_of(session: ClientSession) -> str:
    """Return the name of a session in every calendar, for as long as it exists."""
    return f"{session.pk}@{sender_domain()}"


def _calendar(sessions: Sequence[ClientSession], method: str = "") -> Calendar:
    whole = Calendar()
    whole.add("prodid", PRODID)
    whole.add("version", "2.0")
    whole.add("calscale", "GREGORIAN")
    if method:
        whole.add("method", method)
    if clock.zone().key != "UTC" and sessions:
        first = min(clock.local(session.starts_at) for session in sessions)
        whole.add_component(vtimezone(clock.zone(), first.year))
    return whole


def _event(session: ClientSession, title: str, stamp: datetime) -> Event:
    event = Event()
    event.add("uid", uid_of(session))
    event.add("dtstamp", stamp.astimezone(UTC))
    event.add("sequence", session.version)
    _add_times(event, session.starts_at, session.ends_at)
    event.add("summary", title)
    event.add("status", "CANCELLED" if session.is_cancelled else "CONFIRMED")
    event.add("transp", "TRANSPARENT" if session.is_cancelled else "OPAQUE")
    event.add("class", "PRIVATE")
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
