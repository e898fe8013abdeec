"""What bears on an application from outside the answers typed: the register, the budget, people, an approval given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Self

from portal.domain.application import Answers, Application, Status


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

    @classmethod
    def of(cls, requests: Sequence[Application], once_key: str | None) -> Self:
        """Those requests as numbers; `refunded` counts the granted ones with that once-only key."""
        granted = [each for each in requests if each.status is Status.GRANTED]
        return cls(
            granted=len(granted),
            pending=sum(each.status.open for each in requests),
            requested=len(requests),
            refunded=sum(each.once_key == once_key for each in granted) if once_key else 0,
        )


@dataclass(frozen=True, slots=True)
class Facts:
    """All that the evaluation is told besides the answers; `actions.judging` gathers it, `assess` reads it."""

    register: Register = field(default_factory=Register)
    budget_left: int | None = None
    """What is left (minor units) of the budget period a decision can fall in; None: unlimited."""
    named: Mapping[str, int | None] = field(default_factory=dict)
    """Who is meant by each answer that names a person, by id; None for nobody, or for more than one."""
    given: Answers = field(default_factory=dict)
    """What a granted application gives this one."""
    requests: tuple[Application, ...] = ()
    """Those that the register counts, the last first: for pages to show, never for a rule."""
