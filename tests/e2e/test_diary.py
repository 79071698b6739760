"""The diary in a real browser: moved by mouse, finger, keys and form; taken back; on a phone; without JavaScript."""

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from config.demo.cast import PASSWORD
from practice.clock import today
from practice.models import Practice
from sessions.bank_holidays import name_on
from tests.e2e.conftest import sign_in
from tests.running import Home, copy_of

pytestmark = [pytest.mark.browser, pytest.mark.slow]

# In the demo Fern comes each week on this weekday at 10:00, Jasper the same day at 14:00.
WHO, WHEN = "Fern", "10:00–10:50"


@pytest.fixture(scope="module")
def home(furnished: Home, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    """A practice of its own, in which nobody but these tests moves a session."""
    home = copy_of(furnished, tmp_path_factory.mktemp("diary"))
    with home.started():
        yield home


@pytest.fixture
def page(counsellor: Page) -> Page:
    return counsellor


def the_day(number: int) -> date:
    """Return Fern's day in one of the weeks to come, by number: bank holidays have no sessions in the demo."""
    days = [today() + timedelta(weeks=week) for week in range(1, 7)]
    return [day for day in days if not name_on(day, Practice.Nation.ENGLAND)][number]


def open_week(page: Page, number: int, view: str = "week") -> Locator:
    """Open the diary in one of the weeks to come and return Fern's session in it. Each test that moves has its own."""
    page.goto(f"/sessions/?view={view}&day={the_day(number)}")
    return of(page, WHO)


def of(page: Page, name: str) -> Locator:
    return page.locator(".calendar li.ev", has=page.locator(".ev-name", has_text=name)).first


def middle(item: Locator) -> tuple[float, float]:
    box = item.bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def hour(page: Page) -> float:
    """Return how many pixels an hour of the grid is high."""
    found: float = page.evaluate(
        "() => { const track = document.querySelector('.day-track'); const style = getComputedStyle(track);"
        " return track.getBoundingClientRect().height"
        " / (style.getPropertyValue('--until') - style.getPropertyValue('--from')) }"
    )
    return found


def drag(page: Page, item: Locator, *, hours: float = 0, to: Locator | None = None) -> None:
    """Drag a session down by so many hours, or into another day, without letting go."""
    item.scroll_into_view_if_needed()
    x, y = middle(item)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 8)
    page.mouse.move(middle(to)[0] if to else x, y + hours * hour(page), steps=4)


def all_the_same(page: Page) -> None:
    """Insist, where the new time is a bank holiday or a day off: that depends on the day of the test."""
    said = page.locator(".messages, [role=alert]").first
    expect(said).to_contain_text(re.compile("moved|Nothing is saved yet"))
    if "Nothing is saved yet" in said.inner_text():
        page.get_by_role("button", name="Move all the same").click()


def says(page: Page) -> Locator:
    return page.locator("#calendar-says")


def test_a_session_is_dragged_and_u_takes_it_back(page: Page) -> None:
    item = open_week(page, 0)
    drag(page, item, hours=1)
    expect(says(page)).to_contain_text("11:00 to 11:50")
    page.mouse.up()
    all_the_same(page)
    expect(page.locator(".messages")).to_contain_text("moved")
    expect(page).to_have_url(re.compile(r"#s-[0-9a-f-]{36}$"))
    expect(of(page, WHO).locator(".ev-when")).to_have_text("11:00–11:50")
    expect(of(page, WHO).locator("a.ev-go")).to_be_focused()
    page.keyboard.press("u")
    expect(page.locator(".messages")).to_contain_text("Undone")
    expect(of(page, WHO).locator(".ev-when")).to_have_text(WHEN)


def test_it_is_dragged_into_another_day_and_stretched(page: Page) -> None:
    item = open_week(page, 1)
    days = page.locator(".day-track")
    number = the_day(1).weekday()
    beside = days.nth(number + 1 if number < 6 else number - 1)
    drag(page, item, hours=7, to=beside)
    page.mouse.up()
    all_the_same(page)
    expect(beside.locator(".ev", has_text=WHO).locator(".ev-when")).to_have_text("17:00–17:50")
    grip = of(page, WHO).locator(".ev-grip")
    x, y = middle(grip)
    page.mouse.move(x, y)
    page.mouse.down()
    page.mouse.move(x, y + 0.4 * hour(page), steps=3)
    page.mouse.up()
    all_the_same(page)
    expect(beside.locator(".ev", has_text=WHO).locator(".ev-when")).to_have_text("17:00–18:15")


