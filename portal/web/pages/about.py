"""What the pages about the portal itself are given."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class StatementPage:
    """The accessibility statement."""

    contact: str
    """Where to write when something cannot be used."""
