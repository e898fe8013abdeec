"""The two ways a file is written: for a Swedish or Norwegian spreadsheet, and for another program.

Knows how one cell of each kind is written and read back, and which text a spreadsheet would take for a formula. Rows
and files are `text`'s.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

FORMULA = "=+-@\t\r\n\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b"
"""What a spreadsheet takes for the beginning of a formula: with the full-width and small forms it reads alike."""

_GUARDED = re.compile(rf"'*[{re.escape(FORMULA)}]")
_HOUR, _MINUTE, _SECOND = len("2026-01-01T12"), len("2026-01-01T12:30"), len("2026-01-01T12:30:59")


@dataclass(frozen=True, slots=True)
class Profile:
    """A way to write a file of rows."""

    key: str
    delimiter: str
    mark: str
    """Between whole crowns and öre."""
    bom: bytes
    for_people: bool
    """Headings, words and instants as a person reads them, and text guarded; else as a program wants them."""


EXCEL = Profile("excel", ";", ",", "\ufeff".encode(), for_people=True)
PLAIN = Profile("plain", ",", ".", b"", for_people=False)
PROFILES = {profile.key: profile for profile in (EXCEL, PLAIN)}


def guarded(text: str) -> str:
    """Text that no spreadsheet takes for a formula: an apostrophe before what begins like one.

    Text that already has apostrophes before such a sign gets one more, so that `unguarded` gives every text back.
    """
    return f"'{text}" if _GUARDED.match(text) else text


def unguarded(text: str) -> str:
    """The text that `guarded` was given."""
    return text[1:] if text.startswith("'") and _GUARDED.match(text) else text


def amount_writer(mark: str) -> Callable[[int], str]:
    """Writes minor units with two decimals and no thousand separators: never text, so never guarded."""

    def write(amount: int) -> str:
        if amount < 0:
            return f"-{-amount // 100}{mark}{-amount % 100:02d}"
        return f"{amount // 100}{mark}{amount % 100:02d}"

    return write


def read_amount(cell: str, mark: str) -> int:
    """The minor units of an amount as `amount_writer` writes it. Raises ValueError."""
    found = re.fullmatch(rf"(-?)([0-9]+){re.escape(mark)}([0-9]{{2}})", cell)
    if found is None:
        raise ValueError(f"not an amount: {cell!r}")
    amount = int(found[2]) * 100 + int(found[3])
    return -amount if found[1] else amount


def instant_writer(zone: ZoneInfo | None) -> Callable[[str], str]:
    """Writes an instant given as UTC text, to the second: local in a zone, else as a program wants it (with a Z).

    An hour of UTC has one offset, so hours are converted once and the minutes copied; in the few zones that are not
    whole hours from UTC, minutes are.
    """
    if zone is None:
        return lambda text: f"{text[:_SECOND]}Z"
    offset = datetime(2026, 1, 1, tzinfo=zone).utcoffset() or timedelta(0)
    kept = _HOUR if offset % timedelta(hours=1) == timedelta(0) else _MINUTE

    @lru_cache(maxsize=20_000)
    def local(text: str) -> str:
        whole = f"{text}:00:00+00:00" if kept == _HOUR else f"{text}:00+00:00"
        return datetime.fromisoformat(whole).astimezone(zone).isoformat(" ")[:kept]

    return lambda text: local(text[:kept]) + text[kept:_SECOND]


def read_instant(cell: str, zone: ZoneInfo | None) -> datetime:
    """The UTC instant of a cell as `instant_writer` writes it; of an hour that comes twice, the first.

    Raises ValueError.
    """
    if zone is None:
        instant = datetime.fromisoformat(cell)
        if instant.utcoffset() != timedelta(0):
            raise ValueError(f"not UTC: {cell!r}")
        return instant.astimezone(UTC)
    return datetime.fromisoformat(cell).replace(tzinfo=zone).astimezone(UTC)


def read_date(cell: str) -> date:
    """The day in a cell. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", cell):
        raise ValueError(f"not a date: {cell!r}")
    return date.fromisoformat(cell)
