"""What clients say is found nowhere: not in the database, a dump, Redis, a log or a file, but in the mailbox alone.

`demo --canary` puts a word into every confidential field. Then a day is lived through (tests/leaking/day.py), and the
word is looked for everywhere.
"""

import io
import os
import re
import signal
import subprocess
from pathlib import Path

import pytest
from pypdf import PdfReader

from tests.leaking.day import WORD, Day, live_through_a_day, shell
from tests.leaking.search import everything_in, files_with
from tests.leaking.stuck import stuck_mail_server
from tests.running import make_home
from tests.services.packages import find

# Sealed columns in which the canary cannot stand, and why.
NO_CANARY = {
    "clients.client.date_of_birth": "must be a date; the test looks for the dates themselves",
    "vault.canary.song": "our own words",
    "outbox.message.payload": "sign-in mails, emptied once sent",
    "supervision.packitem.replaced": "names as they were found in the text",
    "notes.attachment.size": "a number",
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
COUNT_FILES = """
from vault.models import SealedFile
print("FILES", SealedFile.objects.count())
"""
WRITE_PLAIN = f"""
from django.db import connection
connection.cursor().execute("PRAGMA ignore_check_constraints = ON")  # the database itself refuses plain text here
connection.cursor().execute("UPDATE clients_client SET gp = %s", [b"Dr {WORD}"])
"""
SEND_AGAIN = """
from django.utils import timezone
from outbox.models import Message
ahead = Message.objects.filter(state="sent", kind="session_reminder", expires_at__gt=timezone.now())
print("AGAIN", ahead.update(state="planned", due_at=timezone.now(), dispatched_at=None, attempts=0))
"""
RUN_MAILBOX = """
import signal
import django
django.setup()
from outbox.mailbox import start_smtp
start_smtp()
signal.pause()
"""


@pytest.fixture(scope="module")
def lived(tmp_path_factory: pytest.TempPathFactory) -> Day:
    """A demo practice with the canary in it that has lived through a day."""
    home = make_home(tmp_path_factory.mktemp("leaks"), DJANGO_SETTINGS_MODULE="tests.leaking.site")
    home.manage("prepare")
    home.manage("demo", "--canary", WORD)
    with home.started():
        return live_through_a_day(home)


@pytest.mark.slow
class TestSQLite:
    def test_the_canary_is_in_every_sealed_column(self, lived: Day) -> None:
        """So that any one of them, made plain, would be found by the tests below."""
        counts = dict(re.findall(r"COLUMN (\S+) (\d+)", shell(lived.home, OPEN_EVERYTHING)))
        assert {name for name, count in counts.items() if count == "0"} == set(NO_CANARY)
        assert len(counts) > len(NO_CANARY)

    def test_the_word_is_in_the_mailbox_and_in_no_other_file(self, lived: Day) -> None:
        """Neither under var, nor among temporary files, nor in the log."""
        mails = [path.read_bytes() for path in (lived.home.var / "mailbox").glob("*.eml")]
        assert any(WORD.lower().encode() in mail.lower() for mail in mails)
        assert files_with(lived.home.folder, WORD.encode()) == []

    def test_files_came_and_went_and_no_open_file_held_a_plain_byte(self, lived: Day) -> None:
        """Half-way through an upload and a download, the files without a name that servers spool into are looked at."""
        assert lived.uploads == {"small": 200, "refused": 422, "too large": 422, "elsewhere": 200, "slow": 302}
        assert lived.downloaded > 8_000_000
        assert lived.seen == []

    def test_a_removed_file_is_gone_from_the_disk(self, lived: Day) -> None:
        kept = [path for path in (lived.home.var / "files").rglob("*") if path.is_file()]
        assert len(kept) == 2
        assert "FILES 2" in shell(lived.home, COUNT_FILES)

    def test_the_exported_trail_names_the_deeds_and_no_word(self, lived: Day) -> None:
        assert b"file.add" in lived.csv
        assert WORD.lower().encode() not in lived.csv.lower()

    def test_a_pack_is_made_in_memory_and_names_nobody(self, lived: Day) -> None:
        """No file was made in the temporary folder meanwhile: its own time has not changed."""
        text = "".join(page.extract_text() for page in PdfReader(io.BytesIO(lived.pdf)).pages)
        before, after = lived.temp_before_and_after_export
        assert ("Fern" in text, "Inkwell" in text, len(text) > 500) == (False, False, True)
        assert before == after
        assert list((lived.home.folder / "temp").iterdir()) == []

    def test_pages_that_tell_of_trouble_say_no_word(self, lived: Day) -> None:
        statuses = {what: status for what, (status, _) in lived.trouble.items()}
        assert statuses == {
            "unknown page": 404, "unknown client": 404, "unknown link": 404, "not allowed": 403, "wrong method": 405,
            "no CSRF token": 403, "signed out": 401, "broken": 500, "broken body": 400,
        }  # fmt: skip
        assert [what for what, (_, body) in lived.trouble.items() if WORD.lower().encode() in body.lower()] == []

    def test_words_that_were_never_saved_are_kept_sealed(self, lived: Day) -> None:
        assert lived.kept == 200

    def test_what_clients_wrote_by_their_links_was_taken(self, lived: Day) -> None:
        """And the tokens of their links, which open what they kept, are in their mail and nowhere else."""
        done = {"keep": 200, "half": 200, "share": 200, "much": 200, "open": 200, "patterns": 200}
        assert lived.practised.done == done
        assert [token for token in lived.practised.tokens if files_with(lived.home.folder, token.encode())] == []

    def test_a_date_of_birth_is_in_no_file(self, lived: Day) -> None:
        assert files_with(lived.home.folder, b"1988-04-12") == []

    def test_the_log_tells_of_the_day_and_not_of_the_word(self, lived: Day) -> None:
        log = lived.home.log.read_text()
        assert "route=clients/<uuid:pk>/" in log
        assert "route=notes/files/<uuid:client_id>/add/" in log
        assert "Traceback" not in log
        assert [line for line in log.splitlines() if WORD.lower() in line.lower()] == []

    def test_a_dump_is_ciphertext(self, lived: Day) -> None:
        dump = lived.home.manage("dumpdata").stdout
        assert "clients.client" in dump
        assert WORD.lower() not in dump.lower()

    def test_a_word_in_the_clear_would_be_found(self, lived: Day) -> None:
        """The search itself works: one plain value, written past the vault, is seen."""
        shell(lived.home, WRITE_PLAIN)
        assert "beside.sqlite3" in {name.removesuffix("-wal") for name in files_with(lived.home.var, WORD.encode())}


@pytest.mark.slow
@pytest.mark.redis
@pytest.mark.postgres
def test_postgresql_and_redis_hold_no_word(tmp_path: Path, redis_url: str) -> None:
    """The same day on PostgreSQL and Redis, with web (gunicorn), worker and beat apart; then the worker is killed."""
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
    web = ("-m", "gunicorn", "config.wsgi:application", "--bind", f"127.0.0.1:{home.port}", "--threads", "4",
           "--no-control-socket")  # fmt: skip
    with (
        home.process("-c", RUN_MAILBOX) as mailbox,
        home.process(*celery, "worker", "--concurrency=1", "--pool=solo") as worker,
        home.process(*celery, "beat"),
        home.process(*web) as running,
    ):
        home.wait_until_ready(running)
        day = live_through_a_day(home)
        keys = everything_in(redis_url)
        mailbox.send_signal(signal.SIGINT)
        mailbox.wait(20)
        with stuck_mail_server(home.port + 2) as has_begun:
            assert "AGAIN 0" not in shell(home, SEND_AGAIN)
            assert has_begun.wait(30)
            worker.kill()
            worker.wait(10)
            keys_after_the_kill = everything_in(redis_url)
    dump = subprocess.run([dump_program, database], capture_output=True, check=True).stdout
    assert b"clients_client" in dump
    assert WORD.lower().encode() not in dump.lower()
    assert WORD.lower().encode() not in (keys + keys_after_the_kill).lower()
    assert b"" not in (keys, keys_after_the_kill)
    assert [token for token in day.practised.tokens if token.encode() in dump + keys + keys_after_the_kill] == []
    assert (day.seen, day.uploads["slow"]) == ([], 302)
    assert files_with(home.folder, WORD.encode()) == []
