import pytest
from django.core.exceptions import ValidationError

from sessions import money

FIELD = money.PoundsField(required=False, max_length=20)


@pytest.mark.parametrize(
    ("typed", "pence"),
    [
        ("60", 6000), ("60.00", 6000), ("£60", 6000), (" £ 60.5 ", 6050), ("62.05", 6205), ("1,250", 125_000),
        ("0", 0), ("", None), ("10000", 1_000_000),
    ],
)  # fmt: skip
def test_pounds_become_pence(typed: str, pence: int | None) -> None:
    assert FIELD.clean(typed) == pence


@pytest.mark.parametrize("typed", ["-5", "60.001", "sixty", "6 0", "🌱", "1,25", "٦٠", "1e3", "60€", "£", "."])
def test_what_is_no_amount_is_refused_in_our_words(typed: str) -> None:
    with pytest.raises(ValidationError) as refusal:
        FIELD.clean(typed)
    assert refusal.value.messages == ["Please give an amount in pounds, such as 60 or 62.50."]


@pytest.mark.parametrize("typed", ["10000.01", "999999999"])
def test_there_is_a_most(typed: str) -> None:
    with pytest.raises(ValidationError, match="At most £10,000, please"):
        FIELD.clean(typed)


@pytest.mark.parametrize(
    ("pence", "shown"), [(0, "£0"), (6000, "£60"), (6250, "£62.50"), (6205, "£62.05"), (125_000, "£1,250")]
)
def test_pence_are_shown_as_pounds_and_come_back(pence: int, shown: str) -> None:
    assert money.pounds(pence) == shown
    assert FIELD.clean(money.typed(pence)) == pence


def test_no_fee_leaves_the_field_empty() -> None:
    assert money.typed(None) == ""