def test_escape_gives_up_and_the_same_place_sends_nothing(page: Page) -> None:
    item = open_week(page, 0)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    drag(page, item, hours=1)
    page.keyboard.press("Escape")
    page.mouse.up()
    expect(item.locator(".ev-when")).to_have_text(WHEN)
    drag(page, item, hours=0.05)
    page.mouse.up()
    expect(item.locator(".ev-when")).to_have_text(WHEN)
    assert (sent, page.url.endswith(f"day={the_day(0)}")) == ([], True)


def test_a_clash_is_said_before_and_after_the_drop(page: Page) -> None:
    item = open_week(page, 0)
    drag(page, item, hours=4)
    expect(says(page)).to_contain_text("Another session is there, 14:00 to 14:50")
    page.mouse.up()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move session")
    expect(page.get_by_role("alert")).to_contain_text("You already have a session from 14:00 to 14:50")
    expect(page.get_by_label("Time", exact=True)).to_have_value("14:00")


def test_what_a_time_runs_into_is_said_before_it_is_saved(page: Page) -> None:
    item = open_week(page, 0)
    item.locator("a.ev-go").focus()
    page.keyboard.down("Alt")
    for _ in range(30):
        page.keyboard.press("ArrowDown")
    expect(says(page)).to_contain_text("17:30 to 18:20. Outside your working hours.")
    page.keyboard.up("Alt")
    expect(page.get_by_role("alert")).to_contain_text("This is outside your working hours.")
    page.get_by_role("button", name="Move all the same").click()
    expect(of(page, WHO).locator(".ev-when")).to_have_text("17:30–18:20")
    page.keyboard.press("u")
    expect(of(page, WHO).locator(".ev-when")).to_have_text(WHEN)


def test_alt_with_arrows_moves_and_stretches(page: Page) -> None:
    item = open_week(page, 2)
    item.locator("a.ev-go").focus()
    page.keyboard.down("Alt")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Shift+ArrowDown")
    expect(says(page)).to_contain_text("10:30 to 11:35")
    page.keyboard.up("Alt")
    all_the_same(page)
    expect(page.locator(".messages")).to_contain_text("moved")
    expect(of(page, WHO).locator(".ev-when")).to_have_text("10:30–11:35")
    expect(of(page, WHO).locator("a.ev-go")).to_be_focused()
    page.keyboard.down("Alt")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    page.keyboard.up("Alt")
    expect(of(page, WHO).locator(".ev-when")).to_have_text("10:30–11:35")


def test_keys_turn_the_pages_and_rest_while_somebody_types(page: Page) -> None:
    page.goto("/sessions/")
    page.keyboard.press("j")
    expect(page).to_have_url(re.compile(f"day={today() - timedelta(days=today().weekday() - 7)}"))
    page.keyboard.press("ArrowLeft")
    expect(page).to_have_url(re.compile(f"day={today() - timedelta(days=today().weekday())}"))
    page.keyboard.press("m")
    expect(page).to_have_url(re.compile("view=month"))
    page.keyboard.press("j")
    expect(page.locator(".month td.is-today:not(.is-beside)")).to_have_count(0)
    page.keyboard.press("t")
    expect(page).to_have_url(re.compile(f"view=month&day={today()}"))
    expect(page.locator(".month td.is-today")).to_have_count(1)
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keys of the diary")).to_be_visible()
    page.keyboard.press("Escape")
    page.get_by_label("Go to a day").focus()
    page.keyboard.press("b")
    expect(page).to_have_url(re.compile("view=month"))
    page.get_by_role("heading", level=1).click()
    page.keyboard.press("b")
    expect(page.get_by_role("heading", level=1)).to_have_text("Book session")


def test_arrows_go_from_session_to_session(page: Page) -> None:
    item = open_week(page, 0)
    item.locator("a.ev-go").focus()
    page.keyboard.press("ArrowDown")
    expect(of(page, "Jasper").locator("a.ev-go")).to_be_focused()
    assert page.locator(".calendar a.ev-go[tabindex='0']").count() == 1


