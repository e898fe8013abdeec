"""Reading answers: typed text becomes values, and what cannot be read becomes `form.*` findings.

Knows types and form, nothing of any fund; what an answer means is judged in `checks`.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from portal.domain.alphabet import visible
from portal.domain.application import Answers
from portal.domain.days import read_date
from portal.domain.money import CURRENCIES, LARGEST, MINUS, Unreadable, converted, read_amount, read_rate
from portal.domain.scheme import Field, FieldType, Kind, When
from portal.domain.zones import COUNTRIES

COST_KINDS = ("fee", "travel", "lodging", "salary", "meals", "other")
DOCUMENT_KINDS = ("certificate", "receipt", "absence", "other")
MOST_LINES = 100
PARTS_OF_DAY = {"whole": 2, "half": 1}
"""How much of a day can be ticked, in half days."""
_DAYS = re.compile(rf"([{MINUS}]?)([0-9]{{1,40}})(?:[.,]([0-9]{{1,40}}))?")
_LONGEST_EVENT = timedelta(days=365)
"""From its first day to its last: a year that is a leap year."""
_MOST_DAYS = LARGEST // 100


@dataclass(frozen=True, slots=True)
class CostLine:
    """One cost: `amount` in minor units of the fund's currency, converted when it was typed in another."""

    position: int
    kind: str
    amount: int
    original: int
    currency: str
    rate: Decimal | None = None
    rate_on: date | None = None
    unclear: bool = False
    """Whether a part of it could not be read, so that its kind or amount says nothing."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An answer that could not be read: a `form.*` code at an input."""

    code: str
    field: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The answers to one kind of application, as typed and as values; a field that is blank or unreadable has none."""

    kind: Kind
    answers: Answers
    values: Mapping[str, Any]
    problems: tuple[Problem, ...]
    unreadable: frozenset[str]

    def __getitem__(self, name: str) -> Any:
        return self.values.get(name)

    def missing(self, name: str) -> bool:
        """Whether nothing was answered; an unreadable answer is not missing."""
        return self.values.get(name) in (None, "", ()) and name not in self.unreadable

    @property
    def costs(self) -> tuple[CostLine, ...]:
        lines: tuple[CostLine, ...] = self.values.get("costs", ())
        return lines

    @property
    def wanted_days(self) -> int | None:
        """Half days that are asked for, where days are what is decided."""
        return None if self.kind.decides_days is None else self[self.kind.decides_days]


def read(kind: Kind, answers: Answers) -> Typed:
    """Read every field of a kind of application; unknown answers are ignored."""
    values, problems = _read(kind, kind.fields.values(), answers)
    for last, first in kind.ordered_dates:
        if _reversed(values.get(first), values.get(last)):
            problems.append(Problem("form.dates-reversed", last))
        elif _far_apart(values.get(first), values.get(last)):
            problems.append(Problem("form.implausible-date", last))
    unread = frozenset(p.field.partition("-")[0] for p in problems if p.code != "form.required")
    return Typed(kind, answers, values, tuple(problems), unread)


def read_some(kind: Kind, answers: Answers, names: Iterable[str]) -> Mapping[str, Any]:
    """Those answers alone, as values: what must be known before all the answers are there to be read."""
    return _read(kind, (kind.fields[name] for name in names if name in kind.fields), answers)[0]


def _read(kind: Kind, fields: Iterable[Field], answers: Answers) -> tuple[dict[str, Any], list[Problem]]:
    values: dict[str, Any] = {}
    problems: list[Problem] = []
    for field in fields:
        typed = answers.get(field.name)
        if field.shown_when and not _matches(field.shown_when, answers, when_missing=True):
            continue
        if _is_blank(field, typed):
            if field.required or any(
                _matches(when, answers, when_missing=False) for when in field.needed_when
            ):
                problems.append(Problem("form.required", field.name))
            continue
        try:
            values[field.name] = _value(field, typed, kind.currency, problems)
        except Unreadable as unreadable:
            problems.append(Problem(unreadable.code, field.name))
    return values, problems


def _value(field: Field, typed: object, currency: str, problems: list[Problem]) -> Any:
    """One answer as a value; lists keep what can be read of them and report the rest. Raises Unreadable."""
    match field.type:
        case FieldType.AMOUNT:
            return read_amount(typed, currency)
        case FieldType.COSTS:
            return _costs(field, typed, currency, problems)
        case FieldType.DOCUMENTS:
            return _documents(field, typed, problems)
    return _READERS[field.type](field, typed)


def _is_blank(field: Field, typed: object) -> bool:
    """Whether nothing was answered; a text of mere dashes or invisible signs says nothing either."""
    if not isinstance(typed, str):
        return typed is None or typed == [] or typed == {}
    if field.type in (FieldType.TEXT, FieldType.LONG_TEXT):
        return not any(map(str.isalnum, typed))
    return not visible(typed).strip()


def is_asked(field: Field, answers: Answers) -> bool:
    """Whether the question bears on what has been answered so far."""
    return _matches(field.shown_when, answers, when_missing=True)


def awaits_another(field: Field, answers: Answers) -> bool:
    """Whether it is still open if the question will be asked, because another has no answer yet; nor has this one."""
    return (
        not answers.get(field.name)
        and is_asked(field, answers)
        and not _matches(field.shown_when, answers, when_missing=False)
    )


def _matches(when: When, answers: Answers, *, when_missing: bool) -> bool:
    for name, wanted in when.items():
        typed = answers.get(name)
        answer = str(typed).strip() if isinstance(typed, str | int | Decimal) else ""
        if not answer:
            if not when_missing:
                return False
        elif answer not in wanted and ("*" not in wanted or not answer.strip("0")):
            return False
    return True


def _reversed(first: Any, last: Any) -> bool:
    return isinstance(first, date) and isinstance(last, date) and last < first


def _far_apart(first: Any, last: Any) -> bool:
    return isinstance(first, date) and isinstance(last, date) and last - first > _LONGEST_EVENT


def _text(field: Field, typed: object) -> str:
    if isinstance(typed, bool) or not isinstance(typed, str | int | float | Decimal):
        raise Unreadable("form.unknown-choice")
    text = str(typed).strip()
    if len(text) > field.max_length:
        raise Unreadable("form.too-long")
    return text


def _choice(field: Field, typed: object) -> str:
    if isinstance(typed, str) and any(typed == choice.value for choice in field.choices):
        return typed
    raise Unreadable("form.unknown-choice")


def _country(_field: Field, typed: object) -> str:
    if isinstance(typed, str) and typed.strip().upper() in COUNTRIES:
        return typed.strip().upper()
    raise Unreadable("form.unknown-choice")


def _calendar(_field: Field, typed: object) -> tuple[tuple[date, int], ...]:
    """Days with as many half days of each as are ticked, in order."""
    if not isinstance(typed, Mapping):
        raise Unreadable("form.unknown-choice")
    if not all(isinstance(part, str) and part in PARTS_OF_DAY for part in typed.values()):
        raise Unreadable("form.unknown-choice")
    return tuple(sorted((read_date(day), PARTS_OF_DAY[part]) for day, part in typed.items()))


def counted(field: Field, ticked: Mapping[str, str]) -> dict[str, str]:
    """The answers that follow from what is ticked in a calendar."""
    parts = list(ticked.values())
    return {name: str(parts.count(part) or "") for part, name in field.counts.items()}


def _count(_field: Field, typed: object) -> int:
    """A whole number of things."""
    whole, fraction = _parts(typed)
    if fraction:
        raise Unreadable("form.not-a-number")
    return whole


def read_days(typed: object) -> int:
    """Whole and half days ("2", "2,5") as a number of half days. Raises Unreadable."""
    whole, fraction = _parts(typed)
    if fraction not in ("", "5"):
        raise Unreadable("form.too-precise")
    return whole * 2 + (fraction == "5")


def days_typed(half_days: int) -> str:
    """Half days as they are typed: 8,5."""
    return f"{half_days // 2},5" if half_days % 2 else str(half_days // 2)


def _parts(typed: object) -> tuple[int, str]:
    """A number that is not negative, as its whole part and its decimals without last zeros. Raises Unreadable."""
    plain = isinstance(typed, str | int | float | Decimal) and not isinstance(typed, bool)
    found = _DAYS.fullmatch(visible(str(typed)).strip()) if plain else None
    if found is None:
        raise Unreadable("form.not-a-number")
    whole, fraction = int(found[2]), (found[3] or "").rstrip("0")
    if found[1] and (whole or fraction):
        raise Unreadable("form.negative")
    if whole > _MOST_DAYS:
        raise Unreadable("form.too-large")
    return whole, fraction


def _documents(field: Field, typed: object, problems: list[Problem]) -> tuple[str, ...]:
    """The kinds of document attached, each once; an unknown one is reported and hides no other."""
    given = typed if isinstance(typed, list | tuple) else ()
    known = tuple(kind for kind in DOCUMENT_KINDS if kind in given)
    if given is not typed or any(each not in DOCUMENT_KINDS for each in given):
        problems.append(Problem("form.unknown-choice", field.name))
    return known


def _costs(field: Field, typed: object, currency: str, problems: list[Problem]) -> tuple[CostLine, ...]:
    if not isinstance(typed, list | tuple):
        problems.append(Problem("form.unknown-choice", field.name))
        return ()
    if len(typed) > MOST_LINES:
        problems.append(Problem("form.too-many", field.name))
    lines = []
    for position, line in enumerate(typed):
        where = f"{field.name}-{position}"
        if not isinstance(line, Mapping):
            problems.append(Problem("form.unknown-choice", where))
        elif str(line.get("amount") if line.get("amount") is not None else "").strip():
            lines.append(_cost_line(position, where, line, currency, problems))
    return tuple(lines)


def _cost_line(
    position: int, where: str, line: Mapping[str, Any], currency: str, problems: list[Problem]
) -> CostLine:
    """Read one line; each part that cannot be read is reported, and without kind, amount or rate it counts as 0."""
    before = len(problems)

    def part(name: str, reader: Callable[[object], Any], default: Any = None) -> Any:
        try:
            return reader(line.get(name))
        except Unreadable as unreadable:
            problems.append(Problem(unreadable.code, f"{where}-{name}"))
            return default

    kind = part("kind", _cost_kind, "")
    stated = part("currency", _currency, currency) or currency
    original = part("amount", lambda value: read_amount(value, stated), 0)
    if stated == currency:
        unclear = len(problems) > before
        return CostLine(position, kind, 0 if unclear else original, original, currency, unclear=unclear)
    rate = part("rate", lambda value: read_rate(_present(value)))
    rate_on = part("rate_on", lambda value: read_date(_present(value)))
    amount = converted(original, rate) if rate is not None and kind else 0
    if amount > LARGEST:
        problems.append(Problem("form.too-large", f"{where}-amount"))
        amount = 0
    return CostLine(position, kind, amount, original, stated, rate, rate_on, len(problems) > before)


def _present(value: object) -> object:
    if value is None or (isinstance(value, str) and not value.strip()):
        raise Unreadable("form.required")
    return value


def _cost_kind(value: object) -> str:
    if _present(value) in COST_KINDS:
        return str(value)
    raise Unreadable("form.unknown-choice")


def _currency(value: object) -> str | None:
    if value is None or (isinstance(value, str) and not value.strip()):
        return None
    if isinstance(value, str) and value.strip().upper() in CURRENCIES:
        return value.strip().upper()
    raise Unreadable("form.unknown-choice")


_READERS: Mapping[FieldType, Callable[[Field, object], Any]] = {
    FieldType.TEXT: _text,
    FieldType.LONG_TEXT: _text,
    FieldType.PERSON: _text,
    FieldType.DATE: lambda _field, typed: read_date(typed),
    FieldType.CHOICE: _choice,
    FieldType.COURSE: _choice,
    FieldType.COUNTRY: _country,
    FieldType.COUNT: _count,
    FieldType.DAYS: lambda _field, typed: read_days(typed),
    FieldType.APPLICATION: _text,
    FieldType.CALENDAR: _calendar,
}
