"""When a step of a programme comes, in words."""

from exercises.models import Mode

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def when_it_comes(mode: str, days: int = 0, is_first: bool = False) -> str:
    """Return when a step comes, as the end of a sentence: "five days after the one before is done".

    Of the first step, "the one before" is the start itself. Raise ValueError for a mode that there is not.
    """
    match Mode(mode):
        case Mode.TOGETHER:
            return "at the start" if is_first else "together with the one before"
        case Mode.WHEN_DONE:
            return "at the start" if is_first else "as soon as the one before is done"
        case Mode.DONE_PLUS:
            return f"{days_in_words(days)} after {'the start' if is_first else 'the one before is done'}"
        case Mode.EVERY:
            return f"{days_in_words(days)} after {'the start' if is_first else 'the one before was sent'}"
        case Mode.ON_DATE:
            return "on a date that you choose when it starts"
        case Mode.AFTER_SESSION:
            return f"{days_in_words(days)} after each session" if days else "on the day of each session"
        case Mode.BEFORE_SESSION:
            return "the day before the next session"
        case Mode.WEEKDAYS:
            return "on the days of the week that you choose"


def days_in_words(days: int) -> str:
    """Return "one day", "five days", "21 days"."""
    number = _NUMBERS[days] if 0 <= days < len(_NUMBERS) else str(days)
    return f"{number} {'day' if days == 1 else 'days'}"
