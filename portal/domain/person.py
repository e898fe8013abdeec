"""Who somebody is and what they are to the portal; what they may do stands in `access`."""

from dataclasses import dataclass, field

FINANCE = "finance"
ADMINISTRATOR = "administrator"
ROLES = (FINANCE, ADMINISTRATOR)


_LONGEST_LOGIN = 100


def as_login(typed: str) -> str:
    """A login as it is kept, looked up, counted and logged: whatever reads the same is the same."""
    return typed.strip().lower()[:_LONGEST_LOGIN].strip()


@dataclass(frozen=True, slots=True)
class Person:
    """One natural person; `number` is the stable personal id that "per person och år" counts by."""

    id: int
    number: str
    name: str
    email: str
    unit: str
    language: str = "sv"
    head_id: int | None = None
    head_number: str | None = field(default=None, compare=False)
    """The personal id of the head, as long as the head is here; it follows from `head_id`."""
    specialist: bool = False
    roles: frozenset[str] = field(default_factory=frozenset)
    funds: frozenset[str] = field(default_factory=frozenset)
    """Funds in which the person holds a seat today, as holder or substitute."""
    leads: bool = False
    """Whether somebody has this person as head."""

    @property
    def approves(self) -> bool:
        """Whether the person holds a seat in any fund today."""
        return bool(self.funds)
