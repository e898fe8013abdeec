"""The demo's files as values: who is in it, what they apply for, and what is told of each fund.

An unknown name in a file stops the demo: each table becomes a dataclass, which takes no other.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import cache
from itertools import product
from pathlib import Path
from random import Random
from typing import Any, Final

from portal.schemes.loader import FOLDER as SCHEMES
from portal.schemes.roll import roll_file

FOLDER: Final = Path(__file__).parent
PAUSED: Final = 8
"""The month in which the summer pause ends: from then on all is signed in the second half-year."""


@dataclass(frozen=True, slots=True)
class CastMember:
    """One person of the demo; `head` is the key of another."""

    number: str
    name: str
    unit: str = ""
    head: str | None = None
    specialist: bool = False
    specialty: str = ""
    administration: str = ""
    cost_centre: str = ""
    language: str = "sv"
    roles: Sequence[str] = ()
    field: str = ""
    """What a doctor is a specialist in, as a key of the units."""


@dataclass(frozen=True, slots=True)
class Course:
    """A course or conference; prices as people type them, `currency` that of fee and lodging."""

    name: str
    organiser: str
    country: str
    days: int
    fee: str
    travel: str = ""
    lodging: str = ""
    currency: str = "SEK"
    digital: bool = False
    field: str = ""
    lessons: Sequence[str] = ()

    @property
    def far(self) -> bool:
        """Whether the journey alone costs more than 10 000."""
        return len(self.travel) > len("9 999")


@dataclass(frozen=True, slots=True)
class FateStep:
    """One act of a fate; `start` is what its days are counted from."""

    act: str
    by: str = ""
    start: str = ""
    days: int = 0
    hours: float = 1
    share: int = 100
    """Per cent of the assessed amount."""
    half_days: int | None = None
    """Approved, where it is fewer than were wanted."""
    fewer: bool = False
    send: bool = True
    attach: str = ""


@dataclass(frozen=True, slots=True)
class Story:
    """One application: whose, when, and what becomes of it. The files say what each day counts from."""

    fate: str
    who: str = ""
    by: str = ""
    taker: str = ""
    """The colleague who takes it over."""
    again: bool = False
    """Whether it is by somebody who was refused this year."""
    kind: str = ""
    ago: int = 0
    starts: int | None = None
    days: int = 0
    first: str = ""
    """The seat that signs first, or asks."""
    signed: int = 0
    text: str = ""
    answers: Mapping[str, Any] = field(default_factory=dict)
    only: Sequence[str] = ()
    """The only answers of one that is begun; all of them otherwise."""
    proves: Sequence[str] | None = None
    payee: Mapping[str, str] = field(default_factory=dict)
    """What is corrected of who is paid."""


def workday(day: date) -> date:
    """The day itself, or the Friday before it."""
    return day - timedelta(days=max(0, day.weekday() - 4))


def course_day(day: date, days: int) -> date:
    """The latest day up to this one from which a course of so many days, a week at most, meets no weekend."""
    return day - timedelta(days=max(0, day.weekday() + min(days, 5) - 5))


@cache
def content(name: str) -> Mapping[str, Any]:
    """One file of the demo."""
    return tomllib.loads((FOLDER / f"{name}.toml").read_text("utf-8"))


@cache
def cast() -> Mapping[str, CastMember]:
    """Everybody by key, heads before those they lead."""
    told = content("people")
    named = {key: _part(told, row) for key, row in told["people"].items()}
    colleagues = told["colleagues"]
    names = [
        f"{first} {last}" for first, last in product(colleagues["first_names"], colleagues["last_names"])
    ]
    Random(1975).shuffle(names)  # noqa: S311 - the same names each time, nothing secret
    fields = tuple(told["units"])
    return named | {
        f"colleague-{n}": _part(
            told, {"number": f"{102000 + n * 7}", "name": name, "field": fields[n % len(fields)]}
        )
        for n, name in enumerate(names[: colleagues["count"]])
    }


def _part(told: Mapping[str, Any], row: Mapping[str, Any]) -> CastMember:
    if "field" not in row:
        return CastMember(**row)
    unit = dict(told["units"][row["field"]])
    return CastMember(**row, unit=unit.pop("name"), **unit, specialist=True)


@cache
def courses() -> tuple[Course, ...]:
    return tuple(Course(**row) for row in content("courses")["courses"])


@cache
def steps(fate: str) -> tuple[FateStep, ...]:
    """The acts of a fate, those of the fate it goes on from first."""
    told = content("fates")[fate]
    before = steps(told["as"]) if "as" in told else ()
    rows = ({"start" if key == "from" else key: value for key, value in row.items()} for row in told["acts"])
    return (*before, *(FateStep(**row) for row in rows))


def stories(rows: Sequence[Mapping[str, Any]]) -> list[Story]:
    return [Story(**row) for row in rows]


def roll_editions(folder: Path, year: int, month: int = 1) -> None:
    """Write the editions of the Swedish fund that a demo of a month needs: last year's too, which January signs in."""
    told = content("rfr")
    for each in (year - 1, year, year + 1):
        if each > 2024:
            path = roll_file(SCHEMES / f"{told['edition']}.toml", to_year=each, into=folder)
            text = path.read_text("utf-8")
            past = told["past_amount"] if each == year and month > PAUSED else told["budget_amount"]
            for amount in (past, told["budget_amount"]):  # of the first half-year, and of the second
                text = text.replace('amount = "1750000.00"', f'amount = "{amount}"', 1)
            path.write_text(text, "utf-8")
