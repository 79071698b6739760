"""What runs between sessions in the demo: a programme in its third week, a daily practice, a pause, a hard evening."""

from datetime import timedelta
from uuid import uuid4

from clients.models import Client
from config.demo.practice_work import past_answer, past_row, words_for
from config.demo.stage import Stage
from exercises.answers import Key, seal_kept
from exercises.models import Answer, Assignment, Course, CourseStep, Draft, ExerciseVersion, Mode, Programme, Sharing
from exercises.selectors import current_versions
from practice import clock

State = Assignment.State
# Days ago, and (threat, drive, soothing); calm before and after. A trend that one can talk about, no success story.
CIRCLES = [(62, 8, 6, 2), (55, 7, 7, 2), (48, 8, 5, 3), (41, 6, 6, 4), (34, 7, 5, 4), (27, 5, 6, 5), (20, 6, 4, 5)]
CALM = [(60, 2, 4), (53, 3, 4), (46, 3, 6), (39, 4, 4), (32, 3, 6), (24, 4, 7), (18, 5, 6)]
DAILY = [(6, 3, 5), (5, 4, 4), (4, 3, 6), (2, 5, 7)]


def let_practice_run(stage: Stage) -> None:
    """Fill in what a few clients do between sessions; the others keep to single exercises."""
    versions = {version.exercise.slug: version for version in current_versions()}
    people = [client for _, client in stage.clients]
    _history(stage, people[0], versions)
    _programme(stage, people[0], versions)
    _daily(stage, people[2], versions["soothing-rhythm"])
    _kept(stage, people[5], versions["compassionate-letter"])
    _too_much(stage, people[6], versions["compassionate-self"])
    resting = people[10]
    resting.paused_until = clock.today() + timedelta(days=9)
    resting.page_code, resting.page_word = Client.PageCode.WORD, stage.say("lantern")
    resting.save(update_fields=["paused_until", "page_code", "page_word"])


def _history(stage: Stage, client: Client, versions: dict[str, ExerciseVersion]) -> None:
    for days_ago, threat, drive, soothing in CIRCLES:
        given = {"circles": {"threat": threat, "drive": drive, "soothing": soothing}}
        past_answer(stage, client, versions["three-circles"], days_ago=days_ago, is_reviewed=True, given=given)
    for days_ago, before, after in CALM:
        given = {"calm": {"before": before, "after": after}}
        past_answer(stage, client, versions["soothing-rhythm"], days_ago=days_ago, is_reviewed=True, given=given)
    for days_ago in (44, 30, 16):
        past_answer(stage, client, versions["kind-voice"], days_ago=days_ago, is_reviewed=True)
    past_answer(stage, client, versions["compassionate-journal"], days_ago=37, is_reviewed=True)


def _programme(stage: Stage, client: Client, versions: dict[str, ExerciseVersion]) -> None:
    """Let the first client be in the third week of the programme that ships."""
    programme = Programme.objects.get(slug="five-weeks")
    course = _course(stage, client, days_ago=15, programme=programme)
    for each in programme.steps.select_related("exercise"):
        _step(course, versions[each.exercise.slug], each.position, each.mode, each.days)
    came = [(1, 15, 14), (2, 12, 10), (3, 8, 6), (4, 5, 3)]
    for step, (position, days_ago, answered) in zip(course.steps.all(), came, strict=False):
        row = past_answer(
            stage, client, step.version, days_ago=answered, is_reviewed=position < len(came), lasted=days_ago - answered
        )
        _of_step(row, step, "once")


def _daily(stage: Stage, client: Client, version: ExerciseVersion) -> None:
    """Let one client breathe a little each day, with a day left out and one put off."""
    course = _course(stage, client, days_ago=6, nudges=0)
    step = _step(course, version, 1, Mode.WEEKDAYS, weekdays=list(range(7)))
    for days_ago, before, after in DAILY:
        given = {"calm": {"before": before, "after": after}}
        row = past_answer(stage, client, version, days_ago=days_ago, is_reviewed=False, lasted=0, given=given)
        _of_step(row, step, (clock.today() - timedelta(days=days_ago)).isoformat())
    row = past_row(stage, client, version, 3, State.GONE_BY)
    _of_step(row, step, (clock.today() - timedelta(days=3)).isoformat())
    row = past_row(stage, client, version, 1, State.ASSIGNED)
    _of_step(row, step, (clock.today() - timedelta(days=1)).isoformat())
    Draft.unscoped.create(  # no viewer: the demo is built from nothing
        assignment=row, client=client, values={"q_noticed": stage.say("The kettle, and that my shoulders")},
        saved_at=stage.now - timedelta(hours=3),
    )  # fmt: skip


def _kept(stage: Stage, client: Client, version: ExerciseVersion) -> None:
    """Let a letter be kept by who wrote it: nobody has the link, so nobody here can read it."""
    row = past_row(stage, client, version, 8, State.DONE, answered_days_ago=6)
    answer = Answer(id=uuid4(), assignment=row, client=client, sharing=Sharing.KEPT, values={})
    key = Key(uuid4(), f"the-demo-throws-this-away-{uuid4().hex}")
    answer.kept, answer.kept_by_link = seal_kept(answer, {"letter": stage.say("Dear me,")}, key), key.link_id
    answer.save(force_insert=True)
    stage.trace("exercise.answer", client, row.answered_at or stage.now, None, row)


def _too_much(stage: Stage, client: Client, version: ExerciseVersion) -> None:
    row = past_row(stage, client, version, 3, State.TOO_MUCH, answered_days_ago=1)
    stage.trace("exercise.too_much", client, row.answered_at or stage.now, None, row)


# --- the rows --------------------------------------------------------------------------------------------
def _course(
    stage: Stage, client: Client, *, days_ago: int, programme: Programme | None = None, nudges: int = 1
) -> Course:
    started_at = stage.now - timedelta(days=days_ago)
    course = Course.unscoped.create(  # no viewer: the demo is built from nothing
        client=client, programme=programme, started_by=client.counsellor, is_practised_together=True, nudges=nudges,
        starts_on=clock.local(started_at).date(), started_at=started_at, **words_for(stage),
    )  # fmt: skip
    stage.trace("course.start", client, started_at, client.counsellor, course)
    return course


def _step(
    course: Course, version: ExerciseVersion, position: int, mode: str, days: int = 0,
    weekdays: list[int] | None = None,
) -> CourseStep:  # fmt: skip
    return CourseStep.unscoped.create(  # no viewer: the demo is built from nothing
        course=course, client=course.client, version=version, position=position, mode=mode, days=days,
        weekdays=weekdays or [],
    )  # fmt: skip


def _of_step(row: Assignment, step: CourseStep, occurrence: str) -> None:
    row.step, row.occurrence, row.nudges = step, occurrence, step.course.nudges
    row.save(update_fields=["step", "occurrence", "nudges"])
