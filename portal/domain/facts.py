"""What the register and the budget say about an application from outside its own answers."""

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Register:
    """How many other applications of this participant the register holds for the event's year.

    `granted` stands for grants in force, `pending` for submitted ones that await decision, `requested` for all
    whatever came of them, `refunded` for refunds of this very course to this doctor.
    """

    granted: int = 0
    pending: int = 0
    requested: int = 0
    refunded: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """The register, and what is left (minor units) of the budget period a decision can fall in; None: unlimited."""

    register: Register = field(default_factory=Register)
    budget_left: int | None = None
