"""The mails to clients as they go over the line: SpamAssassin has nothing against them; they read well as text alone.

Debian's `spamassassin`, with the rules that it brings and no look at the net; it counts up to 5 points for spam.
"""

import email.policy
import re
import subprocess
from datetime import date, timedelta
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from django.utils import timezone
from pytest_django import Settings

from clients.models import Client
from sessions.services import book_session
from tests.conftest import SmtpSink
from tests.exercises import travel
from tests.exercises.factories import assign, make_version
from tests.exercises.plans import at
from tests.factories import make_client, make_user
from tests.services.packages import find

pytestmark = pytest.mark.django_db
LIMIT = 2.0
SPAMASSASSIN = find("spamassassin")


@pytest.fixture
def mails(smtp_sink: SmtpSink, settings: Settings) -> dict[str, bytes]:
    """The exercise, its nudge and the reminder of a session, as usual and in the discreet form: the bytes of each."""
    settings.SITE_URL = "https://beside.willow-practice.org"
    settings.MAIL_FROM = "Willow Practice <post@willow-practice.org>"
    with travel.clock() as clock:
        for name, is_discreet in (("usual", False), ("discreet", True)):
            counsellor = make_user(name="Rosemary Fernhill")
            fields = {"name": "Juniper Testwell", "email": f"{name}@example.org", "is_discreet": is_discreet}
            give(make_client(counsellor, **fields), name)
        sent = {}
        for what, day, hour in (("exercise", 0, 9), ("nudge", 2, 9), ("reminder", 3, 15)):
            smtp_sink.envelopes.clear()
            clock.send(day, hour)
            for each in smtp_sink.envelopes:
                sent[f"{what}, {each.rcpt_tos[0].partition('@')[0]}"] = bytes(each.original_content or b"")
    assert sorted(sent) == sorted(NAMES)
    return sent


NAMES = [f"{what}, {form}" for what in ("exercise", "nudge", "reminder") for form in ("usual", "discreet")]


def give(client: Client, slug: str) -> None:
    assign(client, version=make_version(slug), due_on=date(2026, 3, 5), send_at=timezone.now(), nudges=1)
    book_session(
        actor=client.counsellor, client=client, starts_at=at(4, 15), length=timedelta(minutes=50), mode="in_person",
        place="12 Willow Lane",
    )  # fmt: skip


@pytest.mark.skipif(SPAMASSASSIN is None, reason="needs Debian's package spamassassin: make test installs it")
def test_spamassassin_has_nothing_against_them(mails: dict[str, bytes]) -> None:
    found = judged(mails)
    assert sorted(found) == sorted(NAMES)
    assert {name: score for name, score in found.items() if score >= LIMIT} == {}


@pytest.mark.skipif(SPAMASSASSIN is None, reason="as above")
def test_it_would_say_so_of_a_mail_that_is_spam(mails: dict[str, bytes]) -> None:
    gtube = b"XJS*C4JDBQADN1.NSBN3*2IDNEN*GTUBE-STANDARD-ANTI-UBE-TEST-EMAIL*C.34X"
    spam = mails[NAMES[0]].replace(b"You need no password.", gtube)
    assert judged({"spam": spam})["spam"] > 100


def judged(mails: dict[str, bytes]) -> dict[str, float]:
    """Return the points of each mail; one run for all of them."""
    box = b"".join(as_kept(mail) for mail in mails.values())
    command = [str(SPAMASSASSIN), "--local", "--mbox", "--prefs-file=/dev/null", "--nocreate-prefs"]
    out = subprocess.run(command, input=box, capture_output=True, check=True).stdout.decode()
    scores = re.findall(r"^X-Spam-Status: \w+, score=(-?[\d.]+)", out, re.MULTILINE)
    return {name: float(score) for name, score in zip(mails, scores, strict=True)}


def as_kept(mail: bytes) -> bytes:
    """Return a mail as it stands in a box of many."""
    return b"From post@willow-practice.org Mon Mar  2 09:00:13 2026\n" + mail.replace(b"\r\n", b"\n") + b"\n\n"


# --- as text alone ---------------------------------------------------------------------------------------------
def test_as_text_alone_they_read_well(mails: dict[str, bytes]) -> None:
    for name, mail in mails.items():
        text = text_of(mail)
        assert (name, re.findall(r"<[a-z/][^>]*>|&[a-z]+;|\{[{%]", text)) == (name, [])
        assert (name, re.findall(r"\n{3,}|[ \t]+$", text)) == (name, [])
        links = [line for line in text.splitlines() if "https://beside" in line]
        assert links
        assert (name, [line for line in links if not re.fullmatch(r"([^:]+: )?https://\S+", line)]) == (name, [])
        assert text.splitlines()[0].startswith("Hello")


def test_no_line_is_longer_than_mail_may_have_them(mails: dict[str, bytes]) -> None:
    """RFC 5322, 2.1.1: 998; and as text nobody has to scroll sideways, save for a link."""
    for name, mail in mails.items():
        assert (name, [line for line in mail.split(b"\r\n") if len(line) > 998]) == (name, [])
        text = [line for line in text_of(mail).splitlines() if "https://" not in line]
        assert (name, [line for line in text if len(line) > 140]) == (name, [])


def test_the_discreet_form_names_nobody(mails: dict[str, bytes]) -> None:
    for name in NAMES:
        mail = parsed(mails[name])
        words = f"{mail['Subject']} {mail['From']} {text_of(mails[name])}"
        is_named = "Juniper" in words or "Rosemary" in words
        assert (name, is_named) == (name, "usual" in name)
        assert (name, re.findall(r"(?i)counsel|therap|compassion|exercise|quiet minute", words)) == (name, [])


def parsed(mail: bytes) -> EmailMessage:
    return BytesParser(EmailMessage, policy=email.policy.default).parsebytes(mail)


def text_of(mail: bytes) -> str:
    body = parsed(mail).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n").strip("\n")
