"""What a client is asked, in words for the counsellor: each kind of question, and the parts without an answer."""

from dataclasses import dataclass

from exercises.answer_fields import AnswerField
from exercises.closing import CLOSING
from exercises.models import ExerciseVersion


@dataclass(frozen=True)
class Asked:
    """One question as it is listed: its label, and how it is answered."""

    label: str
    how: str


def asked_in_words(version: ExerciseVersion) -> list[Asked]:
    """Return an exercise's own questions and parts; those that close every exercise are not among them."""
    closing = {question.name for question in CLOSING}
    own = [AnswerField.from_json(stored) for stored in version.fields]
    return [Asked(question.label, how_answered(question)) for question in own if question.name not in closing]


def how_answered(question: AnswerField) -> str:
    """Say in a few words how a question is answered."""
    words = {
        "text": "In a few words of their own",
        "long_text": "In their own words",
        "scale": f"A number from 0, {question.low}, to 10, {question.high}",
        "before_after": f"A number from 0, {question.low}, to 10, {question.high}; once before and once after",
        "choice": " · ".join(question.options),
        "tick": " · ".join(question.options),
        "pair": f"Two boxes: “{question.left}” and “{question.right}”",
        "circles": "Three numbers from 0 to 10: threat, drive and soothing",
        "timer": f"A quiet timer, {length(question.seconds)}",
        "pacer": f"A breath to follow: {question.breath_in} seconds in, {question.breath_out} out, "
        f"for {length(question.seconds)}",
        "reading": "Something to read",
    }
    return words[question.kind]


def length(seconds: int) -> str:
    """Return "30 seconds", "one minute", "2 minutes", "1:30 minutes"."""
    minutes, rest = divmod(seconds, 60)
    if minutes == 0:
        return f"{seconds} seconds"
    if rest:
        return f"{minutes}:{rest:02} minutes"
    return "one minute" if minutes == 1 else f"{minutes} minutes"
