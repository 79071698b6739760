"""Sessions made by the service, at times by the practice's clock."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone

from clients.models import Client
from sessions.models import ClientSession
from sessions.services import book_session

FIFTY = timedelta(minutes=50)


def in_days(days: int, hour: int = 10, minute: int = 0) -> datetime:
    day = timezone.localdate() + timedelta(days=days)
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=ZoneInfo("Europe/London"))


def book(
    client: Client, starts_at: datetime, length: timedelta = FIFTY, mode: str = "in_person", place: str = "Room 2"
) -> ClientSession:
    return book_session(
        actor=client.counsellor, client=client, starts_at=starts_at, length=length, mode=mode, place=place
    )
