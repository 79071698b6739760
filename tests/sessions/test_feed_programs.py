"""The feed read by programs that people use: vdirsyncer fetches it, khal shows it, across both clock changes."""

import os
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from clients.models import Client
from practice import clock
from sessions import feeds
from sessions.models import ClientSession, TimeOff
from tests.factories import make_client, make_session
from vault.services import create_data_key

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PROGRAMS = Path(sys.executable).parent
SECONDS = 60
VDIRSYNCER = """
[general]
status_path = "{folder}/status/"
[pair diary]
a = "beside"
b = "here"
collections = null
[storage beside]
type = "http"
url = "{url}"
[storage here]
type = "filesystem"
path = "{folder}/calendar/"
fileext = ".ics"
"""
KHAL = """
[calendars]
[[diary]]
path = {folder}/calendar/
readonly = True
[locale]
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
local_timezone = {zone}
default_timezone = {zone}
[sqlite]
path = {folder}/khal-{number}.db
"""


@dataclass
class Desk:
    """A subscriber's computer: a folder of its own, and the two programs."""

    folder: Path
    url: str
    looks: int = 0

    def run(self, program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        env = {"HOME": str(self.folder), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "TZ": "UTC"}
        return subprocess.run(
            [PROGRAMS / program, *arguments],
            cwd=self.folder, env=env, capture_output=True, text=True, timeout=SECONDS, check=False,
        )  # fmt: skip

    def sync(self) -> subprocess.CompletedProcess[str]:
        config = self.folder / "vdirsyncer"
        if not config.exists():
            (self.folder / "calendar").mkdir()
            config.write_text(VDIRSYNCER.format(folder=self.folder, url=self.url))
            discovered = self.run("vdirsyncer", "-c", str(config), "discover")
            assert discovered.returncode == 0, discovered.stderr
        return self.run("vdirsyncer", "-c", str(config), "sync")

    def entries(self, first: str, last: str, zone: str = "Europe/London") -> list[str]:
        """Return what khal shows of these days, as `day time title`."""
        self.looks += 1
        config = self.folder / "khal"
        config.write_text(KHAL.format(folder=self.folder, zone=zone, number=self.looks))
        wanted = "{start-date} {start-time}-{end-time} {title}"
        shown = self.run("khal", "-c", str(config), "list", "--day-format", "", "--format", wanted, first, last)
        assert shown.returncode == 0, shown.stderr
        return [line for line in shown.stdout.splitlines() if line.strip()]


@pytest.fixture
def diary(monkeypatch: pytest.MonkeyPatch) -> Client:
    """A client who comes on Tuesdays at 10:00, from October 2026 to April 2027; it is the end of September."""
    now = datetime(2026, 9, 28, 8, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: now)
    client = make_client(reference="C-0042", name="Marigold Testwell")
    for week in range(27):
        day = datetime(2026, 10, 6, tzinfo=UTC) + timedelta(weeks=week)
        at_ten = clock.at(day.date(), datetime(2026, 1, 1, 10).time())
        make_session(client, at_ten)
    return client


@pytest.fixture
def desk(diary: Client, live_server: LiveServer, tmp_path: Path) -> Desk:
    _, token = feeds.make_feed(actor=diary.counsellor, naming="initials")
    return Desk(tmp_path, live_server.url + reverse("sessions:feed", args=[token]))


def test_ten_o_clock_is_ten_o_clock_over_both_clock_changes(desk: Desk) -> None:
    done = desk.sync()
    assert done.returncode == 0, done.stderr
    assert len(list((desk.folder / "calendar").glob("*.ics"))) == 27

    autumn = ["2026-10-20", "2026-10-27", "2026-11-03"]
    assert desk.entries("2026-10-18", "2026-11-05") == [f"{day} 10:00-10:50 M. T." for day in autumn]
    spring = ["2027-03-23", "2027-03-30", "2027-04-06"]
    assert desk.entries("2027-03-21", "2027-04-08") == [f"{day} 10:00-10:50 M. T." for day in spring]


def test_a_reader_elsewhere_sees_it_by_their_own_clock(desk: Desk) -> None:
    """New York's clocks change a week after London's in autumn, and two weeks before them in spring."""
    assert desk.sync().returncode == 0
    assert desk.entries("2026-10-18", "2026-11-05", "America/New_York") == [
        "2026-10-20 05:00-05:50 M. T.", "2026-10-27 06:00-06:50 M. T.", "2026-11-03 05:00-05:50 M. T.",
    ]  # fmt: skip
    assert desk.entries("2027-03-08", "2027-04-01", "America/New_York") == [
        "2027-03-09 05:00-05:50 M. T.", "2027-03-16 06:00-06:50 M. T.", "2027-03-23 06:00-06:50 M. T.",
        "2027-03-30 05:00-05:50 M. T.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("starts_at", "shown"),
    [
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "2026-10-25 01:30-01:20 M. T."),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "2026-10-25 01:30-02:20 M. T."),
        (datetime(2027, 3, 28, 0, 30, tzinfo=UTC), "2027-03-28 00:30-02:20 M. T."),
        (datetime(2027, 3, 28, 1, 0, tzinfo=UTC), "2027-03-28 02:00-02:50 M. T."),
    ],
)
def test_the_very_hour_in_which_they_change(starts_at: datetime, shown: str, diary: Client, desk: Desk) -> None:
    make_session(diary, starts_at)
    assert desk.sync().returncode == 0
    day = starts_at.date().isoformat()
    assert desk.entries(day, (starts_at + timedelta(days=1)).date().isoformat()) == [shown]


def test_what_moves_here_moves_there(diary: Client, desk: Desk) -> None:
    desk.sync()
    moved, cancelled = ClientSession.unscoped.order_by("starts_at")[:2]
    later = moved.starts_at + timedelta(days=1, hours=4)
    ClientSession.unscoped.filter(pk=moved.pk).update(
        starts_at=later, ends_at=later + timedelta(minutes=50), version=F("version") + 1
    )
    ClientSession.unscoped.filter(pk=cancelled.pk).update(status="cancelled_by_client", version=F("version") + 1)
    create_data_key(diary.counsellor_id)
    TimeOff.unscoped.create(
        counsellor=diary.counsellor, kind="leave", starts_at=clock.start_of(datetime(2026, 10, 25).date()),
        ends_at=clock.start_of(datetime(2026, 10, 27).date()), label="Hospital",
    )  # fmt: skip
    done = desk.sync()

    assert done.returncode == 0, done.stderr
    assert len(list((desk.folder / "calendar").iterdir())) == 28
    assert desk.entries("2026-10-05", "2026-10-12") == ["2026-10-07 14:00-14:50 M. T."]
    leave = ["2026-10-25 - Leave"] * 2  # shown on each of its days
    assert desk.entries("2026-10-24", "2026-10-28") == [*leave, "2026-10-27 10:00-10:50 M. T."]
    files = [path.read_text() for path in (desk.folder / "calendar").iterdir()]
    assert [text for text in files if str(cancelled.pk) in text and "STATUS:CANCELLED" in text] != []


def test_a_closed_feed_stops(diary: Client, desk: Desk) -> None:
    assert desk.sync().returncode == 0
    feed = feeds.open_feed(diary.counsellor)
    assert feed is not None
    feeds.revoke_feed(actor=diary.counsellor, feed=feed)
    stopped = desk.sync()
    assert stopped.returncode != 0
    assert "Gone" in stopped.stderr
