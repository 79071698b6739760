"""The page on which an exercise is written: rows that are added and moved, errors at their field, nothing lost."""

import re
from typing import Any
from uuid import UUID

import pytest
from django.test import Client as Browser

from exercises.models import Exercise, ExerciseVersion
from exercises.publishing import publish_shipped
from practice.keeping import Sheet, keep
from practice.models import User
from tests.exercises.authoring import make_own, order, posted, question, whole_form
from tests.exercises.factories import browser_of, make_version
from tests.exercises.pages import heading, read
from tests.factories import make_user

pytestmark = pytest.mark.django_db

WRITE = "/exercises/write/"


@pytest.fixture
def me() -> User:
    return make_user()


@pytest.fixture
def browser(me: User) -> Browser:
    return browser_of(me)


def value(text: str, name: str) -> str:
    """Return what stands in a text area or a line."""
    found = re.search(rf'<textarea name="{name}"[^>]*>\s*(.*?)</textarea>', text)
    found = found or re.search(rf'name="{name}" value="(.*?)"', text)
    return found[1] if found else ""


def test_a_new_exercise_begins_with_three_steps_and_a_question(browser: Browser) -> None:
    answer = browser.get(WRITE)
    text = read(answer)
    assert (heading(answer), order(text, "step"), order(text, "question")) == (
        "Write an exercise", ["s1", "s2", "s3"], ["q1"],
    )  # fmt: skip
    assert "error-summary" not in text


def test_it_is_published_and_shown(browser: Browser, me: User) -> None:
    answer = browser.post(WRITE, posted(deed="publish"))
    version = ExerciseVersion.objects.get()
    assert answer.headers["Location"] == f"/exercises/{version.exercise.slug}/"
    assert (version.exercise.made_by, version.exercise.way, version.minutes) == (me, "mindful", 5)
    assert version.steps == ["Put the kettle on.", "Look **out**."]
    assert version.plan_prompts == ["after lunch", "before the bus"]
    assert [(one["name"], one["kind"], one["label"]) for one in version.fields] == [
        ("q1", "long_text", "What did you see?"),
        ("q2", "scale", "How warm was it?"),
    ]


def test_every_kind_can_be_asked(browser: Browser) -> None:
    rows = {
        **question("q1", "text", "A word", **{"in_patterns": "on"}),
        **question("q2", "before_after", "How calm?", low="not", high="very"),
        **question("q3", "choice", "Which?", options="Tea\n\nCoffee"),
        **question("q4", "tick", "Which of these?", options="Sun\nRain"),
        **question("q5", "pair", "Two voices", left="Critic", right="Kind"),
        **question("q6", "circles", "Your circles"),
        **question("q7", "timer", "A while", seconds="90"),
        **question("q8", "pacer", "A rhythm", breath_in="4", breath_out="6", seconds="120"),
        **question("q9", "reading", "A thought", text="*Softly.*"),
    }
    order_of_all = [f"q{number}" for number in range(1, 10)]
    sent = posted(**rows, **{"question-order": order_of_all, "instead_of_breath": "Warm hands."})
    assert browser.post(WRITE, sent).status_code == 302
    found = ExerciseVersion.objects.get().fields
    assert [one["kind"] for one in found] == [
        "text", "before_after", "choice", "tick", "pair", "circles", "timer", "pacer", "reading",
    ]  # fmt: skip
    assert (found[0]["in_patterns"], found[2]["options"], found[4]["in_patterns"]) == (True, ["Tea", "Coffee"], True)
    assert (found[6]["seconds"], found[7]["breath_out"], found[0]["seconds"]) == (90, 6, 0)


@pytest.mark.parametrize("slug", ["kind-voice", "soothing-rhythm", "compassionate-letter"])
def test_a_copy_of_what_ships_says_the_same_and_is_ones_own(slug: str, browser: Browser, me: User) -> None:
    publish_shipped()
    source = ExerciseVersion.objects.get(exercise__slug=slug)
    copied = whole_form(browser.get(f"{WRITE}?from={slug}"))
    assert browser.post(f"{WRITE}?from={slug}", copied).status_code == 302
    copy = ExerciseVersion.objects.get(exercise__made_by=me)
    same = ("title", "purpose", "minutes", "steps", "instead_of_breath", "fields", "care", "stop", "sources")
    assert {name: getattr(copy, name) for name in same} == {name: getattr(source, name) for name in same}
    assert (copy.exercise.based_on, copy.exercise.way) == (source, source.exercise.way)


