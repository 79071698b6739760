"""The page of a counsellor's working hours: a week in one form."""

from datetime import time

import pytest
from django.test import Client as Browser

from practice.models import User
from sessions.models import WorkingHours
from tests.factories import make_user
from tests.sessions.pages import told

pytestmark = pytest.mark.django_db
URL = "/sessions/hours/"


def kept(user: User) -> list[tuple[int, time, time]]:
    rows = WorkingHours.objects.filter(counsellor=user)
    return list(rows.values_list("weekday", "from_time", "until_time"))


def week(**typed: str) -> dict[str, str]:
    """Return the form as a browser sends it: every field, most of them empty."""
    empty = {f"{end}_{day}_{nth}": "" for day in range(7) for nth in range(2) for end in ("from", "until")}
    return {**empty, **typed}


def test_a_week_is_saved_and_shown_again(client: Browser, counsellor: User) -> None:
    answer = client.post(
        URL,
        week(from_0_0="09:00", until_0_0="12:30", from_0_1="14:00", until_0_1="18:00", from_4_1="08:00",
             until_4_1="11:00"),
    )  # fmt: skip
    assert (answer.status_code, answer["Location"], told(answer)) == (302, URL, ["Working hours saved."])
    assert kept(counsellor) == [
        (0, time(9), time(12, 30)), (0, time(14), time(18)), (4, time(8), time(11)),
    ]  # fmt: skip
    page = client.get(URL)
    assert [(len(day.lines), len(day.spare)) for day in page.context["form"].week()] == [(2, 1)] + [(2, 0)] * 6
    assert 'name="from_4_0" value="08:00"' in page.content.decode()


def test_a_third_time_of_a_day_is_saved_too(client: Browser, counsellor: User) -> None:
    typed = {"from_1_0": "18:00", "until_1_0": "20:00", "from_1_1": "08:00", "until_1_1": "09:00"}
    client.post(URL, week(**typed, from_1_2="12:00", until_1_2="13:00"))
    assert [begins.hour for _, begins, _ in kept(counsellor)] == [8, 12, 18]
    tuesday = client.get(URL).context["form"].week()[1]
    assert (len(tuesday.lines), tuesday.spare) == (3, [])


def test_a_day_that_is_full_offers_another_time_on_demand(client: Browser, counsellor: User) -> None:
    client.post(URL, week(from_0_0="09:00", until_0_0="12:30", from_0_1="14:00", until_0_1="18:00"))
    page = client.get(URL).content.decode()
    assert page.index('name="from_0_1"') < page.index("Another time") < page.index('name="from_0_2"')
    assert page.count("Another time") == 1


def test_times_that_touch_are_one(client: Browser, counsellor: User) -> None:
    """Otherwise a session over noon would count as outside working hours."""
    client.post(URL, week(from_0_0="12:00", until_0_0="17:00", from_0_1="09:00", until_0_1="12:00"))
    assert kept(counsellor) == [(0, time(9), time(17))]


def test_an_empty_week_takes_the_hours_away(client: Browser, counsellor: User) -> None:
    WorkingHours.objects.create(counsellor=counsellor, weekday=0, from_time=time(9), until_time=time(12))
    client.post(URL, week())
    assert kept(counsellor) == []


@pytest.mark.parametrize(
    ("typed", "field", "words"),
    [
        ({"from_0_0": "12:00", "until_0_0": "09:00"}, "until_0_0", "This must be later than the time before it."),
        ({"from_0_0": "12:00", "until_0_0": "12:00"}, "until_0_0", "This must be later than the time before it."),
        ({"from_0_0": "12:00"}, "until_0_0", "Please say until when."),
        ({"until_0_1": "12:00"}, "from_0_1", "Please say from when."),
        ({"from_6_0": "25:00", "until_6_0": "26:00"}, "from_6_0", "Please give a time, such as 09:30."),
        ({"from_6_0": "🌱", "until_6_0": "10:00"}, "from_6_0", "Please give a time, such as 09:30."),
        ({"from_6_0": "9" * 5000}, "from_6_0", "Please give a time, such as 09:30."),
        ({"from_6_0": "09:00\0", "until_6_0": "10:00"}, "from_6_0", "Please give a time, such as 09:30."),
        (
            {"from_0_0": "09:00", "until_0_0": "12:00", "from_0_1": "11:59", "until_0_1": "13:00"},
            "from_0_1",
            "This overlaps with another time of the day.",
        ),
        (
            {"from_0_0": "10:00", "until_0_0": "11:00", "from_0_1": "09:00", "until_0_1": "17:00"},
            "from_0_0",
            "This overlaps with another time of the day.",
        ),
    ],
)
def test_what_does_not_fit_is_said_at_the_field_and_nothing_typed_is_lost(
    client: Browser, counsellor: User, typed: dict[str, str], field: str, words: str
) -> None:
    page = client.post(URL, week(**typed, from_2_0="08:15", until_2_0="09:15"))
    form = page.context["form"]
    assert page.status_code == 200
    assert form.errors[field] == [words]
    assert [form[name].value() for name in (*typed, "from_2_0")] == [*typed.values(), "08:15"]
    assert 'value="08:15"' in page.content.decode()
    assert kept(counsellor) == []


def test_mondays_hours_are_filled_in_until_friday_and_not_saved_yet(client: Browser, counsellor: User) -> None:
    page = client.post(
        URL, week(from_0_0="09:00", until_0_0="12:00", from_1_1="18:00", from_5_0="10:00", until_5_0="11:00", copy="x")
    )
    form = page.context["form"]
    assert [form[f"from_{day}_0"].value() for day in range(7)] == ["09:00"] * 5 + ["10:00", ""]
    assert form["from_1_1"].value() == ""
    assert "They are not saved yet." in page.content.decode()
    assert kept(counsellor) == []


def test_each_has_hours_of_their_own(client: Browser, counsellor: User) -> None:
    other = make_user()
    WorkingHours.objects.create(counsellor=other, weekday=0, from_time=time(7), until_time=time(8))
    assert "07:00" not in client.get(URL).content.decode()
    client.post(URL, week())
    assert len(kept(other)) == 1
