"""Reads the staff directory's file, and the settings that say which of its columns is what.

An example of the settings is docs/operate/directory.toml.
"""

import sys
import tomllib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from portal.domain import delimited
from portal.domain.alphabet import visible
from portal.domain.days import read_date
from portal.domain.directory import TWICE, UNMAILED, UNUSED, Employee, Limits, Remark, Staff
from portal.domain.person import mailable
from portal.domain.personal_id import canonical, check
from portal.domain.scheme import LANGUAGES
from portal.environment import WrongSettings
from portal.finance.profiles import unguarded
from portal.forms.typed import clean

_NEEDED: Final = ("number", "name")
_LONGEST: Final = {
    "number": 40, "name": 200, "email": 254, "unit": 200, "administration": 200, "cost_centre": 40, "head": 40,
    "specialty": 200,
}  # fmt: skip
COLUMNS: Final = (*_LONGEST, "specialist", "leaves_on")
_USUAL_YES: Final = ("ja", "j", "yes", "y", "true", "sann", "1", "x")
_INTERNED: Final = ("unit", "administration", "cost_centre", "specialty")
"""What many people share, and is kept once."""


class NoDirectory(ValueError):
    """The file is none of the directory's; the message says why, in a sentence for the operator."""


@dataclass(frozen=True, slots=True)
class Directory:
    """How the directory writes its file; without settings its headings are the names of `COLUMNS`."""

    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The headings that make up a value, joined by a space."""
    specialist: tuple[str, ...] = _USUAL_YES
    """What its column says of a specialist, in small letters; whatever else it says is no."""
    language: str = "sv"
    """The language of somebody new, until they choose one."""
    limits: Limits = field(default_factory=Limits)
    file: Path | None = None
    """What `portal nightly` imports; None for nothing."""


def read_settings(path: Path) -> Directory:
    """Raises WrongSettings with a line for each thing that is wrong."""
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else str(error)
        raise WrongSettings(f"DIRECTORY: {path} cannot be read: {why}.") from None
    columns, limits, values = said.pop("columns", {}), said.pop("limits", {}), said.pop("values", {})
    wrong = [f"there is no setting {name!r}" for name in said if name not in ("file", "language")]
    wrong += [f"there is no column {name!r}" for name in columns if name not in COLUMNS]
    wrong += [f"there is no limit {name!r}" for name in limits if name not in ("percent", "least")]
    wrong += [f"there are no values of {name!r}" for name in values if name != "specialist"]
    headings = {name: (each,) if isinstance(each, str) else tuple(each) for name, each in columns.items()}
    if any(not isinstance(each, int) or each < 0 for each in limits.values()):
        wrong.append("a limit is a whole number")
    if said.get("language", "sv") not in LANGUAGES:
        wrong.append(f"language is one of {', '.join(LANGUAGES)}")
    if wrong:
        raise WrongSettings("\n".join(f"DIRECTORY: {path}: {each}." for each in wrong))
    return Directory(
        columns=headings,
        specialist=tuple(each.casefold() for each in values.get("specialist", _USUAL_YES)),
        language=said.get("language", "sv"),
        limits=Limits(**limits),
        file=Path(said["file"]) if "file" in said else None,
    )


def read_staff(content: bytes, directory: Directory, *, today: date) -> Staff:
    """The rows of those who work here that day, and what is wrong with the others. Raises NoDirectory."""
    rows = delimited.rows(content)
    try:
        _line, headings = next(rows, (1, []))
        places = _places(headings, directory)
        reader = _Employees(places, directory, today)
        for line, cells in rows:
            reader.read(line, cells)
    except delimited.NotText as wrong:
        raise NoDirectory(f"line {wrong.line} is no text: save the file as CSV.") from None
    if not reader.lines:
        raise NoDirectory("the file has no rows.")
    return reader.staff()


def _places(headings: Sequence[str], directory: Directory) -> dict[str, tuple[int, ...]]:
    """Where each column's parts stand. Raises NoDirectory when one is missing, or there twice."""
    found = [delimited.heading_of(each) for each in headings]
    wanted = directory.columns or {name: (name,) for name in COLUMNS if name in found}
    missing = [name for name in _NEEDED if name not in wanted]
    missing += [
        part for parts in wanted.values() for part in parts if delimited.heading_of(part) not in found
    ]
    if missing:
        raise NoDirectory(
            f"the file has no column {', '.join(missing)}; its headings are {', '.join(headings)}."
        )
    twice = [each for each, count in Counter(found).items() if count > 1]
    clash = [part for parts in wanted.values() for part in parts if delimited.heading_of(part) in twice]
    if clash:
        raise NoDirectory(f"the file has several columns {', '.join(clash)}.")
    return {
        name: tuple(found.index(delimited.heading_of(part)) for part in parts)
        for name, parts in wanted.items()
    }


