"""The operator's table (docs/operating.md) lists what the settings read, and promises nothing that does not exist."""

import re

import pytest

from tests.running import ROOT
from tests.test_house import code_files

SETTINGS = (ROOT / "config" / "settings.py").read_text()
ROWS = {
    name: line
    for line in (ROOT / "docs" / "operating.md").read_text().splitlines()
    if line.startswith("| `")
    for name in re.findall(r"`([A-Z][A-Z_]+)`", line.split("|")[1])
}
OF_THE_TESTS = {"TEST_SQLITE"}


def test_every_name_that_the_settings_read_is_listed() -> None:
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', SETTINGS)) - OF_THE_TESTS
    assert read == set(ROWS)


@pytest.mark.parametrize("name", ["REQUIRE_MFA", "IDLE_MINUTES"])
def test_a_name_that_nothing_reads_is_said_to_do_nothing(name: str) -> None:
    is_read = any(re.search(rf"\bsettings\.{name}\b", path.read_text()) for path in code_files())
    assert ("does nothing yet" in ROWS[name]) != is_read
