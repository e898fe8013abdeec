"""The application form: reads what was typed into answers by the scheme's questions, and judges none of it.

Only the fields of the scheme are read, so nothing else that a browser sends reaches the answers. Cost lines are inputs
named costs-0-kind, costs-0-amount …: they become one list, whatever the browser sent.
"""

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any, Protocol

from portal.domain.days import read_date
from portal.domain.fields import PARTS_OF_DAY, counted
from portal.domain.money import CURRENCIES, Unreadable
from portal.domain.scheme import Field, FieldType, Kind
from portal.forms.names import choice_value, country_code
from portal.forms.typed import clean, earliest, iso, whole

PARTS = ("kind", "amount", "currency", "rate", "rate_on")
Line = dict[str, str]


class FormData(Protocol):
    """What a form was sent as: names, and the texts under each."""

    def __iter__(self) -> Any: ...
    def getlist(self, name: str) -> list[str]: ...


def read_answers(kind: Kind, typed: Any, today: date) -> dict[str, Any]:
    """The answers in a posted form as the `assess` command takes them, without the questions left blank.

    A day without its year is looked for from where its first date leans, and from the first one answered for the rest.
    Cost lines are changed by the button for them, when it was one that was pressed.
    """
    # What the portal itself fills in (`given`) is no question, so nobody can send it.
    asked = (field for field in kind.fields.values() if not field.given)
    answers = {field.name: answer for field in asked if (answer := _answer(field, typed, today))}
    since = earliest(kind.dates_lean, today)
    for name in (field.name for field in kind.of_type(FieldType.DATE) if field.name in answers):
        answers[name] = iso(answers[name], since)
        since = _day(answers[name]) or since
    for field in kind.of_type(FieldType.CALENDAR):
        if ticked := answers.get(field.name):
            answers = {n: a for n, a in (answers | counted(field, ticked)).items() if a}
    for field in kind.of_type(FieldType.COSTS):
        changed = changed_by(str(typed.get("action", "")), answers.get(field.name, []))
        if changed is not None:
            answers[field.name] = changed
    return answers


def _answer(field: Field, typed: Any, today: date) -> Any:
    match field.type:
        case FieldType.COSTS:
            return read_lines(field.name, typed, today)
        case FieldType.CALENDAR:
            return read_ticks(field.name, typed)
        case FieldType.DOCUMENTS:
            return list(dict.fromkeys(text for each in typed.getlist(field.name) if (text := clean(each))))
    text = clean(typed.get(field.name, ""))
    if text and field.type is FieldType.COUNTRY:
        return country_code(text)
    if text and field.type in (FieldType.COURSE, FieldType.CHOICE):
        return choice_value(text, field.choices)
    return text


def to_keep(kind: Kind, answers: Mapping[str, Any]) -> dict[str, Any]:
    """The answers as a draft keeps them: without the blank lines that are only room to write in."""
    kept = dict(answers)
    for field in kind.of_type(FieldType.COSTS):
        kept[field.name] = without_last_blanks(kept.get(field.name) or [])
        if not kept[field.name]:
            del kept[field.name]
    return kept


def read_lines(name: str, typed: FormData, today: date) -> list[Line]:
    """The lines under a field's name; those left out stay as blank ones, so that line 2 stays line 2."""
    lines: dict[int, Line] = {}
    start = len(name) + 1
    for key in typed:
        if not key.startswith(name) or key[start - 1 : start] != "-":
            continue
        position, _dash, part = key[start:].partition("-")
        if part in PARTS and position.isascii() and position.isdigit() and len(position) <= 3:
            text = clean(typed.getlist(key)[0])
            line = lines.setdefault(int(position), {})
            if text and part == "rate_on":
                line[part] = iso(text, earliest("back", today))
            elif text:
                line[part] = text.upper() if part == "currency" and text.upper() in CURRENCIES else text
    return [lines.get(position, {}) for position in range(max(lines, default=-1) + 1)]


def read_ticks(name: str, typed: FormData) -> dict[str, str]:
    """The days ticked in a calendar, each with how much of it: inputs named away-2024-02-05."""
    start = f"{name}-"
    ticks = {key.removeprefix(start): typed.getlist(key)[0] for key in typed if key.startswith(start)}
    return {day: part for day, part in sorted(ticks.items()) if part in PARTS_OF_DAY and _day(day)}


def _day(text: str) -> date | None:
    try:
        return read_date(text) if len(text) == len("2026-01-01") else None
    except Unreadable:
        return None


def is_blank(line: Mapping[str, Any]) -> bool:
    """Whether nothing was typed in a line; what it is for and in which currency may have been set beforehand."""
    return not any(line.get(part) for part in ("amount", "rate", "rate_on"))


def without_last_blanks(lines: Iterable[Line]) -> list[Line]:
    """The lines as they are kept: blank ones at the end are only room to write in."""
    kept = list(lines)
    while kept and is_blank(kept[-1]):
        kept.pop()
    return kept


def with_rate(
    action: str, lines: list[Line], rate_of: Callable[[Line], tuple[str, date] | None]
) -> list[Line] | None:
    """The lines after "use-rate-2" was pressed, with the rate suggested for that one; None when another button was."""
    position = whole(action.removeprefix("use-rate-")) if action.startswith("use-rate-") else None
    if position is None or position >= len(lines) or (found := rate_of(lines[position])) is None:
        return None
    used = {**lines[position], "rate": found[0], "rate_on": found[1].isoformat()}
    return [*lines[:position], used, *lines[position + 1 :]]


def changed_by(action: str, lines: list[Line]) -> list[Line] | None:
    """The lines after "add-line" or "remove-line-2" was pressed; None when another button was."""
    if action == "add-line":
        return [*lines, {}]
    act, _dash, position = action.rpartition("-")
    if act != "remove-line":
        return None
    if not (position.isascii() and position.isdigit() and len(position) <= 3):
        return lines
    return [line for index, line in enumerate(lines) if index != int(position)]
