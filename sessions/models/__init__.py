"""Rows of the diary. The model is ClientSession; the web session is only ever `request.session`."""

from sessions.models.agreement import Agreement
from sessions.models.change import DiaryChange
from sessions.models.feed import Feed
from sessions.models.reminders import ReminderSet
from sessions.models.reply import ClientReply
from sessions.models.rules import DiaryRules, SessionType
from sessions.models.series import Series
from sessions.models.session import ClientSession
from sessions.models.time import TimeOff, WorkingHours
from sessions.models.waiting import WaitingEntry

__all__ = [
    "Agreement", "ClientReply", "ClientSession", "DiaryChange", "DiaryRules", "Feed", "ReminderSet", "Series",
    "SessionType", "TimeOff", "WaitingEntry", "WorkingHours",
]  # fmt: skip