def test_editing_keeps_the_names_of_questions_and_begins_from_the_newest(browser: Browser, me: User) -> None:
    version = make_own(me, slug="mine")
    form = whole_form(browser.get("/exercises/mine/edit/"))
    assert form["begun_from"] == "1"
    form["title"] = "Another title"
    assert browser.post("/exercises/mine/edit/", form).headers["Location"] == "/exercises/mine/"
    newest = version.exercise.versions.get(number=2)
    # `helpful` and `in_the_way` are asked by the program itself.
    assert (newest.title, [one["name"] for one in newest.fields]) == ("Another title", ["line", "page", "sound"])


@pytest.mark.parametrize(
    ("deed", "steps", "questions", "focus"),
    [
        ("step:down:s1", ["s2", "s1"], ["q1", "q2"], "step-s1-up"),
        ("step:up:s2", ["s2", "s1"], ["q1", "q2"], "step-s2-down"),
        ("step:out:s1", ["s2"], ["q1", "q2"], "step-add"),
        ("question:up:q2", ["s1", "s2"], ["q2", "q1"], "question-q2-down"),
        ("question:out:q1", ["s1", "s2"], ["q2"], "question-add"),
        ("question:up:nobody", ["s1", "s2"], ["q1", "q2"], "question-add"),
        ("again", ["s1", "s2"], ["q1", "q2"], ""),
    ],
)
def test_a_rows_button_moves_it_and_loses_nothing(
    deed: str, steps: list[str], questions: list[str], focus: str, browser: Browser
) -> None:
    text = read(browser.post(WRITE, posted(title="", deed=deed)))
    assert (order(text, "step"), order(text, "question")) == (steps, questions)
    assert value(text, "step-s2-text") == "Look **out**."
    assert value(text, "plan_prompts") == "after lunch before the bus "
    assert ("error-summary" in text, re.findall(r'id="([\w-]+)" autofocus', text)) == (False, [focus] if focus else [])
    assert Exercise.objects.count() == 0


def test_a_new_row_is_empty_and_has_a_name_of_its_own(browser: Browser, me: User) -> None:
    text = read(browser.post(WRITE, posted(deed="question:add:")))
    assert order(text, "question") == ["q1", "q2", "q3"]
    assert order(read(browser.post(WRITE, posted(deed="step:add:"))), "step") == ["s1", "s2", "s3"]
    make_own(me, slug="mine", fields=[{"name": "q3", "kind": "text", "label": "An older one"}])
    make_version("mine", fields=[])
    text = read(browser.post("/exercises/mine/edit/", posted(deed="question:add:")))
    assert order(text, "question") == ["q1", "q2", "q4"]


def test_words_that_are_kept_find_the_row_that_nobody_saved(browser: Browser, me: User) -> None:
    words = {"step-s5-text": "A later step.", "question-q3-label": "A later question?", "title": "Tea"}
    keep(user=me, sheet=Sheet(WRITE, me.pk), words=words)
    text = read(browser.get(WRITE))
    assert (order(text, "step"), order(text, "question")) == (["s1", "s2", "s3", "s5"], ["q1", "q3"])
    assert "data-kept=" in text


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"title": ""}, "Title: Please give it a title."),
        ({"minutes": "61"}, "Minutes: Please give a number from 1 to 60."),
        ({"way": ""}, "Where it belongs: Please choose where it belongs."),
        ({"step-s1-text": "", "step-s2-text": " "}, "Please write one step or more."),
        ({"question-q1-label": ""}, "Question 1, What they are asked: Please write the question"),
        ({"question-q2-high": ""}, "Question 2, 10 is: Please name what 10 stands for."),
        (question("q2", "choice", "Which?", options="One"), "Question 2, Answers to choose from: It needs two options"),
        (
            question("q2", "tick", "Which?", options="One\nOne"),
            "choose from: Two options have the same name.",
        ),
        (question("q2", "timer", "A while", seconds="5"), "Whole length, seconds: Please give a whole number from 10"),
        (question("q2", "pacer", "A rhythm"), "Another way, without the breath: A breath to follow needs another way"),
        ({"purpose": "a" * 20_001}, "What it is for: This is longer than fits here (20,000 characters)."),
        ({"title": "a" * 121}, "Title: This is longer than fits here (120 characters)."),
    ],
)
def test_what_is_amiss_is_said_at_its_field_and_nothing_is_lost(
    changes: dict[str, Any], said: str, browser: Browser
) -> None:
    answer = browser.post(WRITE, posted(**changes))
    text = read(answer)
    assert (answer.status_code, said in re.sub("<[^>]+>", "", text)) == (422, True)
    assert value(text, "plan_prompts") == "after lunch before the bus "
    assert Exercise.objects.count() == 0


