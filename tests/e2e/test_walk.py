"""From the counsellor's decision to the client's inbox and back: a real browser, a real worker, a real SMTP server."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from config.demo.cast import PASSWORD
from practice.clock import today
from practice.deeds import label_of
from tests.e2e.conftest import sign_in
from tests.running import Home

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NAME, CALLED, ADDRESS = "Peregrine Saltmarsh", "Perry", "peregrine@example.org"
# Each step of the way leaves its row in the trail.
DEEDS = [
    "sign_in", "client.admit", "session.book", "note.save", "note.sign", "note.flag", "exercise.assign",
    "exercise.open", "exercise.answer", "exercise.review", "pack.prepare", "pack.release", "pack.export",
]  # fmt: skip
KIND_WORDS = "It said: you have carried a great deal today."


def test_the_whole_way(context: BrowserContext, phone: BrowserContext, home: Home) -> None:
    page = sign_in(context, "counsellor@beside.test")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Sam")

    record = admit_a_client(page)
    session = book_a_session(page)
    prepare_a_note(page, session)
    write_and_sign_a_note(page)
    assign_an_exercise(page, record)

    link = open_the_mail(context, home)
    answer_on_the_phone(phone, link)

    read_and_review_the_answer(page, record)
    release_a_pack(page)
    export_it_as_admin(page)
    the_trail_names_nobody(page)


def admit_a_client(page: Page) -> str:
    page.get_by_role("link", name="Clients").first.click()
    page.get_by_role("link", name="Admit client").first.click()
    page.get_by_label("Full name").fill(NAME)
    page.get_by_label("Preferred name").fill(CALLED)
    page.get_by_label("Pronouns").fill("he/him")
    page.get_by_label("Date of birth").fill("1985-06-01")
    page.get_by_label("E-mail address").fill(ADDRESS)
    page.get_by_label("Phone").fill("01632 960555")
    page.get_by_label("Emergency contact").fill("Robin Saltmarsh, sister, 01632 960556")
    page.get_by_label("GP").fill("Dr Bellwether")
    page.get_by_label("What brings them").fill("Cannot say no.")
    page.get_by_label("Yes", exact=True).check()
    page.get_by_role("button", name="Admit client").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(CALLED)
    expect(page.locator("main")).to_contain_text(re.compile(r"C-\d{4}"))
    assert NAME not in page.title()
    return page.url


def book_a_session(page: Page) -> str:
    day = today() + timedelta(days=3)
    page.get_by_role("link", name="Book session").first.click()
    page.get_by_label("Date").fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill("19:00")
    page.get_by_role("button", name="Book session").click()
    expect(page.get_by_role("alert")).to_contain_text("This is outside your working hours.")
    page.get_by_role("button", name="Book all the same").click()
    expect(page.get_by_role("status").or_(page.locator(".messages"))).to_contain_text("Session booked")
    expect(page.get_by_role("heading", level=1)).to_contain_text("19:00")
    expect(page.locator("main")).to_contain_text("Planned")
    session = page.url
    page.get_by_role("link", name="Diary").first.click()
    page.get_by_role("link", name="Book session").first.click()
    page.get_by_label("Client").select_option(label=option_of(page, CALLED))
    page.get_by_label("Date").fill(day.isoformat())
    page.get_by_label("Time", exact=True).fill("19:30")
    page.get_by_role("button", name="Book session").click()
    expect(page.get_by_role("alert")).to_contain_text("You already have a session")
    expect(page.get_by_label("Time", exact=True)).to_have_value("19:30")
    return session


def option_of(page: Page, text: str) -> str:
    return page.get_by_label("Client").locator("option", has_text=text).first.inner_text().strip()


def prepare_a_note(page: Page, session: str) -> None:
    """The session is still to come: its note can be begun, and not signed."""
    page.goto(session)
    page.get_by_role("link", name="Prepare note").click()
    expect(page.get_by_role("button", name="Sign note")).to_have_count(0)
    page.get_by_label("What happened").fill("Ask about the allotment.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("saved")


def write_and_sign_a_note(page: Page) -> None:
    """Otti's last session is over and has no note yet."""
    page.goto("/")
    page.get_by_role("region", name="Notes to write").get_by_role("link", name="Otti").click()
    page.get_by_label("What happened").fill("Otti spoke of her sister. Ring her on 01632 960110.")
    page.get_by_role("button", name="Save draft").click()
    expect(page.locator(".messages")).to_contain_text("saved")
    page.goto("/")
    page.get_by_role("region", name="Notes to write").get_by_role("link", name="Otti").click()
    expect(page.get_by_label("What happened")).to_have_value(re.compile("her sister"))
    page.get_by_role("button", name="Sign note").click()
    expect(page.locator("main")).to_contain_text("Signed")
    expect(page.get_by_role("textbox", name="What happened")).to_have_count(0)
    page.get_by_label("Your question").fill("What does Otti need from me?")
    page.get_by_role("button", name="Take to supervision").click()
    expect(page.locator("main")).to_contain_text("On your agenda")


