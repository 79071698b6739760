"""The questions that close every exercise: how far, how helpful, whether it showed up in the day, what got in the way.

They are asked by the program and stand in no exercise. Half done and tried count in full: engagement goes with how
helpful it is and how it is reviewed, and about 41 % of exercises came back at all in four trials (docs/exercises.md).
"""

from exercises.answer_fields import AnswerField
from exercises.models import ExerciseVersion

CLOSING: tuple[AnswerField, ...] = (
    AnswerField(
        name="how_far",
        kind="choice",
        label="How far did it go?",
        help="Each of these is a full answer.",
        options=("I did it", "I did some of it", "I gave it a try"),
    ),
    AnswerField(
        name="helpful",
        kind="scale",
        label="How helpful was this?",
        help="Any number is a good answer.",
        low="not at all",
        high="very",
    ),
    AnswerField(
        name="in_my_day",
        kind="choice",
        label="Has any of it shown up in your day?",
        help="Even for a moment, and even if you only noticed it afterwards.",
        options=("Yes", "A little", "Not so far"),
    ),
    AnswerField(
        name="in_the_way",
        kind="tick",
        label="Did anything get in the way?",
        help="Tick as many as fit, or none.",
        options=(
            "It slipped my mind", "There wasn't much time", "Hard feelings came up", "It didn't suit me",
            "Something else",
        ),
    ),
)  # fmt: skip


def asked(version: ExerciseVersion) -> list[AnswerField]:
    """Return a version's own parts, then those closing questions that it does not ask itself, as older ones did.

    Raise LibraryError where a stored part is none.
    """
    own = [AnswerField.from_json(stored) for stored in version.fields]
    names = {field.name for field in own}
    return [*own, *(field for field in CLOSING if field.name not in names)]