class _Employees:
    """The rows read so far."""

    def __init__(self, places: Mapping[str, tuple[int, ...]], directory: Directory, today: date) -> None:
        self.places, self.today, self.lines = places, today, 0
        self.entries: dict[str, Employee] = {}
        self.remarks: list[Remark] = []
        self.unread: set[str] = set()
        self.unmailed: set[str] = set()
        self.readers: Mapping[str, Callable[[str], Any]] = {
            "number": _number,
            "name": _some,
            "email": _email,
            "head": lru_cache(maxsize=20_000)(canonical),
            "specialist": lambda typed: typed.casefold() in directory.specialist,
            "leaves_on": lambda typed: read_date(typed) if typed else None,
        }

    def read(self, line: int, cells: Sequence[str]) -> None:
        self.lines += 1
        values, bad = {}, []
        for name, places in self.places.items():
            typed = " ".join(
                [text for place in places if place < len(cells) and (text := _clean(cells[place]))]
            )
            try:
                values[name] = self._read(name, typed)
            except ValueError:
                bad.append(name)
                values[name] = canonical(typed)[: _LONGEST[name]] if name == "number" else ""
        leaves_on = values.pop("leaves_on", None)
        if not leaves_on or leaves_on >= self.today:
            self._keep(line, values, bad)

    def _read(self, name: str, typed: str) -> Any:
        if len(typed) > _LONGEST.get(name, 1_000):
            raise ValueError("too long")
        return self.readers[name](typed) if name in self.readers else typed

    def _keep(self, line: int, values: dict[str, Any], bad: Sequence[str]) -> None:
        number = values["number"]
        if wrong := next((name for name in bad if name != "email"), None):
            self._skip(Remark(line, number, UNUSED.code, wrong))
        elif number in self.unread or number in self.entries:
            if (first := self.entries.pop(number, None)) is not None:
                self._skip(Remark(first.line, number, TWICE.code))
            self._skip(Remark(line, number, TWICE.code))
        else:
            if bad:
                self.remarks.append(Remark(line, number, UNMAILED.code))
                self.unmailed.add(number)
            values |= {name: sys.intern(values[name]) for name in _INTERNED if name in values}
            self.entries[number] = Employee(line, **values)

    def _skip(self, remark: Remark) -> None:
        self.remarks.append(remark)
        self.unread.add(remark.number)
        self.entries.pop(remark.number, None)

    def staff(self) -> Staff:
        columns = frozenset(self.places) & {each.name for each in fields(Employee)}
        return Staff(
            self.entries, columns, tuple(self.remarks), frozenset(self.unread), frozenset(self.unmailed)
        )


@lru_cache(maxsize=20_000)
def _clean(cell: str) -> str:
    """Units, cost centres and heads come again in many rows."""
    return " ".join(clean(visible(unguarded(cell)), 1_000).split())


def _some(typed: str) -> str:
    if not typed:
        raise ValueError("nothing there")
    return typed


def _number(typed: str) -> str:
    if check(_some(typed)) is not None:
        raise ValueError("wrong check digits")
    return canonical(typed)


def _email(typed: str) -> str:
    if typed:
        mailable(typed)
    return typed
