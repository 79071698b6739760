"""What a client will get, looked at beforehand: the mail and the page, and a test of the mail to oneself.

Looking writes nothing: no link is made, and where one would stand there is a sample. A test mail's links lead to the
exercise in the library, which asks for a log-in.
"""

import base64
import hashlib
import re
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from email.utils import formataddr
from uuid import UUID

from django.conf import settings
from django.core.cache import cache
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse

from clients.letters import context_of
from clients.link_pages import for_client
from clients.models import Client
from clients.selectors import Opened
from exercises.answer_form import LONGEST, AnswerForm
from exercises.mail import last_moment, link_expires_at, words_of
from exercises.models import Assignment, ExerciseVersion
from outbox import services as outbox
from outbox.kinds import Dropped, Kind, Mail, OnUnknown, register
from outbox.models import Message
from outbox.smtp import sender
from practice import trail
from practice.models import Practice, User

TEST_KIND = "exercise_test"
TEST_LASTS = timedelta(hours=12)
MOST_TESTS = 10
WINDOW = 3600  # seconds
SAMPLE = "a-link-of-their-own"
_STYLE = re.compile(r"<style[^>]*>(.*?)</style>", re.DOTALL)


class TooManyTests(Exception):
    """There were ten tests within the hour."""


@dataclass(frozen=True)
class Sample:
    """What somebody thinks of giving: nothing of it is a row."""

    client: Client
    version: ExerciseVersion
    actor: User
    minutes: int
    due_on: date
    words: Mapping[str, str]

    def assignment(self) -> Assignment:
        """Return it as the row that it would be, not saved."""
        return Assignment(
            client=self.client, version=self.version, assigned_by=self.actor, minutes=self.minutes, due_on=self.due_on,
            **self.words,
        )  # fmt: skip


@dataclass(frozen=True)
class SampleMail:
    """A mail as it would arrive. `html` leads nowhere from inside its frame."""

    sender: str
    subject: str
    text: str
    html: str

    @property
    def policy(self) -> dict[str, list[str]]:
        """Return what a page's policy has to allow for the mail to look as it does: its own styles, by their hash."""
        hashes = [_hash_of(style) for style in _STYLE.findall(self.html)]
        return {"style-src-attr": ["'unsafe-inline'"], "style-src-elem": ["'self'", *hashes]}


def mail_of(sample: Sample) -> SampleMail:
    """Return the mail as the client will see it, with sample links."""
    url = settings.SITE_URL + reverse("exercises:practise", args=[SAMPLE])
    choices = settings.SITE_URL + reverse("exercises:place", args=[SAMPLE])
    assignment = sample.assignment()
    written = words_of(assignment, context_of(sample.client, choices), url, link_expires_at(assignment))
    return SampleMail(formataddr(sender()), written.subject, written.text, _going_nowhere(written.html))


def page_of(sample: Sample) -> str:
    """Return the client's page with what was typed, for a frame in which nothing can be pressed."""
    assignment = sample.assignment()
    counsellor_name = "" if sample.client.is_discreet else sample.client.counsellor.first_name
    context = {
        "assignment": assignment,
        "version": sample.version,
        "words": {name: Opened(text) for name, text in sample.words.items()},
        "form": AnswerForm(version=sample.version, counsellor_name=counsellor_name),
        "counsellor_name": counsellor_name,
        "link_until": last_moment(link_expires_at(assignment)),
        # As somebody sees it who comes for the first time.
        "screen": None,
        "shut_out": "",
        "draft_version": 0,
        "is_just_kept": False,
        "longest": LONGEST,
        **for_client(),
    }
    return _going_nowhere(render_to_string("exercises/practise.html", context))


def _going_nowhere(html: str) -> str:
    """Let links open new windows, which the frame around them refuses: so nothing in it leads away."""
    return html.replace("<head>", '<head><base target="_blank">', 1)


def _hash_of(style: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()}'"


# --- a test to oneself -------------------------------------------------------------------------------
def send_test(*, actor: User, sample: Sample, nonce: UUID) -> None:
    """Send the mail to the counsellor's own address: no client's name in it, its links lead to the library.

    The same `nonce` twice is one mail; one that could not be planned may be tried again. Raise TooManyTests.
    """
    mark = f"exercise-test:{nonce}"
    if not cache.add(mark, True, WINDOW):
        return
    with ExitStack() as undo:
        undo.callback(cache.delete, mark)
        if _counted(actor) > MOST_TESTS:
            raise TooManyTests
        _plan_test(actor, sample)
        undo.pop_all()


@transaction.atomic
def _plan_test(actor: User, sample: Sample) -> None:
    url = settings.SITE_URL + reverse("exercises:detail", args=[sample.version.exercise.slug])
    assignment, context = sample.assignment(), context_of(sample.client, url)
    if context["greeting_name"]:
        context["greeting_name"] = actor.first_name
    written = words_of(assignment, context, url, link_expires_at(assignment))
    payload = {"to": actor.email, "subject": f"Test: {written.subject}", "text": written.text, "html": written.html}
    outbox.plan_frozen(TEST_KIND, owner_id=Practice.current().id, payload=payload, lasts=TEST_LASTS)
    trail.record(
        "exercise.test", actor=actor, subject=sample.version.exercise, reference=sample.client.reference,
        version=sample.version.pk,
    )  # fmt: skip


def _counted(actor: User) -> int:
    key = f"exercise-tests:{actor.pk}"
    cache.add(key, 0, WINDOW)
    try:
        return int(cache.incr(key))
    except ValueError:  # the hour ended between the two
        return 1


def render_test(message: Message) -> Mail | Dropped:
    """Unfold a test as it was written."""
    payload = message.payload
    if payload is None:
        return Dropped("its words are no longer kept")
    return Mail(payload["to"], payload["subject"], payload["text"], payload["html"])


def register_kind() -> None:
    """Make the kind known. Where its outcome is unknown, a person asks for another."""
    register(Kind(name=TEST_KIND, label="Exercise, a test to oneself", render=render_test, on_unknown=OnUnknown.PARK))
