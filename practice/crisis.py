"""Help that is awake when nobody here is: one place for every mail and every client's page.

Numbers and hours: NHS England, NHS 24, Welsh Government (111, press 2), Breathing Space, Lifeline NI, Samaritans and
Shout; to be looked at again before each release.
"""

from dataclasses import dataclass

from practice.models import Practice

Nation = Practice.Nation
UNWATCHED = "Nobody watches this page or our inbox."


@dataclass(frozen=True)
class HelpLine:
    """One line: its name, how to reach it, when, and a `tel:` or `sms:` address (empty where there is none)."""

    name: str
    how: str
    note: str = ""
    href: str = ""


@dataclass(frozen=True)
class Crisis:
    """What stands at the foot of each client's page."""

    intro: str
    lines: list[HelpLine]


_DANGER = HelpLine("Danger to life", "999, or go to A&E", href="tel:999")
_SAMARITANS = HelpLine("Samaritans", "116 123", "free, day and night", "tel:116123")
_SHOUT = HelpLine("Shout", "text SHOUT to 85258", "day and night", "sms:85258")
_BREATHING_SPACE = HelpLine(
    "Breathing Space",
    "0800 83 85 87",
    "free; Monday to Thursday 6 pm to 2 am, Friday 6 pm to Monday 6 am",
    "tel:0800838587",
)
_LIFELINE = HelpLine("Lifeline", "0808 808 8000", "free, day and night", "tel:08088088000")
_ANYWHERE = HelpLine("Your doctor, the nearest hospital or a local helpline", "can tell you where to turn")


def _urgent(how: str, note: str) -> HelpLine:
    return HelpLine("Urgent help with your mental health", how, note, "tel:111")


_LINES: dict[str, list[HelpLine]] = {
    Nation.ENGLAND: [_DANGER, _urgent("111, then the mental health option (2)", "day and night"), _SAMARITANS, _SHOUT],
    Nation.WALES: [_DANGER, _urgent("111, then press 2", "free, day and night"), _SAMARITANS, _SHOUT],
    Nation.SCOTLAND: [
        _DANGER, _urgent("111, then the mental health option", "day and night"), _BREATHING_SPACE, _SAMARITANS, _SHOUT,
    ],
    Nation.NORTHERN_IRELAND: [_DANGER, _LIFELINE, _SAMARITANS, _SHOUT],
    Nation.OTHER: [_ANYWHERE],
}  # fmt: skip

_MAIL_DANGER = "Danger to life: 999 or A&E"
_MAIL_SAMARITANS = "Samaritans: 116 123, free, day and night"
_MAIL_SHOUT = "Shout: text SHOUT to 85258"
_MAIL_LINES: dict[str, list[str]] = {
    Nation.ENGLAND: [
        _MAIL_DANGER, "Urgent help: 111, then the mental health option (2), day and night",
        _MAIL_SAMARITANS, _MAIL_SHOUT,
    ],
    Nation.WALES: [_MAIL_DANGER, "Urgent help: 111, then press 2, day and night", _MAIL_SAMARITANS, _MAIL_SHOUT],
    Nation.SCOTLAND: [
        _MAIL_DANGER, "Urgent help: 111, then the mental health option, day and night",
        "Breathing Space: 0800 83 85 87, free, evenings, nights and weekends", _MAIL_SAMARITANS, _MAIL_SHOUT,
    ],
    Nation.NORTHERN_IRELAND: [
        _MAIL_DANGER, "Lifeline: 0808 808 8000, free, day and night", _MAIL_SAMARITANS, _MAIL_SHOUT,
    ],
    Nation.OTHER: [
        "In danger: your local emergency number", "Otherwise: your doctor, the nearest hospital or a local helpline",
    ],
}  # fmt: skip


def help_lines(nation: str) -> Crisis:
    """Return what a client's page shows. Raise KeyError for a nation that is none of ours."""
    danger = (
        "If you are in danger, call your local emergency number."
        if nation == Nation.OTHER
        else "If you are in danger, or not sure you can keep yourself safe, call 999 or go to A&E."
    )
    return Crisis(f"{UNWATCHED} {danger}", list(_LINES[nation]))


def mail_lines(nation: str) -> list[str]:
    """Return the short lines at the foot of a client's mail. Raise KeyError for a nation that is none of ours."""
    return list(_MAIL_LINES[nation])