def assign_an_exercise(page: Page, record: str) -> None:
    page.goto(record)
    page.get_by_role("link", name="Assign exercise").first.click()
    page.get_by_role("link", name=re.compile("A kinder voice|Choose")).first.click()
    expect(page.get_by_label(re.compile("Before the next session, .* and moves with it"))).to_be_checked()
    page.get_by_role("button", name="Assign exercise").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("A line from you").fill("I thought of you and the kettle.")
    page.get_by_label("Why this, why now").fill("To hear your own kind voice.")
    page.get_by_label("When it might fit").fill("After supper")
    page.get_by_label("Where it might fit").fill("On the back step")
    page.get_by_label("We have practised this together").check()
    page.get_by_role("button", name="Assign exercise").click()
    expect(page.locator("main")).to_contain_text("With the client")


def open_the_mail(context: BrowserContext, home: Home) -> str:
    mailbox = context.new_page()
    mailbox.goto(f"{home.mailbox_url}/")
    expect(mailbox.get_by_text(ADDRESS).first).to_be_visible(timeout=20_000)
    mailbox.get_by_role("link", name=re.compile("Something")).first.click()
    text = mailbox.locator("main").inner_text()
    assert "kettle" not in text
    assert "kinder" not in text
    assert "This inbox is not watched" in text
    assert "116 123" in text
    link = re.search(rf"{home.url}/x/\S+", text)
    assert link is not None
    mailbox.close()
    return link[0]


def answer_on_the_phone(phone: BrowserContext, link: str) -> None:
    page = phone.new_page()
    page.goto(link)
    assert page.title() == "For you"
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    expect(page.get_by_text("I thought of you and the kettle.")).to_have_count(0)
    page.get_by_role("button", name="Open").click()
    expect(page.get_by_text("I thought of you and the kettle.")).to_be_visible()
    page.get_by_label("What a kind voice would say").fill(KIND_WORDS)
    page.get_by_role("group", name="How helpful was this?").get_by_text("7", exact=True).click()
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_label("What a kind voice would say")).to_have_value(KIND_WORDS)
    page.get_by_text("Share my answer").click()
    page.get_by_role("button", name="Send answer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Thank you")
    page.goto(link)
    expect(page.locator("main")).to_contain_text(KIND_WORDS)


def read_and_review_the_answer(page: Page, record: str) -> None:
    page.goto("/")
    page.get_by_role("link", name=CALLED).first.click()
    page.goto(record)
    page.get_by_role("link", name="A kinder voice").first.click()
    expect(page.locator("main")).to_contain_text(KIND_WORDS)
    page.get_by_label("What did we learn?").fill("Kettles help.")
    page.get_by_role("button", name="Mark reviewed").click()
    expect(page.locator("main")).to_contain_text("Reviewed")


def release_a_pack(page: Page) -> None:
    page.get_by_role("link", name="Supervision").first.click()
    page.get_by_role("button", name="Prepare pack").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Supervision pack")
    preview = page.locator("main").inner_text()
    assert "Otti spoke" not in preview
    assert "C-0010 spoke" in preview
    assert "[telephone]" in preview
    page.get_by_role("button", name="Release pack").click()
    expect(page.locator("main")).to_contain_text("Released")


def export_it_as_admin(page: Page) -> None:
    page.get_by_role("button", name="Sign out").first.click()
    page.context.clear_cookies()
    admin = sign_in(page.context, "admin@beside.test")
    admin.get_by_role("link", name="Supervision").first.click()
    packs = admin.url
    admin.get_by_role("button", name="Export PDF").first.click()
    expect(admin.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    admin.get_by_label("Password").fill(PASSWORD)
    admin.get_by_role("button", name="Confirm").click()
    admin.wait_for_url(packs)
    with admin.expect_download() as started:
        admin.get_by_role("button", name="Export PDF").first.click()
    path = started.value.path()
    assert path.read_bytes().startswith(b"%PDF")
    assert CALLED.lower() not in started.value.suggested_filename.lower()
    admin.close()


def the_trail_names_nobody(page: Page) -> None:
    page.goto("/practice/audit/")
    trail = page.locator("main tbody").inner_text()
    assert [deed for deed in DEEDS if label_of(deed) not in trail] == []
    assert CALLED not in trail
    assert "Saltmarsh" not in trail
