"""A letter before it is printed: every word it will hold, in order, as values that can be kept as JSON.

What a letter says is `composing`'s, out of words.toml; how it looks stands in letter.typ, which knows these parts and
no others.
"""

import hashlib
import json
import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from portal.domain.digest import canonical
from portal.domain.scheme import Words
from portal.schemes.table import check_words

WORDS = Path(__file__).parent / "words.toml"


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A name and what it is."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class NamedValues:
    """Rows of name and value under a heading."""

    title: str
    rows: tuple[NamedValue, ...]


@dataclass(frozen=True, slots=True)
class TableRow:
    """A row of a table; a strong one is set apart from those above it."""

    cells: tuple[str, ...]
    strong: bool = False


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column's heading; `share` of the width, whether it holds figures, and its language when it has its own."""

    title: str
    share: int = 1
    figures: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table under a heading; its head is repeated on every page that it runs over."""

    title: str
    columns: tuple[TableColumn, ...]
    lines: tuple[TableRow, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Prose:
    """Paragraphs under a heading."""

    title: str
    paragraphs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SignatureBlock:
    """One signature: who, in which seat, when, and to what."""

    name: str
    seat: str
    at: str
    mark: str


@dataclass(frozen=True, slots=True)
class Signatures:
    """The signatures under a heading."""

    title: str
    intro: str
    signed: tuple[SignatureBlock, ...]


@dataclass(frozen=True, slots=True)
class Banner:
    """What the letter comes to, to be seen first; `tone` is good, plain or bad."""

    word: str
    figure: str = ""
    note: str = ""
    tone: str = "plain"


Part = NamedValues | Grid | Prose | Signatures
# As letter.typ and the records already kept call them.
PART_NAMES = {NamedValues: "facts", Grid: "grid", Prose: "prose", Signatures: "signatures"}


@dataclass(frozen=True, slots=True)
class Letter:
    """A whole letter. `dated_on` is the day it speaks of, never the day it is printed."""

    kind: str
    language: str
    number: str
    dated_on: date
    sender: str
    label: str
    title: str
    receiver: tuple[str, ...]
    reference: tuple[NamedValue, ...]
    parts: tuple[Part, ...]
    page_words: str
    """"page {page} of {pages}" in the letter's language."""
    lead: str = ""
    banner: Banner | None = None

    def as_record(self) -> dict[str, Any]:
        record = asdict(self) | {"dated_on": self.dated_on.isoformat()}
        record["parts"] = [{"part": PART_NAMES[type(part)], **asdict(part)} for part in self.parts]
        # Tuples become lists, so that a record kept and read again is equal to this one.
        plain: dict[str, Any] = json.loads(json.dumps(record, ensure_ascii=False))
        return plain


def digest_of(record: Mapping[str, Any]) -> str:
    """SHA-256 of a letter's record as canonical JSON."""
    return hashlib.sha256(canonical(record).encode()).hexdigest()


@cache
def words() -> Mapping[str, Words]:
    """Every text by "section.key". Raises SchemeError when a language is missing."""
    return {
        f"{section}.{key}": check_words(texts, f"{WORDS.name}, {section}.{key}")
        for section, content in tomllib.loads(WORDS.read_text("utf-8")).items()
        for key, texts in content.items()
    }


class Said:
    """The letters' words in one language: `said("costs.amount", currency="SEK")`."""

    def __init__(self, language: str) -> None:
        self.language = language

    def __call__(self, key: str, **values: str) -> str:
        text = words()[key][self.language]
        for name, value in values.items():
            text = text.replace("{" + name + "}", value)
        return text
