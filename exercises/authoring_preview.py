"""What is being written, as the client will see it: as far as it is ready. Nothing is saved, no link is made."""

from typing import Any

from exercises.answer_form import AnswerForm
from exercises.authoring_writing import Writing
from practice.models import User


def preview_of(writing: Writing, viewer: User) -> dict[str, Any]:
    """Return what the client's page needs. A question that lacks something is left out, and counted."""
    writing.is_valid()
    version = writing.draft()
    return {
        "version": version,
        "form": AnswerForm(version=version, counsellor_name=viewer.name, auto_id="seen_%s"),
        "left_out": len(writing.questions) - len(version.fields),
        "counsellor_name": viewer.name,
    }
