"""An answer reviewed, and what was learned."""

from datetime import datetime

import pytest
from django.db import DatabaseError
from django.urls import reverse

from exercises import services
from exercises.models import Assignment
from tests.exercises.factories import browser_of, deeds, make_assignment, refuse_audit
from tests.factories import make_user

pytestmark = pytest.mark.django_db
State = Assignment.State


def reviewed() -> tuple[datetime | None, str]:
    row = Assignment.unscoped.get()
    return row.reviewed_at, row.learned


def test_reviewing_keeps_what_was_learned_and_the_first_day() -> None:
    assignment, actor = make_assignment(state=State.DONE, answer={}), make_user()

    services.review_answer(actor=actor, assignment=assignment, learned="The critic means well.")
    first = reviewed()
    services.review_answer(actor=actor, assignment=assignment, learned="The critic means well.")
    services.review_answer(actor=actor, assignment=assignment, learned="And is tired.")

    assert first[1] == "The critic means well."
    assert reviewed() == (first[0], "And is tired.")
    assert deeds() == ["exercise.review", "exercise.review"]


def test_nothing_to_review_before_an_answer() -> None:
    assignment = make_assignment()
    with pytest.raises(services.NothingToReview):
        services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="")


def test_what_cannot_be_audited_is_not_reviewed(monkeypatch: pytest.MonkeyPatch) -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    refuse_audit(monkeypatch)
    with pytest.raises(DatabaseError):
        services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="x")
    assert reviewed() == (None, "")


def test_a_form_that_began_from_other_words_writes_nothing_over() -> None:
    assignment, actor = make_assignment(state=State.DONE, answer={}), make_user()
    began = services.mark_of(assignment.learned)
    services.review_answer(actor=actor, assignment=assignment, learned="Written in the note.", seen=began)

    with pytest.raises(services.ReviewedElsewhere):
        services.review_answer(actor=actor, assignment=assignment, learned="", seen=began)

    assert (reviewed()[1], deeds().count("exercise.review")) == ("Written in the note.", 1)


def test_the_page_shows_both_texts_and_the_next_press_has_seen_them() -> None:
    assignment = make_assignment(state=State.DONE, answer={})
    browser, url = browser_of(assignment.client.counsellor), reverse("exercises:review", args=[assignment.pk])
    stale = {"learned": "From the old tab", "seen": services.mark_of("")}
    services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="Written in the note.")

    page = browser.post(url, stale)

    text = page.content.decode()
    assert (page.status_code, "From the old tab" in text, "Written in the note." in text) == (409, True, True)
    again = {"learned": "Both", "seen": services.mark_of("Written in the note.")}
    assert browser.post(url, again).status_code == 302
    assert reviewed()[1] == "Both"


def test_what_was_emptied_elsewhere_is_said_to_be_empty() -> None:
    assignment = make_assignment(state=State.DONE, answer={}, learned="Older words.")
    services.review_answer(actor=assignment.assigned_by, assignment=assignment, learned="")
    stale = {"learned": "From the old tab", "seen": services.mark_of("Older words.")}

    page = browser_of(assignment.client.counsellor).post(reverse("exercises:review", args=[assignment.pk]), stale)

    text = page.content.decode()
    assert (page.status_code, "This was emptied elsewhere" in text, "From the old tab" in text) == (409, True, True)
    assert reviewed()[1] == ""


def test_words_that_are_too_long_are_not_said_to_be_changed_elsewhere() -> None:
    assignment = make_assignment(state=State.DONE, answer={}, learned="Older words.")
    typed = {"learned": "a" * 50_001, "seen": services.mark_of("Older words.")}
    page = browser_of(assignment.client.counsellor).post(reverse("exercises:review", args=[assignment.pk]), typed)
    assert (page.status_code, "elsewhere meanwhile" in page.content.decode()) == (422, False)
