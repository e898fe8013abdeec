"""Why something may not be done, as an answer that a button, its explanation and the POST share."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Refusal:
    """A code that tests hang on, and an English sentence (a msgid with %(name)s placeholders) for people."""

    code: str
    text: str
    values: Mapping[str, Any] = field(default_factory=dict)
    """Filled into the text when shown; `Money` and dates are written in the reader's language there."""


class Refused(Exception):
    """Raised by actions: nothing was written, and `refusal` says why."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal


def refuse(refusal: Refusal | None) -> None:
    """Raise Refused, if there is anything that refuses."""
    if refusal is not None:
        raise Refused(refusal)


def N_(text: str) -> str:
    """Mark a text for the translation catalogues without translating it here."""
    return text
