"""What the administrator's pages are given."""

from dataclasses import dataclass

from portal.domain.person import Person


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """Everybody, by name."""

    people: tuple[Person, ...]
