import pytest

from practice.crisis import help_lines, mail_lines
from practice.models import Practice

UNITED_KINGDOM = [nation for nation in Practice.Nation.values if nation != Practice.Nation.OTHER]


@pytest.mark.parametrize("nation", Practice.Nation.values)
def test_every_nation_has_lines_for_pages_and_mails(nation: str) -> None:
    assert help_lines(nation).lines != []
    assert mail_lines(nation) != []


@pytest.mark.parametrize("nation", UNITED_KINGDOM)
def test_danger_to_life_comes_first(nation: str) -> None:
    assert help_lines(nation).lines[0].href == "tel:999"
    assert mail_lines(nation)[0] == "Danger to life: 999 or A&E"


@pytest.mark.parametrize("nation", UNITED_KINGDOM)
def test_every_number_can_be_tapped(nation: str) -> None:
    for line in help_lines(nation).lines:
        scheme, _, number = line.href.partition(":")
        assert scheme == ("sms" if line.name == "Shout" else "tel")
        assert number == (
            "85258" if line.name == "Shout" else "".join(c for c in line.how.split(",")[0] if c.isdigit())
        )


def test_northern_ireland_is_not_sent_to_111() -> None:
    assert [line.name for line in help_lines("northern_ireland").lines] == [
        "Danger to life",
        "Lifeline",
        "Samaritans",
        "Shout",
    ]


def test_elsewhere_no_british_number_is_given() -> None:
    crisis = help_lines("other")
    words = " ".join([crisis.intro, *(line.name + line.how + line.href for line in crisis.lines), *mail_lines("other")])
    assert [character for character in words if character.isdigit()] == []


def test_changing_what_was_returned_changes_nothing_for_the_next() -> None:
    help_lines("wales").lines.clear()
    mail_lines("wales").clear()
    assert len(help_lines("wales").lines) == len(mail_lines("wales")) == 4
