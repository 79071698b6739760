"""Write an exercise: a new one, a copy, new words of one's own; and look at it as the client will."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from exercises.authoring import ExerciseChanged, publish_words
from exercises.authoring_changes import differences
from exercises.authoring_preview import preview_of
from exercises.authoring_writing import Writing, after_deed, blank, names_of, of_post, of_version, with_kept
from exercises.catalogue import own_exercises, versions_for
from exercises.models import Exercise, ExerciseVersion
from exercises.services import FormUsed
from practice.guards import StaffRequest, may
from practice.keeping import kept_by
from practice.roles import Permission
from practice.scoping import get_or_404
from vault.errors import VaultError


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: StaffRequest) -> HttpResponse:
    """Write a new exercise; `?from=` begins with a copy of the words of another."""
    source = None
    if "from" in request.GET:
        source = get_or_404(versions_for(request.user), exercise__slug=request.GET["from"])
    if request.method == "POST":
        return _take(request, None, source)
    writing = of_version(source, is_copy=True) if source else blank()
    return _show(request, with_kept(writing, _kept(request)), source=source)


@may(Permission.EXERCISE_ASSIGN)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: StaffRequest, slug: str) -> HttpResponse:
    """Change an exercise of one's own: its words become a new version."""
    exercise = get_or_404(own_exercises(request.user), slug=slug)
    newest = get_or_404(versions_for(request.user), exercise=exercise)
    if request.method == "POST":
        return _take(request, exercise, newest)
    writing = with_kept(of_version(newest, is_copy=False), _kept(request))
    return _show(request, writing, exercise=exercise, source=newest)


@may(Permission.EXERCISE_ASSIGN)
@require_POST
def preview(request: StaffRequest) -> HttpResponse:
    """Show what is being written as the client will see it, as far as it is ready. Nothing is saved."""
    return render(request, "exercises/write_preview.html", preview_of(of_post(request.POST), request.user))


def _kept(request: StaffRequest) -> list[str]:
    """Return the fields of this page of which words are kept; none where they do not open."""
    row = kept_by(request.user).filter(page=request.get_full_path()).first()
    try:
        return list(row.words) if row is not None else []
    except VaultError:
        return []


def _take(request: StaffRequest, exercise: Exercise | None, source: ExerciseVersion | None) -> HttpResponse:
    """Publish it, or show it again after the button of a row."""
    deed = request.POST.get("deed", "publish")
    context: dict[str, Any] = {"exercise": exercise, "source": source}
    if deed != "publish":
        versions = exercise.versions.all() if exercise else [source] if source else []
        return _show(request, after_deed(request.POST, deed, names_of(list(versions))), **context)
    writing = of_post(request.POST)
    if not writing.is_valid():
        return _show(request, writing, 422, **context)
    try:
        version = _publish(request, writing, exercise, source)
    except ExerciseChanged as error:
        return _show(request, _go_on_from(request, error.newest), 409, **context, elsewhere=_elsewhere(writing, error))
    except FormUsed as error:
        writing.notes.append(str(error))
        return _show(request, writing, 409, **context)
    messages.success(request, "It is in your library. Whoever has an older version keeps that one.")
    return redirect("exercises:detail", version.exercise.slug)


def _publish(
    request: StaffRequest, writing: Writing, exercise: Exercise | None, source: ExerciseVersion | None
) -> ExerciseVersion:
    said = writing.words.cleaned_data
    return publish_words(
        actor=request.user,
        exercise=exercise,
        based_on=source if exercise is None else None,
        words=writing.as_words(),
        way=said["way"],
        nonce=said["nonce"],
        begun_from=said["begun_from"],
    )


def _elsewhere(writing: Writing, error: ExerciseChanged) -> dict[str, Any]:
    return {"version": error.newest, "parts": differences(error.newest, writing.as_words())}


def _go_on_from(request: StaffRequest, newest: ExerciseVersion) -> Writing:
    """Return what was typed; published once more, it takes the place of what was changed elsewhere."""
    post = request.POST.copy()
    post["begun_from"] = str(newest.number)
    return of_post(post).unasked()


def _show(request: StaffRequest, writing: Writing, status: int = 200, **context: Any) -> HttpResponse:
    return render(request, "exercises/write.html", {"writing": writing, **context}, status=status)
