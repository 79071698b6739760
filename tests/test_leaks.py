"""What clients say is found nowhere: not in the database, a dump, Redis, a log or a file, but in the mailbox alone.

`demo --canary` puts a word into every confidential field. Then all mail is sent, every page is opened, a pack is
exported, something goes wrong; and the word is looked for everywhere.
"""

import os
import re
import socket
import subprocess
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, build_opener

import pytest
import redis

from config.demo.cast import PASSWORD
from tests.running import Home, make_home, until
from tests.services.packages import find

WORD = "QUIETHERON"
# Sealed columns in which the canary cannot stand, and why.
NO_CANARY = {
    "clients.client.date_of_birth": "must be a date; the test looks for the dates themselves",
    "vault.canary.song": "our own words",
    "outbox.message.payload": "sign-in mails, emptied once sent",
    "supervision.packitem.replaced": "names as they were found in the text",
}
OPEN_EVERYTHING = f"""
from django.apps import apps
from vault.fields import SealedTextField
for model in apps.get_models():
    sealed = [f.name for f in model._meta.concrete_fields if isinstance(f, SealedTextField)]
    for name in sealed:
        rows = model._base_manager.filter(**{{name + "__isnull": False}})
        texts = [str(getattr(row, name)) for row in rows]
        print("COLUMN", f"{{model._meta.label_lower}}.{{name}}", sum("{WORD}".lower() in t.lower() for t in texts))
"""
SEND_ALL = """
from django.utils import timezone
from outbox.models import Message
Message.objects.filter(state="planned").update(due_at=timezone.now())
"""
STILL_PLANNED = """
from outbox.models import Message
print("LEFT", Message.objects.filter(state__in=["planned", "leased"]).count())
"""
WRITE_PLAIN = f"""
from django.db import connection
connection.cursor().execute("PRAGMA ignore_check_constraints = ON")  # the database itself refuses plain text here
connection.cursor().execute("UPDATE clients_client SET gp = %s", [b"Dr {WORD}"])
"""
# What the log says of things that went wrong: somebody else's sentence, without its values, and our own code's place.
BREAKDOWNS = (
    r"ERROR django\.request status=500 route=break/view/<str:word>/ error=ValueError at=urls\.py:\d+:in_view",
    r"ERROR waitress by=channel\.py:\d+:service error=ValueError at=urls\.py:\d+:pieces",
    r"ERROR threads by=logs\.py:\d+:log_broken_thread error=ValueError at=tasks\.py:\d+:fail",
    r"ERROR celery\.app\.trace Task …\[…\] …: … by=\S+ error=ValueError at=tasks\.py:\d+:fail",
    r"ERROR django\.security\.DisallowedHost status=400 route=unknown error=DisallowedHost",
)
RUN_MAILBOX = """
import signal
import django
django.setup()
from outbox.mailbox import start_smtp
start_smtp()
signal.pause()
"""


class Visitor:
    """A browser without a screen: keeps cookies, posts forms."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.opener: OpenerDirector = build_opener(HTTPCookieProcessor(CookieJar()))

    def get(self, path: str) -> str:
        with self.opener.open(self.home.url + path, timeout=30) as answer:
            return str(answer.read().decode("utf-8", "replace"))

    def post(self, page: str, path: str, **fields: str) -> bytes:
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', self.get(page))
        assert token is not None
        data = urlencode({"csrfmiddlewaretoken": token[1], **fields}).encode()
        with self.opener.open(self.home.url + path, data=data, timeout=60) as answer:
            return bytes(answer.read())

    def sign_in(self, email: str) -> None:
        self.post("/accounts/login/", "/accounts/login/", login=email, password=PASSWORD)

    def links(self, page: str) -> list[str]:
        return sorted(
            set(re.findall(r'href="(/(?:clients|sessions|exercises|notes|supervision)/[^"#?]*)"', self.get(page)))
        )


def files_with(folder: Path, needle: bytes) -> list[str]:
    """Return the files that hold the needle, in either case, but for those of the mailbox."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and "mailbox" not in path.parts and needle.lower() in path.read_bytes().lower()
    )


def shell(home: Home, code: str) -> str:
    return home.manage("shell", "--no-imports", "-c", code).stdout


def live_through_a_day(home: Home) -> bytes:
    """Send all mail, open every page that a counsellor sees, export a pack, ask for pages that are not there."""
    shell(home, SEND_ALL)
    until(lambda: "LEFT 0" in shell(home, STILL_PLANNED), 120)
    visitor = Visitor(home)
    visitor.sign_in("counsellor@beside.test")
    assert WORD in visitor.get("/clients/"), "the canary is not on the page on which it should be"
    seen = {
        link
        for page in ("/", "/clients/", "/sessions/", "/supervision/", "/supervision/packs/")
        for link in visitor.links(page)
    }
    for link in sorted(seen):
        visitor.get(link)
    visitor.post("/clients/", "/clients/", word=WORD)
    for missing in (f"/clients/{WORD}/", f"/x/{WORD}/", f"/nowhere/{WORD}"):
        home.status(missing)
    (pack,) = [
        link
        for link in visitor.links("/supervision/packs/")
        if re.fullmatch(r"/supervision/packs/[0-9a-f-]{36}/", link)
    ]
    break_down(home)
    return visitor.post(pack, f"{pack}export/")


