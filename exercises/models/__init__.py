"""Rows of compassion practice: the library, programmes, what runs for a client, what was given, what came back."""

from exercises.models.answer import Answer, Draft, Sharing
from exercises.models.assignment import Assignment
from exercises.models.course import GIVEN_WORDS, Course, CourseStep
from exercises.models.library import Exercise, ExerciseVersion
from exercises.models.programme import Mode, Programme, ProgrammeStep

__all__ = [
    "GIVEN_WORDS", "Answer", "Assignment", "Course", "CourseStep", "Draft", "Exercise", "ExerciseVersion", "Mode",
    "Programme", "ProgrammeStep", "Sharing",
]  # fmt: skip
