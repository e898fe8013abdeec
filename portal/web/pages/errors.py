"""What the pages about something that could not be done are given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorPage:
    """Why a page is not shown or a thing not done, and what to do now."""

    status: int
    title: str
    text: str
    id: str
    """Found again in the log."""
    home: bool = True
    """Whether to offer the way to the start page."""


@dataclass(frozen=True, slots=True)
class ResendPage:
    """What was typed on a page that had been open too long, to be sent again."""

    address: str
    fields: tuple[tuple[str, str], ...]