def break_down(home: Home) -> None:
    """Let a view, an answer, a thread and a task fail with the word in the error; ask in ways that are none."""
    assert home.status(f"/break/view/{WORD}/") == 500
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


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> tuple[Home, bytes]:
    """A demo practice with the canary in it that has lived through a day, and its exported pack."""
    home = make_home(tmp_path_factory.mktemp("leaks"), DJANGO_SETTINGS_MODULE="tests.leaking.site")
    home.manage("prepare")
    home.manage("demo", "--canary", WORD)
    with home.started():
        pdf = live_through_a_day(home)
    return home, pdf


@pytest.mark.slow
@pytest.mark.xdist_group("leaks")
class TestSQLite:
    def test_the_canary_is_in_every_sealed_column(self, lived: tuple[Home, bytes]) -> None:
        """So that any one of them, made plain, would be found by the tests below."""
        counts = dict(re.findall(r"COLUMN (\S+) (\d+)", shell(lived[0], OPEN_EVERYTHING)))
        assert {name for name, count in counts.items() if count == "0"} == set(NO_CANARY)
        assert len(counts) > len(NO_CANARY)

    def test_the_word_is_in_the_mailbox_and_in_no_other_file(self, lived: tuple[Home, bytes]) -> None:
        home, pdf = lived
        mails = [path.read_bytes() for path in (home.var / "mailbox").glob("*.eml")]
        assert any(WORD.lower().encode() in mail.lower() for mail in mails)
        assert files_with(home.var, WORD.encode()) == []
        assert pdf.startswith(b"%PDF")

    def test_a_date_of_birth_is_in_no_file(self, lived: tuple[Home, bytes]) -> None:
        assert files_with(lived[0].var, b"1988-04-12") == []

    def test_the_log_tells_of_the_day_and_not_of_the_word(self, lived: tuple[Home, bytes]) -> None:
        log = lived[0].log.read_text()
        assert "route=clients/<uuid:pk>/" in log
        assert "Traceback" not in log
        assert [line for line in log.splitlines() if WORD.lower() in line.lower()] == []

    def test_a_dump_is_ciphertext(self, lived: tuple[Home, bytes]) -> None:
        dump = lived[0].manage("dumpdata").stdout
        assert "clients.client" in dump
        assert WORD.lower() not in dump.lower()

    def test_a_word_in_the_clear_would_be_found(self, lived: tuple[Home, bytes]) -> None:
        """The search itself works: one plain value, written past the vault, is seen."""
        home, _ = lived
        shell(home, WRITE_PLAIN)
        assert "beside.sqlite3" in {name.removesuffix("-wal") for name in files_with(home.var, WORD.encode())}


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.postgres
@pytest.mark.xdist_group("leaks")
def test_postgresql_and_redis_hold_no_word(tmp_path: Path, redis_url: str) -> None:
    """The same day on PostgreSQL and Redis, with web, worker and beat apart."""
    server = os.environ["TEST_POSTGRES_URL"]
    dump_program, psql = find("pg_dump"), find("psql")
    assert dump_program is not None
    assert psql is not None
    subprocess.run([psql, server, "-qc", "CREATE DATABASE leaks"], check=True)
    database = server.rpartition("/")[0] + "/leaks"
    home = make_home(tmp_path, DATABASE_URL=database, REDIS_URL=redis_url, DJANGO_SETTINGS_MODULE="tests.leaking.site")
    home.env["EMAIL_URL"] = f"smtp://127.0.0.1:{home.port + 2}"
    home.manage("prepare")
    home.manage("demo", "--canary", WORD)
    celery = ("-m", "celery", "-A", "config")
    web = ("-m", "waitress", f"--listen=127.0.0.1:{home.port}", "config.wsgi:application")
    mailbox = ("-c", RUN_MAILBOX)
    with (
        home.process(*mailbox),
        home.process(*celery, "worker", "--concurrency=1", "--pool=solo"),
        home.process(*celery, "beat"),
        home.process(*web) as running,
    ):
        home.wait_until_ready(running)
        live_through_a_day(home)
        keys = _everything_in(redis_url)
    dump = subprocess.run([dump_program, database], capture_output=True, check=True).stdout
    assert b"clients_client" in dump
    assert WORD.lower().encode() not in dump.lower()
    assert WORD.lower().encode() not in keys.lower()
    assert keys != b""
    assert files_with(home.folder, WORD.encode()) == []


def _everything_in(redis_url: str) -> bytes:
    store = redis.Redis.from_url(redis_url)
    return b"\n".join(bytes(key) + b"=" + bytes(store.dump(key) or b"") for key in store.scan_iter("*"))
