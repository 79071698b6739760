"""The practice that stands before a note: what came back, and "what did we learn"."""

from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from exercises.models import Answer, Assignment
from exercises.services import review_answer
from notes.models import Note
from practice.models import AuditEntry
from sessions.models import ClientSession
from tests.exercises.factories import damage as damage_only_row
from tests.exercises.factories import make_assignment, make_version
from tests.exercises.pages import read
from tests.notes.browsing import signed_in, write_url
from tests.notes.factories import make_note, make_past_session

pytestmark = pytest.mark.django_db
State = Assignment.State


def given(session: ClientSession, title: str = "Soothing rhythm", days_before: int = 3, **fields: Any) -> Assignment:
    at = session.starts_at - timedelta(days=days_before)
    values = {"state": State.DONE, "answer": {"line": "The shoulders sank"}, "assigned_at": at, **fields}
    if values["state"] != State.DONE:
        values["answer"] = None
    return make_assignment(session.client, version=make_version(f"slug-{title.lower()}", title=title), **values)


def page_of(session: ClientSession) -> str:
    return read(signed_in(session.counsellor).get(write_url(session)))


def post(session: ClientSession, practice: Assignment, **fields: str) -> Any:
    form = {"text": "", "version": "0", "practice": str(practice.pk), "learned": "", **fields}
    return signed_in(session.counsellor).post(write_url(session), form)


def stored() -> tuple[str, bool, list[str]]:
    row = Assignment.unscoped.get()
    return row.learned, row.reviewed_at is not None, [note.text for note in Note.unscoped.all()]


def test_the_last_practice_and_its_answer_stand_before_the_notes_words() -> None:
    session = make_past_session()
    row = given(session)

    text = page_of(session)

    practice, question, words = (text.index(part) for part in ("The shoulders sank", 'name="learned"', 'name="text"'))
    assert practice < question < words
    assert text.count("Practice since last time") == 1
    assert "Practice before this session" not in text
    traces = AuditEntry.objects.values_list("deed", "subject_id")
    assert list(traces) == [("answer.read", row.pk)]


def test_of_several_the_latest_answer_stands_in_full_and_the_others_as_lines() -> None:
    session = make_past_session()
    make_past_session(client=session.client, starts_at=session.starts_at - timedelta(days=7))
    now = timezone.now()
    then = session.starts_at - timedelta(days=20)
    given(session, "Long ago", 30, reviewed_at=then, answered_at=then)
    given(session, "Unread", 28, answer={"line": "From before"}, answered_at=then)
    given(session, "Latest", 4, answered_at=now - timedelta(hours=30))
    given(session, "Earlier", 5, answer={"line": "Earlier words"}, answered_at=now - timedelta(hours=60))
    given(session, "With them", 1, state=State.ASSIGNED)
    given(session, "Afterwards", -1, state=State.ASSIGNED)

    text = page_of(session)

    assert [word in text for word in ("Latest", "Earlier", "With them", "Unread")] == [True] * 4
    assert [word in text for word in ("Long ago", "Afterwards", "Earlier words", "From before")] == [False] * 4
    assert "Also since last time: 3" in text


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"state": State.NOT_NOW}, "No reason was asked for."),
        ({"state": State.TOO_MUCH}, "They said it was too much"),
        ({"state": State.GONE_BY}, "A newer one took its place"),
        ({"state": State.ASSIGNED}, "Nothing has come back so far, and that is all right."),
        ({"answer": {}, "sharing": "done_only"}, "kept what they wrote to themselves."),
    ],
)
def test_what_has_no_words_has_a_kind_sentence(fields: dict[str, Any], words: str) -> None:
    session = make_past_session()
    given(session, **fields)
    assert words in page_of(session)
    assert AuditEntry.objects.count() == 0


def test_what_is_kept_is_never_shown() -> None:
    session = make_past_session()
    row = given(session, answer=None)
    Answer.unscoped.create(
        assignment=row, client=row.client, sharing="kept", values={}, kept=b"sealed", kept_by_link=row.pk
    )
    assert "only the link in their mail opens it" in page_of(session)


def test_without_practice_nothing_stands_there() -> None:
    session = make_past_session()
    given(make_past_session())
    assert "Practice since last time" not in page_of(session)


def test_what_was_learned_is_kept_by_its_own_button() -> None:
    session = make_past_session()
    row = given(session)

    answer = post(session, row, learned="Evenings are kinder.", learn="")

    assert answer.headers["Location"] == write_url(session)
    assert stored() == ("Evenings are kinder.", True, [])
    text = page_of(session)
    assert ("Evenings are kinder." in text, 'name="learned"' in text) == (True, False)


