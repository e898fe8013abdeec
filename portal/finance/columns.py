"""What a column is: its name for machines, heading, kind and meaning; which there are stands in `sheets`."""

from dataclasses import dataclass
from enum import StrEnum

from portal.domain.scheme import Words


class Kind(StrEnum):
    """What stands in a column's cells, and so how they are written and read."""

    TEXT = "text"
    WORD = "word"
    """One of a few keys of the portal, written for people in their language and for machines as it is."""
    AMOUNT = "amount"
    """Minor units (öre, øre) in an int."""
    DATE = "date"
    INSTANT = "instant"
    """Aware, in UTC; written as local time for people."""
    NUMBER = "number"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet."""

    key: str
    kind: Kind
    header: Words
    meaning: Words
    """What stands in it, for whoever reads the file; shown on the page beside the download."""
    vocabulary: str = ""
    """For a WORD: which of the `words` its keys belong to."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table that can be downloaded: its name in file names, its title and its columns in order."""

    key: str
    title: Words
    columns: tuple[Column, ...]
