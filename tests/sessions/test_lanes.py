from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sessions.lanes import DAY, Span, gaps, side_by_side

spans = st.builds(Span, st.integers(0, DAY - 1), st.integers(1, 480))
patient = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])  # a busy machine is no finding
some = st.lists(spans, max_size=12).map(lambda them: sorted(them, key=lambda span: (span.start, -span.length)))


def test_what_does_not_overlap_takes_the_whole_width() -> None:
    assert side_by_side([Span(540, 50), Span(600, 50)]) == [(0, 1), (0, 1)]


def test_what_overlaps_stands_side_by_side() -> None:
    assert side_by_side([Span(540, 50), Span(570, 50), Span(600, 50), Span(700, 50)]) == [
        (0, 2),
        (1, 2),
        (0, 2),
        (0, 1),
    ]


def test_a_short_one_is_drawn_long_enough_to_be_read() -> None:
    assert side_by_side([Span(540, 5), Span(550, 50)]) == [(0, 2), (1, 2)]


def test_a_place_is_told_in_classes() -> None:
    assert (Span(575, 50).css, Span(1430, 50).css) == ("h9 m35 x0 y50", "h23 m50 x0 y10")


@patient
@given(some)
def test_two_in_one_lane_never_touch_unless_there_are_too_many(them: list[Span]) -> None:
    placed = list(zip(them, side_by_side(them), strict=True))
    crowded = {count for _, (_, count) in placed if count >= 6}
    clashing = [
        (one, other)
        for at, (one, (lane, _)) in enumerate(placed)
        for other, (beside, _) in placed[at + 1 :]
        if lane == beside and one.meets(other)
    ]
    assert bool(crowded) or clashing == []


@patient
@given(some)
def test_lanes_lie_inside_their_column(them: list[Span]) -> None:
    assert [(lane, count) for lane, count in side_by_side(them) if not 0 <= lane < count <= 6] == []


def test_gaps_are_what_working_hours_leave_free() -> None:
    hours = [Span(9 * 60, 4 * 60), Span(14 * 60, 4 * 60)]
    assert gaps(hours, 8 * 60, 20 * 60) == [Span(480, 60), Span(780, 60), Span(1080, 120)]
    assert gaps([], 480, 540) == [Span(480, 60)]


@patient
@given(some, st.integers(0, 12), st.integers(13, 24))
def test_gaps_touch_no_working_hour(them: list[Span], first: int, last: int) -> None:
    free = gaps(them, first * 60, last * 60)
    minutes = {minute for span in free for minute in range(span.start, span.start + span.length)}
    worked = {minute for span in them for minute in range(span.start, span.start + span.length)}
    assert minutes == set(range(first * 60, last * 60)) - worked
