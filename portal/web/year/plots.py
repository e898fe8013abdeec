"""Where the lines and bars of a plot stand: amounts and days to places in a drawing, nothing about words or colours.

A drawing is WIDTH units wide and as high as its kind needs; the template scales it to the page.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

WIDTH, HEIGHT = 400, 250
LEFT, RIGHT, TOP, BOTTOM = 46, 392, 34, 222
"""The edges of the field in which the figures are drawn; words stand around it."""
TODAY_BAR = 12
_STEPS = (1, 2, 2.5, 5, 10)
_MARKS = 4


@dataclass(frozen=True, slots=True)
class Tick:
    """A mark on an axis: where it stands and the value or day it is for."""

    at: float
    value: int


@dataclass(frozen=True, slots=True)
class BurnUp:
    """What was granted against time: as steps, with what waits on top, where it leads to, and what there is."""

    ticks: tuple[Tick, ...]
    months: tuple[tuple[float, date], ...]
    """Where each month begins, and its first day."""
    line: str
    """The steps, as the points of a polyline."""
    area: str
    """The same, closed along the bottom."""
    allocated_y: float
    today_x: float | None
    today_anchor: str
    """Which side of the line its word stands on: the `text-anchor` of the drawing."""
    waiting: tuple[float, float, float, float] | None
    """x, y, width and height of the bar."""
    projected: tuple[float, float, float, float] | None
    """x and y of the beginning and of the end."""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a column plot."""

    x: float
    y: float
    width: float
    height: float
    middle: float
    mark: str
    """What stands under it; empty where there is no room for every one."""
    value: int


@dataclass(frozen=True, slots=True)
class Columns:
    """Bars side by side over one axis."""

    ticks: tuple[Tick, ...]
    bars: tuple[Bar, ...]


def scale(most: int) -> tuple[int, ...]:
    """Round values from 0 to at least `most`, a few of them, evenly apart."""
    whole = max(most, 1)
    power = 10 ** (len(str(whole)) - 1)
    wish = whole / _MARKS
    steps = sorted(
        {int(step * p) for p in (power // 10, power) for step in _STEPS if int(step * p) >= 1} | {1}
    )
    step = next((each for each in steps if each >= wish), power * 10)
    return tuple(range(0, -(-whole // step) * step + 1, step))


def burn_up(
    *,
    first: date,
    last: date,
    today: date,
    opening: int,
    days: Sequence[tuple[date, int]],
    allocated: int,
    waiting: int,
    projected: int | None,
    most: int,
) -> BurnUp:
    """The plot of a period; `days` are the days on which the sum changed, with the sum after each.

    `most` is the highest amount it has to hold, so that periods side by side can share one.
    """
    granted = days[-1][1] if days else opening
    values = scale(most)
    length = (last - first).days + 1

    def x(day: date, *, end: bool = False) -> float:
        passed = min(max((day - first).days + end, 0), length)
        return round(LEFT + (RIGHT - LEFT) * passed / length, 2)

    def y(amount: int) -> float:
        return _y(amount, values[-1])

    points = [(float(LEFT), y(opening))]
    for day, amount in days:
        points += [(x(day), points[-1][1]), (x(day), y(amount))]
    until = x(min(today, last), end=True) if today >= first else float(LEFT)
    points.append((max(until, points[-1][0]), points[-1][1]))
    here = x(today, end=True) if first <= today <= last else None
    bar = None
    if waiting:
        place = min(until, RIGHT - TODAY_BAR)
        bar = (place, y(granted + waiting), TODAY_BAR, round(y(granted) - y(granted + waiting), 2))
    return BurnUp(
        ticks=tuple(Tick(y(value), value) for value in values),
        months=tuple((x(month), month) for month in _months(first, last)),
        line=_points(points),
        area=_points([*points, (points[-1][0], float(BOTTOM)), (float(LEFT), float(BOTTOM))]),
        allocated_y=y(allocated),
        today_x=here,
        today_anchor="end" if (here or 0) > (LEFT + RIGHT) / 2 else "start",
        waiting=bar,
        projected=None
        if projected is None or here is None
        else (here, y(granted), float(RIGHT), y(projected)),
    )


def columns(parts: Sequence[tuple[str, int]], *, marks: int = 12) -> Columns:
    """A plot of bars, each with the word under it; with many bars only every so many-th has its word."""
    values = scale(max((value for _word, value in parts), default=1))
    room = (RIGHT - LEFT) / max(len(parts), 1)
    every = -(-len(parts) // marks) or 1
    bars = []
    for place, (word, value) in enumerate(parts):
        top = _y(max(value, 0), values[-1])
        left = LEFT + room * place
        bars.append(
            Bar(
                x=round(left + room * 0.14, 2),
                y=top,
                width=round(room * 0.72, 2),
                height=round(BOTTOM - top, 2),
                middle=round(left + room / 2, 2),
                mark=word if place % every == 0 else "",
                value=value,
            )
        )
    return Columns(tuple(Tick(_y(value, values[-1]), value) for value in values), tuple(bars))


def _y(amount: int, most: int) -> float:
    return round(BOTTOM - (BOTTOM - TOP) * amount / most, 2)


def _months(first: date, last: date) -> list[date]:
    found, day = [], first.replace(day=1)
    while day <= last:
        found.append(max(day, first))
        day = date(day.year + day.month // 12, day.month % 12 + 1, 1)
    return found


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