def test_what_was_learned_from_an_older_answer_stays_on_the_page() -> None:
    session = make_past_session()
    make_past_session(client=session.client, starts_at=session.starts_at - timedelta(days=7))
    row = given(session, days_before=20, answered_at=session.starts_at - timedelta(days=19))
    post(session, row, learned="Evenings are kinder.", learn="")
    assert "Evenings are kinder." in page_of(session)


def test_the_typed_note_is_kept_along_with_it() -> None:
    session = make_past_session()
    row = given(session)

    answer = post(session, row, learned="Evenings are kinder.", text="We began with the breath.", learn="")

    assert answer.headers["Location"] == write_url(session)
    assert stored() == ("Evenings are kinder.", True, ["We began with the breath."])
    assert Note.unscoped.get().is_signed is False


def test_the_button_alone_marks_it_as_reviewed() -> None:
    session = make_past_session()
    post(session, given(session), learn="")
    assert stored() == ("", True, [])


def test_saving_the_note_saves_what_was_learned_and_reviews_nothing_without_words() -> None:
    session = make_past_session()
    row = given(session)

    post(session, row, text="First words.", save="")
    without = stored()
    post(session, row, text="All the words.", version="1", learned="Slowly.", sign="")

    assert without == ("", False, ["First words."])
    assert stored() == ("Slowly.", True, ["All the words."])
    assert Note.unscoped.get().is_signed is True


def test_the_same_form_sent_twice_does_no_harm() -> None:
    session = make_past_session()
    row = given(session)
    codes = [post(session, row, learned="Slowly.", learn="").status_code for _ in "ab"]
    assert (codes, stored()) == ([302, 302], ("Slowly.", True, []))
    assert AuditEntry.objects.filter(deed="exercise.review").count() == 1


def test_what_another_window_has_learned_is_not_written_over_and_all_that_was_typed_stays() -> None:
    session = make_past_session()
    row = given(session)
    review_answer(actor=session.counsellor, assignment=row, learned="From there.")

    answer = post(session, row, learned="From here.", text="The note.", save="")

    text = read(answer)
    assert answer.status_code == 422
    assert [words in text for words in ("From here.", "The note.", "reviewed in another window")] == [True] * 3
    assert stored() == ("From there.", True, [])


@pytest.mark.parametrize("learned", ["a" * 50_001, "nul \x00"])
def test_words_that_cannot_be_taken_stay_beside_the_note(learned: str) -> None:
    session = make_past_session()
    answer = post(session, given(session), learned=learned, text="The note.", save="")
    text = read(answer)
    assert (answer.status_code, learned.strip("\x00") in text, "The note." in text) == (422, True, True)
    assert stored() == ("", False, [])


def test_a_note_that_cannot_be_saved_stays_and_what_was_learned_is_kept() -> None:
    note = make_note(text="From the other tab.", version=3)
    row = given(note.session)

    answer = post(note.session, row, learned="Slowly.", text="From this tab.", version="2", save="")

    assert answer.status_code == 409
    assert "From this tab.</textarea>" in read(answer)
    assert stored() == ("Slowly.", True, ["From the other tab."])


def test_another_clients_practice_is_left_alone() -> None:
    session, other = make_past_session(), make_past_session()
    post(session, given(other), learned="Not theirs.", learn="")
    assert stored() == ("", False, [])


def test_words_that_do_not_open_are_marked_and_not_written_over() -> None:
    session = make_past_session()
    row = given(session)
    damage_only_row("exercises_assignment", "learned")

    text = page_of(session)
    answer = post(session, row, learned="New.", text="The note.", save="")

    assert ("What was learned could not be opened" in text, 'name="learned"' in text) == (True, False)
    assert (answer.status_code, "New." in read(answer), Note.unscoped.count()) == (422, True, 0)


def test_a_signed_note_shows_the_practice_without_the_question() -> None:
    note = make_note(is_signed=True)
    row = given(note.session)
    answer = post(note.session, row, text="One thing more.", save="")
    text = read(answer)
    assert (answer.status_code, "The shoulders sank" in text, 'name="learned"' in text) == (409, True, False)


def test_more_answers_to_it_can_be_read_together() -> None:
    session = make_past_session()
    version = make_version("soothing", title="Soothing rhythm")
    for days in (3, 2, 1):
        given(session, days_before=days)
        Assignment.unscoped.update(version=version)
    assert "2 more answers to it wait to be read" in page_of(session)
    assert reverse("exercises:review_all", args=[session.client_id, "soothing"]) in page_of(session)
