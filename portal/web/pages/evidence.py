"""What the pages about documents are given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FileLine:
    """One document in a list, with where it is fetched."""

    name: str
    size: str
    href: str
    what: str = ""
    """What it proves."""
    remove: str = ""
    """The action that takes it off, where it may be."""
    new: bool = False
    """Whether the version before did not have it."""


@dataclass(frozen=True, slots=True)
class Area:
    """Where files of one kind are attached."""

    name: str
    """Of the input, and of everything about it."""
    label: str
    files: tuple[FileLine, ...]
    refused: tuple[str, ...] = ()
    announce: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """A question that is answered by attaching files."""

    token: str
    name: str
    label: str
    hint: str
    limit: str
    most: int
    """The limit in bytes, for the page's script."""
    accept: str
    areas: tuple[Area, ...]
    errors: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class EvidencePage:
    """The files of a draft, on a page of their own."""

    token: str
    title: str
    scheme_title: str
    evidence: Evidence
