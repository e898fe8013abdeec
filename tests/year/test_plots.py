"""Where lines and bars stand: inside the field, as high as what they say, and in the right order."""

from datetime import date, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from portal.web.year.plots import BOTTOM, LEFT, RIGHT, TOP, burn_up, columns, scale

FIRST, LAST = date(2026, 7, 1), date(2026, 12, 31)
SUMS = st.lists(st.tuples(st.integers(0, 200), st.integers(0, 10**9)), max_size=20)


@given(st.integers(0, 10**13))
def test_a_scale_reaches_the_most_in_few_even_steps(most: int) -> None:
    values = scale(most)
    assert values[0] == 0
    assert values[-1] >= most
    assert 2 <= len(values) <= 7
    assert len({b - a for a, b in pairwise(values)}) == 1


@given(
    SUMS,
    st.integers(-10, 200),
    st.integers(0, 10**9),
    st.integers(0, 10**9),
    st.none() | st.integers(0, 10**10),
)
def test_everything_stands_in_the_field(
    sums: list[tuple[int, int]], today: int, allocated: int, waiting: int, projected: int | None
) -> None:
    days = [(FIRST + timedelta(days=day), amount) for day, amount in sorted(sums)]
    peaks = [waiting + (days[-1][1] if days else 0), *(amount for _day, amount in days)]
    plot = burn_up(
        first=FIRST, last=LAST, today=FIRST + timedelta(days=today), opening=0, days=days,
        allocated=allocated, waiting=waiting, projected=projected,
        most=max(allocated, projected or 0, *peaks),
    )  # fmt: skip
    points = [tuple(map(float, point.split(","))) for point in plot.line.split()]
    assert all(LEFT <= x <= RIGHT and TOP <= y <= BOTTOM for x, y in points)
    assert [x for x, _y in points] == sorted(x for x, _y in points)
    assert TOP <= plot.allocated_y <= BOTTOM
    if plot.waiting:
        x, y, width, height = plot.waiting
        assert LEFT <= x <= x + width <= RIGHT
        assert y >= TOP - 0.01
        assert y + height <= BOTTOM + 0.01
    if plot.projected:
        assert TOP <= plot.projected[3] <= BOTTOM


def test_half_way_in_time_and_money_is_the_middle() -> None:
    plot = burn_up(
        first=date(2026, 1, 1), last=date(2026, 1, 10), today=date(2026, 1, 5), opening=0,
        days=[(date(2026, 1, 3), 500)], allocated=1000, waiting=250, projected=1000,
        most=1000,
    )  # fmt: skip
    middle = (LEFT + RIGHT) / 2
    assert plot.today_x == middle
    assert plot.line.split()[-1] == f"{middle:g},{(TOP + BOTTOM) / 2:g}"
    assert plot.allocated_y == TOP
    bar = (middle, TOP + (BOTTOM - TOP) / 4, 12, (BOTTOM - TOP) / 4)
    assert (plot.projected, plot.waiting) == ((middle, (TOP + BOTTOM) / 2, RIGHT, TOP), bar)


def test_bars_are_as_high_as_their_values() -> None:
    plot = columns([("a", 10), ("b", 5), ("c", 0)])
    heights = [bar.height for bar in plot.bars]
    assert heights == [BOTTOM - TOP, (BOTTOM - TOP) / 2, 0]
    assert [bar.mark for bar in plot.bars] == ["a", "b", "c"]


def test_many_bars_have_fewer_words() -> None:
    plot = columns([(str(place), 1) for place in range(27)])
    assert len([bar for bar in plot.bars if bar.mark]) <= 12
    assert plot.bars[-1].x + plot.bars[-1].width <= RIGHT


def test_periods_that_share_a_scale_are_as_high_as_their_amounts() -> None:
    days = {"first": date(2026, 1, 1), "last": date(2026, 1, 10), "today": date(2026, 1, 5), "opening": 0}
    small, large = (
        burn_up(**days, days=[], allocated=allocated, waiting=0, projected=None, most=1000)
        for allocated in (500, 1000)
    )
    assert small.ticks == large.ticks
    assert (BOTTOM - small.allocated_y) * 2 == BOTTOM - large.allocated_y
