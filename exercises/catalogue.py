"""What a counsellor finds in the library: what ships, their own, and what the practice shares."""

from django.db.models import OuterRef, Prefetch, Q, QuerySet, Subquery

from exercises.models import Assignment, Exercise, ExerciseVersion, Programme, ProgrammeStep
from exercises.selectors import current_versions
from practice.models import User


def seen_by(viewer: User, path: str = "") -> Q:
    """Return the condition for what ships, what is the viewer's own and what is shared; `path` leads to its row."""
    return Q(**{f"{path}made_by": None}) | Q(**{f"{path}made_by": viewer}) | Q(**{f"{path}is_shared": True})


def versions_for(viewer: User) -> QuerySet[ExerciseVersion]:
    """Return the newest words of every exercise that the viewer may look at, their own put-away ones too."""
    is_offered = Q(exercise__put_away_at=None) | Q(exercise__made_by=viewer)
    return current_versions().filter(seen_by(viewer, "exercise__"), is_offered).select_related("exercise__made_by")


def library_of(viewer: User) -> QuerySet[ExerciseVersion]:
    """Return the newest words of every exercise that the viewer may give, in the library's order; one query."""
    return versions_for(viewer).filter(exercise__put_away_at=None)


def own_of(viewer: User, *, put_away: bool = False) -> QuerySet[ExerciseVersion]:
    """Return the newest words of what the viewer wrote: what is offered, or what is put away."""
    return current_versions().filter(exercise__made_by=viewer, exercise__put_away_at__isnull=not put_away)


def own_exercises(viewer: User) -> QuerySet[Exercise]:
    """Return what the viewer wrote, put away or not."""
    return Exercise.objects.filter(made_by=viewer)


def with_older(viewer: User, newest: ExerciseVersion) -> int:
    """Return how many of the viewer's clients have an older version of an exercise and have not answered it."""
    waiting = Assignment.visible_to(viewer).filter(
        version__exercise=newest.exercise_id, version__number__lt=newest.number, state=Assignment.State.ASSIGNED
    )
    return waiting.values("client").distinct().count()


# --- programmes ------------------------------------------------------------------------------------
def programmes_for(viewer: User) -> QuerySet[Programme]:
    """Return the programmes that the viewer may look at, their own put-away ones too. Steps as `steps_with_words`."""
    is_offered = Q(put_away_at=None) | Q(made_by=viewer)
    return _with_steps(Programme.objects.filter(seen_by(viewer), is_offered))


def programmes_of(viewer: User) -> QuerySet[Programme]:
    """Return the programmes that the viewer may start, in order; two queries. Steps as `steps_with_words`."""
    return programmes_for(viewer).filter(put_away_at=None)


def own_programmes(viewer: User) -> QuerySet[Programme]:
    """Return the programmes that the viewer wrote, put away or not. Steps as `steps_with_words`."""
    return _with_steps(Programme.objects.filter(made_by=viewer))


def steps_with_words() -> QuerySet[ProgrammeStep]:
    """Return steps with their exercise, and `title` and `minutes` of its newest words."""
    newest = ExerciseVersion.objects.filter(exercise=OuterRef("exercise")).order_by("-number")
    words = {name: Subquery(newest.values(name)[:1]) for name in ("title", "minutes")}
    return ProgrammeStep.objects.select_related("exercise").annotate(**words).order_by("position")


def steps_to_choose(viewer: User, programme: Programme | None = None) -> dict[str, tuple[Exercise, str]]:
    """Return {slug: (exercise, title)} of what a programme may be made of: the library, and what it holds already."""
    choices = {version.exercise.slug: (version.exercise, version.title) for version in library_of(viewer)}
    held = programme.steps.all() if programme is not None else []
    for step in held:
        choices.setdefault(step.exercise.slug, (step.exercise, f"{_title(step)} (put away)"))
    return choices


def _title(step: ProgrammeStep) -> str:
    """Return the title of a step that came from `steps_with_words`."""
    return str(getattr(step, "title", step.exercise.slug))


def _with_steps(programmes: QuerySet[Programme]) -> QuerySet[Programme]:
    return programmes.select_related("made_by").prefetch_related(Prefetch("steps", queryset=steps_with_words()))
