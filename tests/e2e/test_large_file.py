"""A file that is far too large is said to be so at its field, and is not sent."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_a_large_file_is_refused_before_it_is_sent(counsellor: Page, tmp_path: Path) -> None:
    page = counsellor
    page.goto("/clients/")
    page.locator("main").get_by_role("link", name="Fern").first.click()
    page.locator("a[href^='/notes/files/'][href$='/add/']").first.click()
    large, small = tmp_path / "Scan.pdf", tmp_path / "Words.txt"
    with large.open("wb") as file:
        file.truncate(40 * 1024 * 1024)
    small.write_text("A few words.")
    where, field = page.url, page.get_by_label("File", exact=True)
    page.get_by_label("What it is").fill("Drawn at home.")

    field.set_input_files(large)
    expect(page.locator("#id_file_too_large")).to_have_text("This file has 40 MB, and up to 10 MB can be taken.")
    page.get_by_role("button", name="Add this file").click()
    expect(field).to_be_focused()
    assert (page.url, page.get_by_label("What it is").input_value()) == (where, "Drawn at home.")

    field.set_input_files(small)
    expect(page.locator("#id_file_too_large")).to_have_text("")
    page.get_by_role("button", name="Add this file").click()
    expect(page.locator(".messages")).to_contain_text("File added.")
