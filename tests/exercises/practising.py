"""The client's link to an exercise, and an answer to every question in it."""

from exercises.models import Assignment
from tests.exercises.factories import make_token

FULL = {
    "q_line": "You again",
    "q_page": "That was hard.\nRest now.",
    "q_helpful": "0",
    "q_sound": "Warm",
    "q_in_the_way": ["No time", "Something else"],
    "sharing": "shared",
}
VALUES = {
    "line": "You again",
    "page": "That was hard.\nRest now.",
    "helpful": 0,
    "sound": "Warm",
    "in_the_way": ["No time", "Something else"],
}


def url(assignment: Assignment, days: int = 7) -> str:
    return f"/x/{make_token(assignment, days)}/"
