"""Reading a TOML table strictly: every key is asked for, and what nobody asked for is refused by name."""

import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from portal.domain.scheme import LANGUAGES, Words

T = TypeVar("T")
_MISSING: Any = object()
_PLACES = re.compile(r"\{(\w+)\}")
_UNLIKE: Mapping[Any, tuple[type, ...]] = {int: (bool,), int | float: (bool,), date: (datetime,)}
"""What Python takes for another type and a scheme file must not."""


class SchemeError(Exception):
    """A scheme file that cannot be used; the message names the file, the place and what is wrong."""


class Table:
    """One table of a scheme file with its place in it, such as "rfr-2024.toml, rule rfr.ceiling"."""

    def __init__(self, content: object, place: str) -> None:
        if not isinstance(content, Mapping):
            raise SchemeError(f"{place}: expected a table")
        self.content, self.place, self._asked = content, place, set[str]()

    def fail(self, what: str) -> SchemeError:
        """The error to raise when something in this table is wrong."""
        return SchemeError(f"{self.place}: {what}")

    def take(self, key: str, kind: type, default: Any = _MISSING) -> Any:
        """The value of a key, of exactly that type."""
        self._asked.add(key)
        value = self.content.get(key, default)
        if value is _MISSING:
            raise self.fail(f"“{key}” is missing")
        if value is not default and (not isinstance(value, kind) or isinstance(value, _UNLIKE.get(kind, ()))):
            raise self.fail(f"“{key}” must be {getattr(kind, '__name__', kind)}, not {value!r}")
        return value

    def text(self, key: str, default: Any = _MISSING) -> str:
        value: str = self.take(key, str, default)
        return value

    def one_of(self, key: str, known: Collection[str], default: Any = _MISSING) -> str:
        value = self.text(key, default)
        if value not in known:
            raise self.fail(f"unknown {key.rpartition('_')[2]} {value}")
        return value

    def day(self, key: str, default: Any = _MISSING) -> Any:
        return self.take(key, date, default)

    def amount(self, key: str) -> int:
        """An amount written as text ("5000.00"), in minor units."""
        typed = self.text(key)
        if not re.fullmatch(r"[0-9]+\.[0-9]{2}", typed):
            raise self.fail(f'“{key}” must be an amount such as "5000.00", not {typed!r}')
        return int(typed.replace(".", ""))

    def half_days(self, key: str, default: float | None = 0) -> int | None:
        """A number of days such as 9.5, in halves; None where nothing is said and nothing need be."""
        days = self.take(key, int | float, default)  # type: ignore[arg-type]
        if days is None:
            return None
        if days * 2 != int(days * 2) or not 0 < days <= 366:
            raise self.fail(f"days come in halves, not {days}")
        return int(days * 2)

    def strings(self, key: str, default: Any = _MISSING) -> tuple[str, ...]:
        values = self.take(key, list, default)
        if any(not isinstance(value, str) for value in values):
            raise self.fail(f"“{key}” must be a list of texts")
        return tuple(values)

    def words(self, key: str, default: Any = _MISSING) -> Words:
        """A text in every language of the portal."""
        value = self.take(key, dict, default)
        if value is default:
            return default if default is not None else {}
        return check_words(value, f"{self.place}, {key}")

    def table(self, key: str, default: Any = _MISSING) -> "Table":
        return Table(self.take(key, dict, default), f"{self.place}, {key}")

    def tables(self, key: str, default: Any = _MISSING) -> list["Table"]:
        rows = self.take(key, list, default)
        return [Table(row, f"{self.place}, {key} {_name(row, n)}") for n, row in enumerate(rows, 1)]

    def done(self) -> None:
        """Refuse what nobody asked for."""
        unknown = sorted(set(self.content) - self._asked)
        if unknown:
            raise self.fail(f"unknown: {', '.join(unknown)}")


def read_each(rows: Iterable[Table], read: Callable[[Table], T]) -> tuple[T, ...]:
    """Read every row, and tell all that is wrong with any of them at once. Raises SchemeError."""
    found, wrong = [], []
    for row in rows:
        try:
            found.append(read(row))
        except SchemeError as error:
            wrong.append(str(error))
    if wrong:
        raise SchemeError("\n".join(wrong))
    return tuple(found)


def check_words(value: Mapping[str, Any], place: str) -> Words:
    """A text in exactly the portal's languages, none empty, all with the same {placeholders}."""
    if set(value) != set(LANGUAGES):
        raise SchemeError(f"{place}: needs exactly the languages {', '.join(LANGUAGES)}")
    for language, text in value.items():
        if not isinstance(text, str) or not text.strip():
            raise SchemeError(f"{place}: the text in {language} is empty")
    if len({frozenset(places(text)) for text in value.values()}) > 1:
        raise SchemeError(f"{place}: the languages use different {{places}}")
    return dict(value)


def places(text: str) -> list[str]:
    """The {placeholders} of a template."""
    return _PLACES.findall(text)


def _name(row: object, number: int) -> str:
    if isinstance(row, Mapping):
        for key in ("code", "key", "name", "value"):
            if isinstance(row.get(key), str):
                return str(row[key])
    return f"no. {number}"
