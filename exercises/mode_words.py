"""When a step of a programme comes, in words."""

from exercises.models import Mode, Programme, ProgrammeStep

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_WORDS = {
    Mode.TOGETHER: "together with the one before",
    Mode.WHEN_DONE: "as soon as the one before is done",
    Mode.DONE_PLUS: "{days} after the one before is done",
    Mode.EVERY: "{days} after the one before was sent",
    Mode.ON_DATE: "on a date that you choose when it starts",
    Mode.AFTER_SESSION: "{days} after each session",
    Mode.BEFORE_SESSION: "the day before the next session",
    Mode.WEEKDAYS: "on the days of the week that you choose",
}
# Nothing is before the first step but the start.
_OF_THE_FIRST = {
    Mode.TOGETHER: "at the start",
    Mode.WHEN_DONE: "at the start",
    Mode.DONE_PLUS: "{days} after the start",
    Mode.EVERY: "{days} after the start",
}


def when_it_comes(mode: str, days: int = 0, is_first: bool = False) -> str:
    """Return when a step comes, as the end of a sentence: "five days after the one before is done".

    Raise ValueError for a mode that there is not.
    """
    known = Mode(mode)
    if known == Mode.AFTER_SESSION and days == 0:
        return "on the day of each session"
    words = _OF_THE_FIRST.get(known) if is_first else None
    return (words or _WORDS[known]).format(days=days_in_words(days))


def days_in_words(days: int) -> str:
    """Return "one day", "five days", "21 days"."""
    number = _NUMBERS[days] if 0 <= days < len(_NUMBERS) else str(days)
    return f"{number} {'day' if days == 1 else 'days'}"


def in_words(programme: Programme) -> list[tuple[ProgrammeStep, str]]:
    """Return the steps of a programme, each with when it comes."""
    steps = programme.steps.all()
    return [(step, when_it_comes(step.mode, step.days, is_first=at == 0)) for at, step in enumerate(steps)]
