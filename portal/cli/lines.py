"""The `assess` command: JSON Lines in, JSON Lines out, one application a line, by the same evaluation as every page.

A line that is no application is answered with what is wrong with it. Arguments, files and exit status are the command
line's.
"""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from math import isfinite
from typing import Any, BinaryIO

from portal.domain.assess import assess
from portal.domain.facts import HEADS, Facts, Register
from portal.domain.fields import read
from portal.domain.money import plain
from portal.domain.scheme import LANGUAGES, Scheme
from portal.language.wording import finding_text

LONGEST = 1_000_000
"""Bytes a line may have; a longer one is refused unread, so that memory stays the same."""

_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,2})?")
_COUNTS = ("granted", "pending", "requested", "refunded", "overlapping", "shared")


class Unanswerable(Exception):
    """A line that is no application to assess; the message says why."""


def answer_lines(source: BinaryIO, schemes: Mapping[str, Scheme]) -> Iterator[tuple[bytes, bool]]:
    """The answer to each line as a line of UTF-8, and whether it could be assessed; one line at a time."""
    for line in _lines(source):
        answer = answer_line(line, schemes)
        yield _written(answer), "error" not in answer


def answer_line(line: bytes, schemes: Mapping[str, Scheme]) -> dict[str, Any]:
    """The assessment of one line as `assess` prints it, or {"case", "error"}."""
    case = None
    try:
        asked = _object(line)
        case = asked.get("case")
        return _assessed(asked, schemes)
    except Unanswerable as wrong:
        return {"case": case, "error": str(wrong)}


def _lines(source: BinaryIO) -> Iterable[bytes]:
    """The lines of a file, one too long cut off where that shows."""
    while line := source.readline(LONGEST + 1):
        rest = line
        while len(rest) > LONGEST and not rest.endswith(b"\n"):
            rest = source.readline(LONGEST + 1)
        yield line


def _object(line: bytes) -> dict[str, Any]:
    if len(line) > LONGEST:
        raise Unanswerable(f"the line is longer than {LONGEST} bytes")
    try:
        text = line.removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        read = json.loads(text, parse_float=Decimal, parse_int=_whole, parse_constant=_no_number)
    except UnicodeDecodeError:
        raise Unanswerable("the line is not UTF-8") from None
    except (ValueError, ArithmeticError, RecursionError):
        raise Unanswerable("the line is not JSON") from None
    if not isinstance(read, dict):
        raise Unanswerable("the line is not a JSON object")
    return read


def _whole(digits: str) -> int | Decimal:
    """A whole number, of however many digits; Python refuses to make an int of very many."""
    return int(digits) if len(digits) < 100 else Decimal(digits)


def _no_number(name: str) -> None:
    raise ValueError(f"{name} is not JSON")


def _assessed(asked: Mapping[str, Any], schemes: Mapping[str, Scheme]) -> dict[str, Any]:
    key = asked.get("scheme")
    scheme = schemes.get(key) if isinstance(key, str) else None
    if scheme is None:
        raise Unanswerable("unknown scheme")
    kind = asked.get("kind")
    if kind is not None and (not isinstance(kind, str) or kind not in scheme.kinds):
        raise Unanswerable(f"unknown kind; {scheme.key} has {', '.join(scheme.kinds)}")
    answers = asked.get("answers")
    if not isinstance(answers, dict):
        raise Unanswerable("“answers” must be an object")
    given = asked.get("register")
    head = asked.get("head") or (given.get("head") if isinstance(given, dict) else None) or "known"
    if head not in HEADS:
        raise Unanswerable(f"“head” is one of {', '.join(HEADS)}")
    specialist = asked.get("specialist")
    if specialist is not None and not isinstance(specialist, bool):
        raise Unanswerable("“specialist” is true or false, as the register of people has it")
    register, left = _register(given), _budget_left(asked.get("budget_left"))
    facts = Facts(register, left, head=head, specialist=specialist)
    typed = read(scheme.kinds[kind] if kind else scheme.main_kind, answers)
    try:
        assessment = assess(typed, scheme, facts, _instant(asked.get("at")))
    except OverflowError:
        raise Unanswerable("“at” is outside the calendar") from None
    return {
        "case": asked.get("case"),
        "scheme": assessment.scheme,
        "submittable": assessment.submittable,
        "amount": plain(assessment.amount),
        "currency": assessment.currency,
        "decidable_from": assessment.decidable_from.isoformat() if assessment.decidable_from else None,
        "findings": [
            {
                "code": finding.code,
                "severity": finding.severity.value,
                "field": finding.field,
                "source": str(finding.source) if finding.source else None,
                "message": {language: finding_text(finding, language) for language in LANGUAGES},
            }
            for finding in assessment.findings
        ],
    }


def _instant(at: object) -> datetime:
    try:
        instant = datetime.fromisoformat(at) if isinstance(at, str) else None
    except ValueError:
        instant = None
    if instant is None:
        raise Unanswerable("“at” must be a date and time such as 2024-03-01T10:00:00+01:00")
    if instant.tzinfo is None:
        raise Unanswerable("“at” needs a time zone, such as 2024-03-01T10:00:00+01:00")
    return instant


def _register(given: object) -> Register:
    if given is None:
        return Register()
    if not isinstance(given, dict):
        raise Unanswerable("“register” must be an object")
    counts = {name: count for name in _COUNTS if (count := given.get(name)) is not None}
    for name, count in counts.items():
        if not isinstance(count, int) or isinstance(count, bool) or count < 0:
            raise Unanswerable(f"“{name}” of the register must be a whole number")
    try:
        away = frozenset(date.fromisoformat(day) for day in given.get("days_away") or ())
    except (TypeError, ValueError):
        raise Unanswerable("“days_away” of the register must be a list of dates") from None
    return Register(**counts, days_away=away)


def _budget_left(given: object) -> int | None:
    """An amount such as "1750000.00" in minor units; None when nothing is said: unlimited."""
    if given is None:
        return None
    text = str(given) if isinstance(given, str | int | Decimal) and not isinstance(given, bool) else ""
    if not _AMOUNT.fullmatch(text.strip()):
        raise Unanswerable("“budget_left” must be an amount such as 1750000.00")
    return int(Decimal(text.strip()) * 100)


def _written(answer: Mapping[str, Any]) -> bytes:
    try:
        return json.dumps(answer, ensure_ascii=False, default=_number).encode() + b"\n"
    except UnicodeEncodeError:  # half a character in "case"
        return json.dumps(answer, default=_number).encode() + b"\n"


def _number(value: Decimal) -> float | str:
    """A number in "case", given back as JSON can."""
    return float(value) if isfinite(float(value)) else str(value)
