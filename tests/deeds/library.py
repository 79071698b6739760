"""Deeds on exercises and programmes of a counsellor's own."""

from functools import partial
from typing import Any
from uuid import uuid4

from django.utils import timezone

from exercises import authoring, authoring_programmes
from exercises.authoring_programmes import StepChoice
from exercises.models import Exercise, Mode, Programme
from practice.models import User
from tests.deeds.registry import Deed, deed
from tests.exercises.authoring import WORDS, make_own, make_programme
from tests.exercises.factories import make_version
from tests.factories import make_user


def _own(**fields: Any) -> tuple[User, Exercise]:
    user = make_user()
    make_own(user)
    Exercise.objects.update(**fields)
    return user, Exercise.objects.get()


def _programme(**fields: Any) -> tuple[User, Programme]:
    user = make_user()
    return user, make_programme(user, **fields)


@deed("exercises.authoring.publish_words")
def _publish_words() -> Deed:
    return partial(
        authoring.publish_words,
        actor=make_user(), exercise=None, based_on=None, words=WORDS, way=Exercise.Way.MINDFUL, nonce=uuid4(),
    )  # fmt: skip


@deed("exercises.authoring.put_away")
def _put_away() -> Deed:
    user, exercise = _own()
    return partial(authoring.put_away, actor=user, exercise=exercise)


@deed("exercises.authoring.offer_again")
def _offer_again() -> Deed:
    user, exercise = _own(put_away_at=timezone.now())
    return partial(authoring.offer_again, actor=user, exercise=exercise)


@deed("exercises.authoring.share")
def _share() -> Deed:
    user, exercise = _own()
    return partial(authoring.share, actor=user, exercise=exercise)


@deed("exercises.authoring.unshare")
def _unshare() -> Deed:
    user, exercise = _own(is_shared=True)
    return partial(authoring.unshare, actor=user, exercise=exercise)


@deed("exercises.authoring_programmes.publish_programme")
def _publish_programme() -> Deed:
    steps = [StepChoice(make_version().exercise, Mode.TOGETHER)]
    return partial(
        authoring_programmes.publish_programme,
        actor=make_user(), programme=None, title="Two steps", purpose="", steps=steps, nonce=uuid4(),
    )  # fmt: skip


@deed("exercises.authoring_programmes.put_programme_away")
def _put_programme_away() -> Deed:
    user, programme = _programme()
    return partial(authoring_programmes.put_programme_away, actor=user, programme=programme)


@deed("exercises.authoring_programmes.offer_programme_again")
def _offer_programme_again() -> Deed:
    user, programme = _programme(put_away_at=timezone.now())
    return partial(authoring_programmes.offer_programme_again, actor=user, programme=programme)


@deed("exercises.authoring_programmes.share_programme")
def _share_programme() -> Deed:
    user, programme = _programme()
    return partial(authoring_programmes.share_programme, actor=user, programme=programme)


@deed("exercises.authoring_programmes.unshare_programme")
def _unshare_programme() -> Deed:
    user, programme = _programme(is_shared=True)
    return partial(authoring_programmes.unshare_programme, actor=user, programme=programme)
