"""A day in a practice with a word in every confidential field: mail, pages, files, an export, and what goes wrong."""

import re
import socket
import time
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlencode
from uuid import uuid4

from tests.leaking.between import Practised, practise
from tests.leaking.search import open_files_with
from tests.leaking.visitor import Visitor
from tests.running import Home, until

WORD = "QUIETHERON"
SEND_ALL = """
from django.utils import timezone
from clients.models import Client
from outbox.models import Message
Client.unscoped.update(paused_until=None)  # what waits for the end of a pause
Message.objects.filter(state="planned").update(due_at=timezone.now())
"""
# What the sweep gives meanwhile has reminders that are due in some days.
STILL_PLANNED = """
from django.utils import timezone
from outbox.models import Message
print("LEFT", Message.objects.filter(state__in=["planned", "leased"], due_at__lte=timezone.now()).count())
"""
# What the log says of things that went wrong: somebody else's sentence, without its values, and our own code's place.
BREAKDOWNS = (
    r"ERROR django\.request status=500 route=break/view/<str:word>/ error=ValueError at=urls\.py:\d+:in_view",
    r"ERROR (waitress|gunicorn\.error) .*error=ValueError at=urls\.py:\d+:pieces",
    r"ERROR threads by=logs\.py:\d+:log_broken_thread error=ValueError at=tasks\.py:\d+:fail",
    r"ERROR celery\.app\.trace Task …\[…\] …: … by=\S+ error=ValueError at=tasks\.py:\d+:fail",
    r"ERROR django\.security\.DisallowedHost status=400 route=unknown error=DisallowedHost",
)
MEGABYTE = 1024 * 1024
LINE = f"{WORD} and kind words\n".encode()
LARGE = LINE * (9 * MEGABYTE // len(LINE))
TOO_LARGE = LINE * (11 * MEGABYTE // len(LINE))


@dataclass
class Day:
    """What came of it: the exported pack, pages that told of trouble, and what was seen in open files meanwhile."""

    home: Home
    pdf: bytes = b""
    csv: bytes = b""
    trouble: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    uploads: dict[str, int] = field(default_factory=dict)
    downloaded: int = 0
    kept: int = 0
    practised: Practised = field(default_factory=Practised)
    temp_before_and_after_export: tuple[int, int] = (0, 0)

    def look(self) -> None:
        """Look into all open files for a moment."""
        for _ in range(4):
            self.seen += open_files_with(self.home, WORD.encode())
            time.sleep(0.1)


def shell(home: Home, code: str) -> str:
    return home.manage("shell", "--no-imports", "-c", code).stdout


def live_through_a_day(home: Home) -> Day:
    """Send all mail, open every page that a counsellor sees, keep files, export a pack, let things break."""
    shell(home, SEND_ALL)
    until(lambda: "LEFT 0" in shell(home, STILL_PLANNED), 120)
    day, visitor = Day(home), Visitor(home)
    day.practised = practise(home, WORD)
    visitor.sign_in("counsellor@beside.test")
    assert WORD in visitor.get("/clients/"), "the canary is not on the page on which it should be"
    seen = {
        link
        for page in ("/", "/clients/", "/sessions/", "/supervision/", "/supervision/packs/")
        for link in visitor.links(page)
    }
    for link in sorted(seen):
        visitor.answer(link)
    visitor.post("/clients/", "/clients/", word=WORD)
    record = next(link for link in sorted(seen) if _holds_a_file(visitor, link))
    keep_files(day, visitor, record)
    day.kept = visitor.type_and_leave(f"{record}edit/", presenting=f"Half a sentence of {WORD}, never saved")
    give(visitor, record)
    decline(visitor, record)
    export(day, visitor)
    look_for_trouble(day, visitor, record)
    break_down(home)
    return day


def give(visitor: Visitor, record: str) -> None:
    """Look at an exercise as a client would get it, and have a test of its mail sent."""
    preview = record.replace("/clients/", "/exercises/preview/") + "?exercise=kind-voice"
    words = dict.fromkeys(("personal_line", "why", "plan_when", "plan_where"), f"Of {WORD}")
    page = visitor.post(f"{record}edit/", preview, test=str(uuid4()), **words)
    assert b"A test is on its way" in page


def decline(visitor: Visitor, record: str) -> None:
    """Record a request to erase, and say in words why nothing is erased now."""
    ask, not_now = f"{record}erase/ask/", f"{record}erase/decline/"
    visitor.post(ask, ask, asked_by="client", received_on=f"{date.today()}", note=f"Of {WORD}")
    visitor.post(not_now, not_now, why="other", note=f"Of {WORD}, for now")


def _holds_a_file(visitor: Visitor, link: str) -> bool:
    return bool(re.fullmatch(r"/clients/[0-9a-f-]{36}/", link)) and "/remove/" in visitor.get(link)


def keep_files(day: Day, visitor: Visitor, record: str) -> None:
    """Add files small, large and slowly, some that are refused; download, slowly too; remove one."""
    add = record.replace("/clients/", "/notes/files/") + "add/"
    about = {"description": f"Of {WORD}"}
    day.uploads = {
        "small": visitor.upload(add, f"Small {WORD}.txt", LINE, **about),
        "refused": visitor.upload(add, f"{WORD}.html", b"<html>" + LINE, **about),
        "too large": visitor.upload(add, f"{WORD}.txt", TOO_LARGE, **about),
        "elsewhere": visitor.upload("/clients/", f"{WORD}.txt", LARGE, word="nobody"),
        "slow": visitor.upload_slowly(add, f"{WORD}.txt", LARGE, day.look),
    }
    files = [link for link in visitor.links(record) if re.fullmatch(r"/notes/files/[0-9a-f-]{36}/", link)]
    lengths = {link: len(visitor.answer(link)[1]) for link in files}
    day.downloaded = visitor.download_slowly(max(lengths, key=lambda link: lengths[link]), day.look)
    smallest = min(lengths, key=lambda link: lengths[link])
    visitor.post(f"{smallest}remove/", f"{smallest}remove/")


def export(day: Day, visitor: Visitor) -> None:
    """Export the released pack and the trail; note when a file was last made in the temporary folder."""
    packs = visitor.links("/supervision/packs/")
    (pack,) = [link for link in packs if re.fullmatch(r"/supervision/packs/[0-9a-f-]{36}/", link)]
    temp = day.home.folder / "temp"
    admin = Visitor(day.home)
    admin.sign_in("admin@beside.test")
    admin.confirm_identity()
    visitor.confirm_identity()
    before = temp.stat().st_mtime_ns
    day.pdf = visitor.post(pack, f"{pack}export/")
    day.csv = admin.post("/practice/audit/", "/practice/audit/export/")
    day.temp_before_and_after_export = before, temp.stat().st_mtime_ns


def look_for_trouble(day: Day, visitor: Visitor, record: str) -> None:
    """Fetch each page that tells of trouble."""
    admin = Visitor(day.home)
    admin.sign_in("admin@beside.test")
    stranger = Visitor(day.home)
    words = {"name": "Somebody Else Altogether"}
    with_token, strangers, without_token = (
        urlencode({**words, **token}).encode()
        for token in (
            visitor.hidden("/clients/", "csrfmiddlewaretoken"),
            stranger.hidden("/accounts/login/", "csrfmiddlewaretoken"),
            {},
        )
    )
    day.trouble = {
        "unknown page": visitor.answer(f"/nowhere/{WORD}"),
        "unknown client": visitor.answer(f"/clients/{WORD}/"),
        "unknown link": Visitor(day.home).answer(f"/x/{WORD}/"),
        "not allowed": admin.answer(record),
        "wrong method": visitor.answer(record, with_token),
        "no CSRF token": visitor.answer(f"{record}edit/", without_token),
        "signed out": stranger.answer(f"{record}edit/", strangers),
        "broken": visitor.answer(f"/break/view/{WORD}/"),
        "broken body": visitor.answer(f"{record}edit/", LINE, "multipart/form-data"),
    }


def break_down(home: Home) -> None:
    """Let an answer, a thread and a task fail with the word in the error; ask in ways that are none."""
    for where in ("writing", "thread", "task"):
        home.status(f"/break/{where}/{WORD}/")
    for request in (
        f"GET /x/{WORD}/ HTTP/1.1\r\nHost: {WORD}.test\r\n\r\n",
        f"GET /x/{WORD}/ HTTP/1.1\r\nHost: localhost\r\nContent-Length: {WORD}\r\n\r\n",
        f"{WORD} /x/{WORD}/\r\n{WORD}: {WORD}\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", home.port), timeout=10) as line:
            line.sendall(request.encode())
            assert line.recv(100).startswith(b"HTTP/1.")
    until(lambda: all(re.search(what, home.log.read_text()) for what in BREAKDOWNS), 30)
