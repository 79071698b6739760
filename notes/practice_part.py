"""The practice that stands before a note: what came back, and "what did we learn", saved with the note's form."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict

from exercises.before import Before, before_session
from exercises.forms import ReviewForm
from exercises.selectors import assignments
from exercises.services import ReviewedElsewhere, mark_of, review_answer
from practice.models import User
from sessions.models import ClientSession
from vault.errors import VaultError

# The button that saves what was learned; a note that was typed is kept as a draft along with it.
LEARN = "learn"
ELSEWHERE = (
    "This was reviewed in another window meanwhile, so it was not saved. It can be changed on the answer's page."
)
DAMAGED = "What was learned before does not open, so nothing was written over it."


class LearnedForm(ReviewForm):
    """What was learned, in the note's own form. `practice` is the assignment that it is about."""

    practice = forms.UUIDField(required=False, widget=forms.HiddenInput)


@dataclass(frozen=True)
class PracticePart:
    """The practice before a session, and the question; without a form where it was reviewed or nothing came back."""

    before: Before
    form: LearnedForm | None


def practice_part(viewer: User, session: ClientSession, typed: LearnedForm | None = None) -> PracticePart | None:
    """Return what stands before the note; None where nothing was given. `typed` is shown again as it came."""
    before = before_session(viewer, session)
    if before is None:
        return None
    if typed is not None and typed.errors:
        return PracticePart(before, typed)
    if not before.assignment.is_to_review or before.learned.is_damaged:
        return PracticePart(before, None)
    return PracticePart(before, LearnedForm(initial={"practice": before.assignment.pk}))


def keep_learned(viewer: User, session: ClientSession, post: QueryDict) -> LearnedForm:
    """Save what was learned where somebody wrote it or pressed its button. The form says why where it is refused."""
    form = LearnedForm(post)
    if not form.is_valid() or not form.cleaned_data["practice"]:
        return form
    learned = form.cleaned_data["learned"]
    row = assignments(viewer).filter(client=session.client_id, pk=form.cleaned_data["practice"]).first()
    if row is None or row.answered_at is None or not (learned or LEARN in post):
        return form
    try:
        if row.reviewed_at is not None and row.learned != learned:
            form.add_error("learned", ELSEWHERE)
        else:
            review_answer(actor=viewer, assignment=row, learned=learned, seen=mark_of(""))
    except ReviewedElsewhere:
        form.add_error("learned", ELSEWHERE)
    except VaultError:
        form.add_error("learned", DAMAGED)
    return form
