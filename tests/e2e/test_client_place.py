"""A client's own place, from the foot of a mail: what runs, a pause, what they wrote, and their words over time."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# Gives somebody new a programme, an exercise every day and one by itself, lets them write for ten weeks, and prints
# the link at the foot of their mails. Each run is another client, so that no test stands in another's way.
FURNISH = """
from datetime import timedelta
from uuid import uuid4
from django.utils import timezone
from clients.letters import mail_choices_url
from clients.models import Client
from clients.services import admit_client
from exercises.courses import StepWish, Words, start_course
from exercises.models import Answer, Assignment, Programme
from exercises.selectors import current_versions
from practice import clock
from practice.models import User
me = User.objects.get(email="counsellor@beside.test")
client = admit_client(
    actor=me, client_id=uuid4(), name="Sorrel Testwell", email="sorrel@example.org", may_email="yes",
    page_code="word", page_word="Blue heron",
)
versions = {each.exercise.slug: each for each in current_versions()}
words = Words("For the walk home.", "You spoke of the harsh voice.", "after supper")
today = clock.today()
start_course(
    actor=me, client=client, words=words, starts_on=today, nonce=uuid4(), until_on=today + timedelta(days=20),
    steps=[StepWish(versions["soothing-rhythm"], "weekdays", weekdays=range(7))],
)
programme = Programme.objects.first()
if programme is not None:
    steps = [StepWish(versions[step.exercise.slug], step.mode, step.days) for step in programme.steps.all()]
    start_course(
        actor=me, client=client, words=words, starts_on=today, nonce=uuid4(), programme=programme, steps=steps
    )
def give(slug, days, values=None, sharing="shared"):
    at = timezone.now() - timedelta(days=days)
    row = Assignment.unscoped.create(
        client=client, version=versions[slug], assigned_by=me, personal_line="For you.", why="For you.",
        plan_when="after supper", due_on=clock.local(at).date() + timedelta(days=5), assigned_at=at,
        state="assigned" if values is None else "done", answered_at=None if values is None else at,
    )
    if values is not None:
        answer = Answer.unscoped.create(assignment=row, client=client, sharing=sharing, values=values)
        Answer.unscoped.filter(pk=answer.pk).update(sent_at=at)
give("one-small-act", 2)
def pair_of(slug):
    return next(field["name"] for field in versions[slug].fields if field["kind"] == "pair")
def line_of(slug):
    return next(field["name"] for field in versions[slug].fields if field["in_patterns"])
SAID = [
    ("Everybody else manages this.", "You are tired, and you came all the same."),
    ("You always spoil it.", "One hard evening is not always. What would help now?"),
    ("Pull yourself together.", "Sit down for a moment. It has been a long day, and nobody is waiting."),
]
for number, (critic, kind) in enumerate(SAID):
    voices = {"left": critic, "right": kind}
    give("kind-voice", 65 - 28 * number, {pair_of("kind-voice"): voices, "helpful": 3 + number})
for number in range(8):
    circles = {"threat": 8 - number // 2, "drive": 6 - number % 3, "soothing": 1 + number // 2}
    give("three-circles", 60 - 7 * number, {"circles": circles, "helpful": 4 + number % 4})
    give("soothing-rhythm", 59 - 7 * number, {"calm": {"before": 2 + number % 3, "after": 4 + number % 4}})
line = "The bus was late. I noticed the rain, not the clock."
give("compassionate-journal", 20, {line_of("compassionate-journal"): line})
give("compassionate-letter", 9, {}, "done_only")
print("LINK", "/m/" + mail_choices_url(client).rpartition("/m/")[2])
"""
SCHEMES: tuple[Any, ...] = ("light", "dark")


@pytest.fixture(scope="module")
def furnish(home: Home) -> str:
    said = home.manage("shell", "--no-imports", "-c", FURNISH).stdout
    (link,) = re.findall(r"LINK (\S+)", said)
    return str(link)


@pytest.fixture(params=[390, 1280])
def page(request: pytest.FixtureRequest, browser: Browser, home: Home) -> Iterator[Page]:
    """A stranger's browser, on a phone and on a desk; errors on its console fail the test."""
    context = browser.new_context(
        base_url=home.url, viewport={"width": request.param, "height": 844}, locale="en-GB", reduced_motion="reduce"
    )
    context.set_default_timeout(10_000)
    errors: list[str] = []
    context.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    yield context.new_page()
    context.close()
    assert [error for error in errors if not re.search("status of 4[012][0-9]", error)] == []


def clean(page: Page) -> None:
    """See that nothing bars anybody, by day and by night, and that nothing is wider than the window."""
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        assert [rule["id"] for rule in Axe().run(page).response["violations"]] == []
    page.emulate_media(color_scheme="light")
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def let_in(page: Page, link: str) -> None:
    page.goto(link)
    page.get_by_label("The word you agreed").fill("blue HERON")
    page.get_by_role("button", name="See more").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A place of your own")


def test_a_word_opens_it_and_mail_stops_without(page: Page, furnish: str) -> None:
    page.goto(furnish)
    clean(page)
    page.get_by_role("button", name="Stop e-mails").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("E-mails are stopped")
    page.get_by_role("button", name="Start e-mails again").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("E-mails are on again")
    page.get_by_label("The word you agreed").fill("green")
    page.get_by_role("button", name="See more").click()
    expect(page.get_by_role("alert")).to_contain_text("That does not seem to be it.")
    clean(page)
    let_in(page, furnish)
    clean(page)


def test_a_pause_begins_and_ends(page: Page, furnish: str) -> None:
    let_in(page, furnish)
    page.get_by_role("button", name="For a week").click()
    expect(page.get_by_role("status")).to_contain_text("It rests now.")
    clean(page)
    page.get_by_text("Until another day").click()
    page.get_by_role("button", name="Pause until then").click()
    expect(page.get_by_text("Please choose a day, or one of the two above.")).to_be_visible()
    clean(page)
    page.get_by_role("button", name="Go on now").click()
    expect(page.get_by_role("button", name="For a week")).to_be_visible()


def test_their_words_over_time_are_one_step_away(page: Page, furnish: str) -> None:
    let_in(page, furnish)
    for answer in page.locator(".place-written summary").all()[:3]:
        answer.click()
    clean(page)
    page.get_by_role("link", name="Patterns in self-talk").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Patterns in self-talk")
    expect(page.get_by_text("You are tired, and you came all the same.")).to_be_visible()
    expect(page.get_by_role("figure")).to_have_count(3)
    clean(page)
    page.get_by_role("link", name="A place of your own").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A place of your own")


def test_not_this_week_takes_one_tap_and_no_javascript(browser: Browser, home: Home, furnish: str) -> None:
    plain = browser.new_context(base_url=home.url, java_script_enabled=False, locale="en-GB")
    page = plain.new_page()
    let_in(page, furnish)
    item = page.get_by_role("listitem").filter(has_text="One small act")
    item.get_by_role("button", name="Not this week").click()
    expect(page.get_by_role("status")).to_contain_text("That is quite all right.")
    expect(item).to_have_count(0)
    plain.close()
