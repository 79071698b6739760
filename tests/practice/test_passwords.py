"""Which passwords are taken."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError

from tests.factories import make_practice, make_user

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    "password", ["counselling2026", "Beside-Beside-1", "willowpractice1!", "compassionsession", "ADMINpassword12"]
)
def test_a_word_of_the_house_is_refused(password: str) -> None:
    make_practice(name="Willow Practice")
    with pytest.raises(ValidationError) as refusal:
        validate_password(password)
    assert "Without words that many would try first, little is left of this password." in refusal.value.messages


@pytest.mark.parametrize("password", ["a quiet place to sit", "beside the grey harbour wall", "xK9-vq2-Lm7-ptz"])
def test_a_word_among_others_does_no_harm(password: str) -> None:
    make_practice(name="Willow Practice")
    refused = []
    try:
        validate_password(password)
    except ValidationError as refusal:
        refused = refusal.messages
    assert refused == []


def test_before_there_is_a_practice_a_password_is_judged_all_the_same() -> None:
    with pytest.raises(ValidationError):
        validate_password("counselling2026")


def test_a_long_password_is_taken_whole() -> None:
    member = make_user()
    long = "the harbour wall is grey and the boats are blue, " * 4
    member.set_password(long)
    assert (member.check_password(long), member.check_password(long[:-1])) == (True, False)