def test_the_menu_confirms_and_leads_on(page: Page) -> None:
    item = open_week(page, 3)
    item.hover()
    item.get_by_role("button", name="More").click()
    page.get_by_role("button", name="Confirmed").click()
    expect(page.locator(".messages")).to_contain_text("Marked as confirmed")
    expect(of(page, WHO).locator(".ev-status")).to_have_text("Confirmed")
    of(page, WHO).hover()
    of(page, WHO).get_by_role("button", name="More").click()
    page.get_by_role("link", name="Move to…").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Move session")


def test_an_empty_place_books_by_mouse_and_by_key(page: Page) -> None:
    open_week(page, 0)
    track = page.locator(".day-track").nth(the_day(0).weekday())
    box = track.bounding_box()
    assert box is not None
    from_hour = int(track.evaluate("each => getComputedStyle(each).getPropertyValue('--from')"))
    track.click(position={"x": box["width"] / 2, "y": (12.6 - from_hour) * hour(page)})
    expect(page.get_by_label("Time", exact=True)).to_have_value("12:30")
    expect(page.get_by_label("Date")).to_have_value(str(the_day(0)))
    page.go_back()
    place = page.get_by_role("link", name=re.compile("^Book at "))
    place.focus()
    page.keyboard.press("ArrowDown")
    time = re.sub("Book at ", "", place.inner_text())
    page.keyboard.press("Enter")
    expect(page.get_by_label("Time", exact=True)).to_have_value(time)


def test_names_are_put_away_by_a_key(page: Page) -> None:
    open_week(page, 0)
    page.keyboard.press("h")
    expect(page.locator(".calendar")).to_contain_text("C-0001")
    expect(page.locator("main")).not_to_contain_text(WHO)
    page.keyboard.press("h")
    expect(page.locator(".calendar")).to_contain_text(WHO)


class Finger:
    """One finger on a page."""

    def __init__(self, page: Page) -> None:
        self._session: Any = page.context.new_cdp_session(page)

    def __call__(self, kind: str, x: float = 0, y: float = 0) -> None:
        points = [] if kind == "touchEnd" else [{"x": x, "y": y}]
        self._session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})


def test_a_finger_moves_after_a_long_press_and_scrolls_without(phone: BrowserContext) -> None:
    page = sign_in(phone, "counsellor@beside.test")
    item, finger = open_week(page, 3, "day"), Finger(page)
    item.evaluate("each => each.scrollIntoView({block: 'center'})")
    x, y = middle(item)
    finger("touchStart", x, y)
    expect(item).to_have_class(re.compile("is-moving"))
    for step in range(1, 5):
        finger("touchMove", x, y + step * hour(page) / 4)
    expect(says(page)).to_contain_text("11:00 to 11:50")
    finger("touchEnd")
    all_the_same(page)
    expect(page.locator(".messages")).to_contain_text("moved")
    x, y = middle(of(page, WHO))
    finger("touchStart", x, y)
    for step in range(1, 6):
        finger("touchMove", x, y - step * 20)
    finger("touchEnd")
    expect(of(page, WHO).locator(".ev-when")).to_have_text("11:00–11:50")
    assert page.locator(".is-moving").count() == 0


def test_on_a_phone_a_week_is_a_list_and_nothing_scrolls_sideways(phone: BrowserContext) -> None:
    page = sign_in(phone, "counsellor@beside.test")
    for view in ("day", "week", "month", "agenda"):
        page.goto(f"/sessions/?view={view}")
        wide = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert wide[0] <= wide[1], view
    page.goto("/sessions/")
    boxes = [day.bounding_box() for day in page.locator(".day").all()]
    assert len({box["x"] for box in boxes if box}) == 1


def test_it_is_moved_without_javascript(browser: Browser, home: Home) -> None:
    context = browser.new_context(base_url=home.url, java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto("/")
    page.get_by_label("E-mail").fill("counsellor@beside.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    open_week(page, 3)
    item = of(page, "Jasper")
    item.hover()
    item.get_by_role("button", name="More").click()
    page.get_by_role("link", name="Move to…").click()
    page.get_by_label("Time", exact=True).fill("16:30")
    page.get_by_role("button", name="Move session").click()
    all_the_same(page)
    expect(page.locator(".messages")).to_contain_text("moved")
    context.close()
