"""Reads the file in which the ledger says what it has paid; whether that is so is judged by `domain.payment`.

Columns number, amount, paid_on and, where there is one, batch, in any order and with others between them; headings in
English, Swedish or Norwegian. Written as ledgers, banks and spreadsheets write: semicolon, comma or tab, UTF-8 or the
code page of Windows, minus before or behind or as brackets, days as 2024-09-05 or 05.09.2024. What may mean two things
is not guessed: its line and column are said, and what to write.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from portal.domain import delimited
from portal.domain.alphabet import visible
from portal.domain.days import read_date
from portal.domain.money import MINUS, Unreadable, plain, read_amount
from portal.domain.payment import LedgerLine
from portal.domain.refusal import N_, Refusal
from portal.finance.profiles import unguarded

MOST_LINES: Final = 5_000
MOST_BYTES: Final = 1_000_000

_NAMES: Final[Mapping[str, frozenset[str]]] = {
    "number": frozenset({"number", "nummer", "application", "ansökan", "søknad"}),
    "amount": frozenset({"amount", "belopp", "beløp", "paid_amount", "betalt beløp", "betalt belopp"}),
    "paid_on": frozenset(
        {"paid_on", "paid on", "paid", "betald", "betalt", "betaldatum", "betalningsdatum", "betalningsdag"}
        | {"betalingsdato", "betalingsdag"}
    ),
    "batch": frozenset({"batch", "underlag", "bunt"}),
}
_NEEDED: Final = ("number", "amount", "paid_on")

NOT_TEXT: Final = Refusal(
    "ledger.not-text", N_("The file is no text file. Save it as CSV, in a spreadsheet under “Save as”.")
)
OPEN_QUOTE: Final = Refusal(
    "ledger.quote", N_("A quotation mark is not closed, so what follows it cannot be told apart.")
)
MORE_CELLS: Final = Refusal(
    "ledger.more-cells",
    N_(
        "The row has more columns than there are headings. Put semicolons between columns, or quotation marks "
        "around amounts with a comma."
    ),
)
TWICE: Final = Refusal(
    "ledger.twice", N_("The column stands twice and says two different things. Keep one of them.")
)
EMPTY: Final = Refusal("ledger.empty", N_("The file has no rows."))
TOO_LONG: Final = Refusal(
    "ledger.too-long", N_("The file has more than %(most)s rows. Split it."), {"most": MOST_LINES}
)
_BAD: Final[Mapping[str, tuple[str, str]]] = {
    "number": ("ledger.number", N_("The number of the application is missing. Write it as RFR-2026-0012.")),
    "amount": (
        "ledger.not-amount",
        N_(
            "“%(typed)s” cannot be read as an amount. Write it as 8250,00, and what was taken back as -8250,00."
        ),
    ),
    "paid_on": (
        "ledger.not-date",
        N_("“%(typed)s” cannot be read as a day. Write it as 2026-03-01."),
    ),
    "batch": (
        "ledger.not-batch",
        N_("“%(typed)s” cannot be read as the number of a batch. Write it as 3, or leave it empty."),
    ),
}
_AMBIGUOUS: Final = N_("“%(typed)s” can mean two things. Write it as 10000,50.")
_SHOWN: Final = 40
"""Characters of a cell that are shown of what cannot be read."""

_TO_HYPHEN: Final = re.compile(f"[{MINUS[1:]}]")
_BRACKETS: Final = re.compile(r"\((.*)\)")
_BEHIND: Final = re.compile(r"(.*[0-9]) ?-")
_TIME: Final = r"(?:[ T][0-9:.]{4,15}(?:Z|[+-][0-9:]{4,5})?)?"
_ISO: Final = re.compile(r"([0-9]{4})([-/.]?)([0-9]{1,2})\2([0-9]{1,2})" + _TIME)
_DOTTED: Final = re.compile(r"([0-9]{1,2})\.([0-9]{1,2})\.([0-9]{4})" + _TIME)


@dataclass(frozen=True, slots=True)
class Wrong:
    """What cannot be read, in which line of the file (the heading is line 1) and under which of its headings."""

    line: int
    refusal: Refusal
    column: str = ""


def read_ledger(content: bytes) -> tuple[list[LedgerLine], list[Wrong]]:
    """The rows of the file, and everything in it that cannot be read; with anything wrong, nothing is to be used."""
    try:
        return _read(delimited.rows(content))
    except delimited.NotText as wrong:
        return [], [Wrong(wrong.line, OPEN_QUOTE if wrong.quoted else NOT_TEXT)]


def _read(rows: Iterable[tuple[int, list[str]]]) -> tuple[list[LedgerLine], list[Wrong]]:
    places: dict[str, list[int]] | None = None
    headings: Sequence[str] = ()
    found: list[LedgerLine] = []
    wrong: list[Wrong] = []
    for line, cells in rows:
        if places is None:
            places, headings = _places(cells), [" ".join(visible(each).split())[:_SHOWN] for each in cells]
            missing = [name for name in _NEEDED if name not in places]
            if missing:
                said = N_("The column %(name)s is missing.")
                named = [Refusal("ledger.column", said, {"name": name}) for name in missing]
                return [], [Wrong(line, each) for each in named]
            continue
        if len(found) + len(wrong) >= MOST_LINES:
            return [], [Wrong(line, TOO_LONG)]
        row, bad = _row(cells, places, line)
        wrong.extend(Wrong(line, each, headings[places[name][-1]]) for name, each in bad)
        if any(cell.strip() for cell in cells[len(headings) :]):
            wrong.append(Wrong(line, MORE_CELLS))
        if row is not None:
            found.append(row)
    if not found and not wrong:
        wrong.append(Wrong(1, EMPTY))
    return found, wrong


def _places(cells: Sequence[str]) -> dict[str, list[int]]:
    """Where each column stands, which may be in several places that say the same."""
    places: dict[str, list[int]] = {}
    for place, cell in enumerate(cells):
        heading = delimited.heading_of(cell)
        for name, names in _NAMES.items():
            if heading in names:
                places.setdefault(name, []).append(place)
    return places


def _row(
    cells: Sequence[str], places: Mapping[str, Sequence[int]], line: int
) -> tuple[LedgerLine | None, list[tuple[str, Refusal]]]:
    """A row, or which of its columns cannot be read and why."""
    values: dict[str, Any] = {"line": line}
    bad = []
    for name, where in places.items():
        found = [cells[place] if place < len(cells) else "" for place in where]
        typed, *again = [unguarded(" ".join(visible(cell[:1_000]).split())) for cell in found]
        if any(each != typed for each in again):
            bad.append((name, TWICE))
            continue
        try:
            values[name] = _READERS[name](_TO_HYPHEN.sub("-", typed))
        except ValueError as error:
            code, text = _BAD[name]
            if isinstance(error, Unreadable) and error.code == "form.too-precise":
                text = _AMBIGUOUS
            bad.append((name, Refusal(code, text, {"typed": typed[:_SHOWN]})))
    return (None, bad) if bad else (LedgerLine(**values), [])


def _number(typed: str) -> str:
    if not 0 < len(typed) <= 80:
        raise ValueError("no number")
    return typed.upper()


def _amount(typed: str) -> int:
    """The amount in minor units; what is taken back is below zero: -500, 500,00- or (500,00), but 500,- is 500."""
    below, text = False, typed.removeprefix("+").lstrip()
    for pattern in (_BRACKETS, _BEHIND):
        if found := pattern.fullmatch(text):
            below, text = True, found[1].strip()
            break
    if text.startswith("-"):
        if below:
            raise ValueError("below zero twice")
        below, text = True, text[1:].lstrip()
    amount = read_amount(text, "")
    return -amount if below else amount


def _day(typed: str) -> date:
    """A day whose order is beyond doubt: the year first, or with dots last, as nobody but Europeans writes it."""
    if found := _ISO.fullmatch(typed):
        year, month, day = found[1], found[3], found[4]
        if not found[2] and len(month + day) < 4:
            raise ValueError("no day")
    elif found := _DOTTED.fullmatch(typed):
        day, month, year = found[1], found[2], found[3]
    else:
        raise ValueError("no day")
    return read_date(f"{year}-{int(month):02d}-{int(day):02d}")


def _batch(typed: str) -> int | None:
    if not typed:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", typed):
        raise ValueError("no batch")
    return int(typed)


_READERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "number": _number,
    "amount": _amount,
    "paid_on": _day,
    "batch": _batch,
}


def spelled(lines: Sequence[LedgerLine]) -> str:
    """The rows as such a file, for the page to send back when the reader has looked at them; line by line as read."""
    rows = [
        f"{each.number};{plain(each.amount)};{each.paid_on.isoformat()};{'' if each.batch is None else each.batch}"
        for each in lines
    ]
    return "\n".join(("number;amount;paid_on;batch", *rows))
