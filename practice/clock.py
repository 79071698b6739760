"""The practice's wall clock (TIME_ZONE) and the hours in which mail may leave."""

from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.dateformat import format as formatted

from practice.models import Practice


class NoSuchTime(ValueError):
    """That time does not exist on that day: the clocks go forward over it."""


def zone() -> ZoneInfo:
    """Return the practice's time zone."""
    return ZoneInfo(timezone.get_default_timezone_name())


def today() -> date:
    """Return the practice's date."""
    return timezone.localdate(timezone=zone())


def local(moment: datetime) -> datetime:
    """Return a moment as the practice's clock shows it."""
    return moment.astimezone(zone())


def at(day: date, clock: time) -> datetime:
    """Return the moment at which the practice's clock shows this; of two, the first.

    Raise NoSuchTime in the hour that the clocks leap over.
    """
    moment = datetime.combine(day, clock, tzinfo=zone())
    if local(moment.astimezone(ZoneInfo("UTC"))).replace(tzinfo=None) != moment.replace(tzinfo=None):
        raise NoSuchTime(f"{clock:%H:%M} does not exist on {day}: the clocks go forward.")
    return moment.astimezone(ZoneInfo("UTC"))


def shown(moment: datetime, style: str = "H:i") -> str:
    """Write a moment as the practice's clock shows it; `style` ends in the time, in Django's letters for dates.

    In the hour that comes twice when the clocks go back, it says which of the two: “01:30 BST”, “01:30 GMT”.
    """
    here = local(moment)
    comes_twice = here.replace(fold=0).utcoffset() != here.replace(fold=1).utcoffset()
    return formatted(here, style) + (f" {here.tzname()}" if comes_twice else "")


def start_of(day: date) -> datetime:
    """Return midnight, or the first moment that the day has."""
    return datetime.combine(day, time(), tzinfo=zone()).astimezone(ZoneInfo("UTC"))


def next_mail_moment(moment: datetime, practice: Practice) -> datetime:
    """Return the first allowed moment at or after this one."""
    opens, closes = _mail_hours(local(moment).date(), practice)
    if moment <= opens:
        return opens
    if moment <= closes:
        return moment
    return _mail_hours(local(moment).date() + timedelta(days=1), practice)[0]


def last_mail_moment(moment: datetime, practice: Practice) -> datetime:
    """Return the last allowed moment at or before this one."""
    opens, closes = _mail_hours(local(moment).date(), practice)
    if moment >= closes:
        return closes
    if moment >= opens:
        return moment
    return _mail_hours(local(moment).date() - timedelta(days=1), practice)[1]


def _mail_hours(day: date, practice: Practice) -> tuple[datetime, datetime]:
    return lenient_at(day, practice.mail_from_time), lenient_at(day, practice.mail_until_time)


def lenient_at(day: date, clock: time) -> datetime:
    """As `at`, but in the hour that does not exist take the moment that the leap leads to."""
    return datetime.combine(day, clock, tzinfo=zone()).astimezone(ZoneInfo("UTC"))


def zone_label() -> str:
    """Return how the zone is named beside times that leave the house: “UK time”, or “time in Lisbon”."""
    name = timezone.get_default_timezone_name()
    if name == "Europe/London":
        return "UK time"
    place = name.rpartition("/")[2].replace("_", " ")
    return f"time in {place}" if "/" in name else place