def test_more_rows_than_there_is_room_for_are_refused_kindly(browser: Browser) -> None:
    keys = [f"s{number}" for number in range(1, 42)]
    many = posted(**{"step-order": keys}, **{f"step-{key}-text": "One more." for key in keys})
    answer = browser.post(WRITE, many)
    assert (answer.status_code, len(order(read(answer), "step"))) == (422, 41)
    assert "An exercise has room for 40 steps." in read(answer)
    assert len(order(read(browser.post(WRITE, {**many, "deed": "step:add:"})), "step")) == 41


def test_what_was_changed_elsewhere_is_shown_and_then_written_over(browser: Browser, me: User) -> None:
    make_own(me, slug="mine")
    mine = whole_form(browser.get("/exercises/mine/edit/"))
    browser.post("/exercises/mine/edit/", {**mine, "title": "From the other window"})
    answer = browser.post("/exercises/mine/edit/", {**mine, "title": "From this one"})
    text = read(answer)
    assert (answer.status_code, '<dt>Title</dt> <dd> <p class="lines">From the other window</p> </dd>' in text) == (
        409,
        True,
    )
    assert (value(text, "title"), value(text, "begun_from")) == ("From this one", "2")
    browser.post("/exercises/mine/edit/", whole_form(answer))
    titles = ExerciseVersion.objects.filter(exercise__slug="mine").order_by("number").values_list("title", flat=True)
    assert list(titles) == ["A quiet minute", "From the other window", "From this one"]


def test_the_number_of_anothers_form_is_refused_with_the_words(browser: Browser) -> None:
    sent = posted()
    browser_of(make_user()).post(WRITE, sent)
    answer = browser.post(WRITE, sent)
    assert (answer.status_code, value(read(answer), "title")) == (409, "Tea and a window")
    assert Exercise.objects.get().pk == UUID(sent["nonce"])


def test_the_preview_shows_what_is_ready_and_saves_nothing(browser: Browser) -> None:
    answer = browser.post("/exercises/preview/", posted(**question("q1", "long_text", ""), title=""))
    text = read(answer)
    assert (answer.status_code, heading(answer)) == (200, "Without a title so far")
    assert ("Look <strong>out</strong>." in text, "How warm was it?" in text) == (True, True)
    assert "1 question still lacks something and is not shown." in text
    assert ("How far did it go?" in text, "Who sees what you write?" in text) == (True, True)
    assert Exercise.objects.count() == 0


def test_markup_of_a_person_stays_text_in_the_preview(browser: Browser) -> None:
    text = browser.post("/exercises/preview/", posted(**{"step-s1-text": "<script>alert(1)</script>"})).content.decode()
    assert ("<script>alert" in text, "&lt;script&gt;alert" in text) == (False, True)


def test_a_kind_that_there_is_not_is_refused_and_not_repeated_as_markup(browser: Browser) -> None:
    answer = browser.post(WRITE, posted(**{"question-q1-kind": "<b>x</b>"}))
    assert (answer.status_code, "<b>x</b>" in answer.content.decode()) == (422, False)


@pytest.mark.parametrize("page", [WRITE, "/exercises/mine/edit/"])
def test_who_may_write(page: str, me: User) -> None:
    make_own(me, slug="mine")
    assert browser_of(make_user("admin")).get(page).status_code == 403
    assert browser_of(me).get(page).status_code == 200


def test_only_ones_own_is_edited(browser: Browser) -> None:
    make_version("ships")
    make_own(make_user(), slug="theirs", is_shared=True)
    pages = [f"/exercises/{slug}/edit/" for slug in ("ships", "theirs", "nowhere")]
    assert [browser.get(page).status_code for page in pages] == [404, 404, 404]
    assert [browser.post(page, posted()).status_code for page in pages] == [404, 404, 404]
