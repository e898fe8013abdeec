"""Reads the file in which the ledger says what it has paid; whether that is so is judged by `domain.payment`.

Columns number, amount, paid_on and, where there is one, batch, in any order and with others between them; headings in
English, Swedish or Norwegian. Semicolon, comma or tab between them, decimal comma or point, with or without a BOM.
"""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from portal.domain.money import plain, read_amount
from portal.domain.payment import LedgerLine
from portal.domain.refusal import N_, Refusal
from portal.finance.profiles import read_date, unguarded

MOST_LINES: Final = 5_000
MOST_BYTES: Final = 1_000_000

_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"number", "nummer", "application", "ansökan", "søknad"}),
    "amount": frozenset({"amount", "belopp", "beløp", "paid_amount", "betalt beløp", "betalt belopp"}),
    "paid_on": frozenset({"paid_on", "paid on", "paid", "betald", "betalt", "betaldatum", "betalingsdato"}),
    "batch": frozenset({"batch", "underlag", "bunt"}),
}
_NEEDED: Final = ("number", "amount", "paid_on")
_MINUS: Final = ("-", "−")

NOT_TEXT: Final = Refusal("ledger.not-text", N_("The file is not a text file in UTF-8."))
EMPTY: Final = Refusal("ledger.empty", N_("The file has no rows."))
TOO_LONG: Final = Refusal(
    "ledger.too-long", N_("The file has more than %(most)s rows. Split it."), {"most": MOST_LINES}
)
_BAD: Final[Mapping[str, Refusal]] = {
    "number": Refusal("ledger.number", N_("The number of the application is missing.")),
    "amount": Refusal("ledger.not-amount", N_("The amount cannot be read.")),
    "paid_on": Refusal("ledger.not-date", N_("Write the day as a date that exists, such as 2026-03-01.")),
    "batch": Refusal("ledger.not-batch", N_("The number of the batch cannot be read.")),
}


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be read, and in which line of the file (the heading is line 1)."""

    line: int
    refusal: Refusal


def read_ledger(content: bytes) -> tuple[list[LedgerLine], list[Wrong]]:
    """The rows of the file, and everything in it that cannot be read; with anything wrong, nothing is to be used."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [Wrong(1, NOT_TEXT)]
    if "\0" in text:
        return [], [Wrong(1, NOT_TEXT)]
    heading = text.lstrip().partition("\n")[0]
    delimiter = max(";,\t", key=heading.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        return _read(reader)
    except csv.Error:
        return [], [Wrong(reader.line_num, NOT_TEXT)]


def _read(reader: Any) -> tuple[list[LedgerLine], list[Wrong]]:
    places: dict[str, int] | None = None
    found: list[LedgerLine] = []
    wrong: list[Wrong] = []
    for cells in reader:
        if not any(cell.strip() for cell in cells):
            continue
        if places is None:
            places = _places(cells)
            missing = [name for name in _NEEDED if name not in places]
            if missing:
                said = N_("The column %(name)s is missing.")
                named = [Refusal("ledger.column", said, {"name": name}) for name in missing]
                return [], [Wrong(reader.line_num, each) for each in named]
            continue
        if len(found) + len(wrong) >= MOST_LINES:
            return [], [Wrong(reader.line_num, TOO_LONG)]
        row, bad = _row(cells, places, reader.line_num)
        wrong.extend(Wrong(reader.line_num, _BAD[name]) for name in bad)
        if row is not None:
            found.append(row)
    if not found and not wrong:
        wrong.append(Wrong(1, EMPTY))
    return found, wrong


def _places(cells: Sequence[str]) -> dict[str, int]:
    """Where each column stands, the first of several."""
    places: dict[str, int] = {}
    for place, cell in enumerate(cells):
        heading = " ".join(cell.casefold().split())
        for name, names in _NAMES.items():
            if heading in names:
                places.setdefault(name, place)
    return places


def _row(cells: Sequence[str], places: Mapping[str, int], line: int) -> tuple[LedgerLine | None, list[str]]:
    values: dict[str, Any] = {"line": line}
    bad = []
    for name, place in places.items():
        typed = unguarded(cells[place].strip()) if place < len(cells) else ""
        try:
            values[name] = _READERS[name](typed)
        except ValueError:
            bad.append(name)
    return (None, bad) if bad else (LedgerLine(**values), [])


def _number(typed: str) -> str:
    if not 0 < len(typed) <= 80:
        raise ValueError("no number")
    return typed.upper()


def _amount(typed: str) -> int:
    """The amount in minor units; what is taken back is below zero."""
    below = typed.startswith(_MINUS)
    amount = read_amount(typed[1:] if below else typed, "")
    return -amount if below else amount


def _batch(typed: str) -> int | None:
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise ValueError("no batch")
    return int(typed)


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _number,
    "amount": _amount,
    "paid_on": read_date,
    "batch": _batch,
}


def spelled(lines: Sequence[LedgerLine]) -> str:
    """The rows as such a file, for the page to send back when the reader has looked at them; line by line as read."""
    rows = [
        f"{each.number};{plain(each.amount)};{each.paid_on.isoformat()};{'' if each.batch is None else each.batch}"
        for each in lines
    ]
    return "\n".join(("number;amount;paid_on;batch", *rows))
