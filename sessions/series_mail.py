"""The one mail that tells a client of a series: that it is booked, has changed, or is cancelled from a day on."""

from dataclasses import dataclass
from datetime import datetime

from django.utils import timezone

from clients.letters import ClientLetter, address
from outbox.kinds import Dropped, Kind, Later, Mail, OnUnknown
from outbox.models import Message
from practice import clock
from practice.letters import write
from sessions import ics
from sessions.models import ClientSession, Series
from sessions.notices import What
from sessions.recurrence import Rule, in_words
from sessions.series_notices import SERIES_NOTICE, about

# So many days are listed; what comes after them goes without saying.
LISTED = 12


@dataclass(frozen=True)
class Line:
    """One day in the mail, by the practice's clock."""

    starts_at: datetime
    is_unusual: bool


def notice(message: Message) -> Mail | Dropped | Later:
    """Write what has become of a series as it stands now, or say that there is nothing to tell."""
    rows = Series.unscoped.select_related("client__counsellor")  # no viewer: the mail is for the client
    series = rows.filter(pk=message.subject_id).first()
    if series is None:
        return Dropped("series erased")
    what = What(message.key.split(":")[2])
    sessions = about(series, what)
    if series.version != int(message.key.rpartition(":")[2]) or not sessions:
        return Dropped("changed again since")
    letter = address(series.client)
    if not isinstance(letter, ClientLetter):
        return letter
    words = write("mail/series_notice", {**letter.context, **_context(series, what, sessions)})
    file = ics.invitation(
        sessions,
        to=letter.to,
        written_at=timezone.now(),
        counsellor_name=letter.context["counsellor_name"],
        is_discreet=letter.context["is_discreet"],
    )
    return Mail(letter.to, words.subject, words.text, words.html, letter.headers, (file,))


def _context(series: Series, what: What, sessions: list[ClientSession]) -> dict[str, object]:
    lines = [_line(series, each) for each in sessions[:LISTED]]
    return {
        "what": what.value,
        "lines": lines,
        "more": len(sessions) - len(lines),
        "rule": in_words(Rule.of(series), series.clock_time),
        "goes_on": series.is_open,
        "zone_label": clock.zone_label(),
        "length_minutes": int(series.length.total_seconds()) // 60,
        "mode": series.mode,
        "place": series.place,
        "is_link": series.place.startswith(("https://", "http://")),
    }


def _line(series: Series, session: ClientSession) -> Line:
    here = clock.local(session.starts_at)
    return Line(here, here.date() != session.occurrence_on or here.time() != series.clock_time)


# A second copy of a list of dates does no harm, but confuses: a person decides.
SERIES_NOTICE_KIND = Kind(SERIES_NOTICE, "Series notice", notice, OnUnknown.PARK)
