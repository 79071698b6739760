"""The deeds of the audit trail in plain words, for its page and its filter."""

LABELS: dict[str, str] = {
    "answer.read": "Answer read",
    "client.admit": "Client admitted",
    "client.change": "Client changed",
    "client.read": "Record opened",
    "exercise.answer": "Answer sent",
    "exercise.assign": "Exercise assigned",
    "exercise.not_now": "“Not this week” chosen",
    "exercise.review": "Answer reviewed",
    "exercise.send_again": "Exercise’s mail sent again",
    "exercise.withdraw": "Exercise withdrawn",
    "mail.drop": "Mail dropped",
    "mail.release": "Mail sent again",
    "mail.resume": "Sending resumed",
    "mail.start": "E-mails started again",
    "mail.stop": "E-mails stopped",
    "member.invite": "Member invited",
    "member.join": "Member joined",
    "note.flag": "Note marked for supervision",
    "note.read": "Note read",
    "note.save": "Note saved",
    "note.sign": "Note signed",
    "pack.change": "Pack changed",
    "pack.export": "Pack exported",
    "pack.prepare": "Pack prepared",
    "pack.read": "Pack read",
    "pack.release": "Pack released",
    "password.change": "Password changed",
    "practice.change": "Settings changed",
    "practice.create": "Practice opened",
    "session.book": "Session booked",
    "session.cancel": "Session cancelled",
    "session.move": "Session moved",
    "session.outcome": "Session’s outcome set",
    "sign_in": "Signed in",
    "sign_in.failed": "Sign-in refused",
}


def label_of(deed: str) -> str:
    """Return a deed in words; one that is not listed as it stands."""
    return LABELS.get(deed, deed)
