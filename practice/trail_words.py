"""The trail's details in plain words: what each is called, how its value is said, and what a row is about.

The file that is exported keeps every value as it was recorded. What is not in these tables is shown as it stands.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.apps import apps
from django.utils.dateformat import format as shown

from practice import clock
from practice.deeds import label_of
from practice.models import AuditEntry

Names = Mapping[str, str]
_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT.+")
# What a detail is called. One that is named by an id says nothing to a reader and is left out.
LABELS: dict[str, str] = {
    "asked_by": "asked by", "by": "by", "changed": "changed", "client_told": "client told", "clients": "clients",
    "ends_at": "until",
    "columns": "changed", "courses_ended": "programmes ended",
    "damaged": "not opened", "due_on": "due on", "first_day": "from", "first_erased_at":
    "first erased on", "from_member": "from", "invitation": "invitation", "is_for_supervision": "for supervision",
    "is_practised_together": "practised together", "is_shared": "shared with the practice",
    "is_replayed": "after a restore", "is_rule_considered":
    "erased before its time", "item": "item", "kept_until": "kept until", "kind": "kind", "last_day": "until",
    "length": "length", "master_key": "key", "mode": "how", "naming": "clients by", "notes": "notes",
    "number": "how many",
    "on_their_way": "mails on their way", "only_deed": "only", "only_member": "only by", "outcome": "now",
    "programme": "programme", "steps": "steps", "page": "page",
    "received_on": "received on", "rewrapped": "rewrapped", "role": "role", "rows": "rows",
    "rules": "rules", "session": "session", "sessions_cancelled": "sessions cancelled",
    "sessions_moved": "sessions moved", "sharing": "shared", "sign_ins_ended": "sign-ins ended",
    "starts_at": "on", "state": "state", "step": "step",
    "taken_out_of_packs": "notes taken out of packs", "to_member": "to", "version": "version", "waiting": "waiting",
    "urgency": "how soon", "was": "before", "what": "what", "why": "why", "wishes": "times wished for",
}  # fmt: skip
MEMBERS = {"from_member", "only_member", "to_member"}
_VALUES = {
    "all": "everything", "claim": "legal claim", "client": "the client", "done_only": "only that it was done",
    "other": "another", "review": "our own review", "retention": "the time still runs", "totp": "authenticator app",
    "webauthn": "passkey",
}  # fmt: skip
PAGES: dict[str, str] = {
    "clients:admit": "admitting a client", "clients:certificate": "certificate of erasure",
    "clients:edit": "a client’s details", "clients:erase": "erasing a client", "clients:erase_ask":
    "recording a request to erase", "clients:erase_decline": "closing a request to erase",
    "clients:erased": "erased clients", "clients:hold": "putting a record on hold", "clients:hold_lift":
    "lifting a hold", "clients:list": "clients", "clients:record": "a client’s record",
    "exercises:assign": "assigning an exercise", "exercises:assignment": "an assigned exercise",
    "exercises:detail": "an exercise", "exercises:library": "exercises", "exercises:review": "an answer",
    "exercises:overview": "the weeks of practice", "exercises:progress": "how practice has gone",
    "exercises:review_all": "several answers",
    "exercises:course": "a programme of a client", "exercises:course_end": "ending a programme",
    "exercises:course_go_on": "going on with a programme", "exercises:course_hold": "putting a programme on hold",
    "exercises:course_resume": "taking a programme up again", "exercises:start": "starting a programme",
    "exercises:edit": "changing an exercise", "exercises:write": "writing an exercise",
    "exercises:write_preview": "looking at an exercise that is being written",
    "exercises:offer": "offering an exercise", "exercises:preview": "looking at what a client will get",
    "exercises:end_work": "ending the work with a client", "exercises:take_up_again": "taking the work up again",
    "exercises:programme": "a programme", "exercises:programmes": "programmes",
    "exercises:programme_edit": "changing a programme", "exercises:programme_offer": "offering a programme",
    "exercises:programme_write": "writing a programme",
    "exercises:send_again": "sending an exercise again", "exercises:withdraw": "withdrawing an exercise",
    "notes:detail": "a note", "notes:file": "a file", "notes:file_add": "adding a file",
    "notes:file_remove": "removing a file", "notes:flag": "marking a note for supervision",
    "notes:sign": "signing a note", "notes:write": "writing a note",
    "practice:audit": "audit trail", "practice:audit_export": "exporting the audit trail",
    "practice:invitation_revoke": "taking an invitation back", "practice:keys": "keys", "practice:mail": "mail",
    "practice:mail_drop": "dropping a mail", "practice:mail_release": "sending a mail again",
    "practice:mail_resume": "resuming mail", "practice:member_invite": "inviting a member",
    "practice:member_leave": "letting a member go", "practice:member_return": "letting a member come back",
    "practice:member_role": "changing a role", "practice:member_second_factor": "resetting a second factor",
    "practice:members": "members", "practice:settings": "settings", "practice:words_page": "unsaved words",
    "practice:words_let_go": "letting unsaved words go",
    "sessions:block": "blocking time",
    "sessions:book": "booking a session", "sessions:cancel": "cancelling a session", "sessions:detail": "a session",
    "sessions:details": "a session’s details", "sessions:series": "a series",
    "sessions:series_change": "changing a series", "sessions:undo": "taking a change of the diary back",
    "sessions:feed_revoke": "closing a calendar feed", "sessions:feed_settings": "calendar feed",
    "sessions:reply_agree": "agreeing to another time", "sessions:reply_see": "a client’s request",
    "sessions:move": "moving a session", "sessions:outcome": "a session’s outcome", "sessions:week": "diary",
    "sessions:gap": "a gap in the diary", "sessions:waiting": "waiting list",
    "sessions:waiting_add": "putting a client on the waiting list", "sessions:waiting_entry":
    "a place on the waiting list", "sessions:waiting_leave": "taking a client off the waiting list",
    "sessions:leave": "taking leave", "sessions:time_off": "leave or blocked time",
    "sessions:time_off_list": "leave and blocked time",
    "sessions:client_reminders": "reminders for a client", "sessions:reminders": "one’s reminders",
    "sessions:session_reminders": "reminders of a session", "sessions:settings_reminders": "the practice’s reminders",
    "sessions:hours": "working hours", "sessions:looks": "how the calendar looks",
    "sessions:settings": "the diary’s settings",
    "sessions:type_add": "adding a session type", "sessions:type_archive": "archiving a session type",
    "sessions:type_change": "a session type", "sessions:type_restore": "offering a session type again",
    "sessions:with_client": "what is agreed with a client",
    "supervision:agenda": "supervision", "supervision:change": "changing a pack’s note",
    "supervision:discard": "discarding a pack", "supervision:export": "exporting a pack",
    "supervision:hand_over": "handing a client over", "supervision:hand_over_all": "handing clients over",
    "supervision:pack": "a supervision pack", "supervision:packs": "supervision packs",
    "supervision:prepare": "preparing a pack", "supervision:release": "releasing a pack",
    "supervision:remove": "taking a note out of a pack",
}  # fmt: skip
_SAID: dict[str, Callable[[str], str]] = {
    "clients": lambda references: references.replace(" ", ", "),
    "length": lambda seconds: f"{int(seconds) // 60} minutes",
    "only_deed": label_of,
    "page": lambda route: PAGES.get(route, ""),
}
ABOUT: dict[str, str] = {
    "clients.erasurerequest": "Request to erase", "clients.tombstone": "Erased client",
    "client_sessions.clientreply": "Client’s reply", "client_sessions.clientsession": "Session",
    "client_sessions.diaryrules": "Diary’s settings",
    "client_sessions.feed": "Calendar feed", "client_sessions.waitingentry": "Waiting list",
    "client_sessions.timeoff": "Leave or blocked time",
    "client_sessions.series": "Series",
    "exercises.assignment": "Exercise", "exercises.course": "Programme", "exercises.exercise": "Exercise",
    "exercises.programme": "Programme", "notes.attachment": "File",
    "outbox.message": "Mail", "practice.audithead": "Audit trail", "practice.keptwords": "Unsaved words",
    "practice.user": "Member", "supervision.pack": "Supervision pack", "supervision.packitem": "Note in a pack",
    "vault.masterkeyuse": "Keys",
}  # fmt: skip


def details_of(entry: AuditEntry, names: Names) -> list[tuple[str, str]]:
    """Return a row's details as (name, value) in words; `names` are members' by id."""
    said = [
        (LABELS.get(name, name.replace("_", " ")), _said(name, value, names))
        for name, value in entry.detail.items()
        if value not in ("", None)
    ]
    return [(name, value) for name, value in said if value]


def members_in(entries: Iterable[AuditEntry]) -> set[UUID]:
    """Return the ids of the members whom details name."""
    found = {str(value) for entry in entries for name, value in entry.detail.items() if name in MEMBERS and value}
    return {UUID(value) for value in found if _ID.fullmatch(value)}


def about(subject_type: str) -> str:
    """Say what kind of row it is; one that is gone from the program as it stands."""
    if subject_type in ABOUT:
        return ABOUT[subject_type]
    try:
        return str(apps.get_model(subject_type)._meta.verbose_name).capitalize()
    except LookupError:  # a model that has been renamed since
        return subject_type


def _said(name: str, value: Any, names: Names) -> str:
    """Put one value into words; "" leaves it out."""
    if name not in LABELS:
        return str(value)
    if isinstance(value, bool):
        return "Yes" if value else "No"
    return _SAID[name](str(value)) if name in _SAID else _text(str(value), names)


def _text(text: str, names: Names) -> str:
    if _ID.fullmatch(text):
        return names.get(text, "")
    if _DAY.fullmatch(text):
        return shown(date.fromisoformat(text), "D j F Y")
    if _MOMENT.fullmatch(text):
        return shown(clock.local(datetime.fromisoformat(text)), "D j F Y, H:i")
    return _VALUES.get(text, text.replace("_", " "))
