"""What a check is: a function under its name, the sorts of its parameters, and all that it may look at."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NewType

from portal.domain.facts import Facts
from portal.domain.fields import Typed
from portal.domain.money import Money
from portal.domain.reckoning import Reckoning
from portal.domain.scheme import Scheme

FieldName = NewType("FieldName", str)
"""A parameter that must name a field of the form."""
FieldNames = NewType("FieldNames", tuple[str, ...])
AmountField = NewType("AmountField", str)
DateField = NewType("DateField", str)
DaysField = NewType("DaysField", str)
CalendarField = NewType("CalendarField", str)
Answer = NewType("Answer", str)
"""A choice of the field that `when`, or else `field`, names."""
AnswerValues = NewType("AnswerValues", tuple[str, ...])
CostKinds = NewType("CostKinds", tuple[str, ...])
Months = NewType("Months", int)
DocumentKind = NewType("DocumentKind", str)
DaysLimit = NewType("DaysLimit", str)
"""The key of a limit in days."""
Quantity = NewType("Quantity", str)
"""What the reckoning of the kind of application works out."""

Values = Mapping[str, Any]
NOTHING: Values = {}


@dataclass(frozen=True, slots=True)
class Context:
    """All that a check may look at."""

    scheme: Scheme
    typed: Typed
    facts: Facts
    today: date
    """The day of submission where the fund is."""
    reckoning: Reckoning
    decidable_from: date | None

    def money(self, amount: int) -> Money:
        return Money(amount, self.scheme.currency)


@dataclass(frozen=True, slots=True)
class Check:
    """A check with the parameters it takes, the values it gives its message, and what it needs of a kind."""

    name: str
    test: Callable[..., Values | None]
    params: Mapping[str, Any]
    gives: frozenset[str]
    needs: frozenset[str]
    """Quantities that the reckoning must work out."""
    fields: frozenset[str]
    """Fields that the form must have."""
    of_register: bool
    """Whether it speaks of the participant's other applications, which not every reader may know of."""
    outside: bool
    """Whether it looks at the register or the budget, which other applications change."""

    @property
    def says(self) -> str:
        """What the check finds, in a sentence."""
        return inspect.getdoc(self.test) or ""


CHECKS: dict[str, Check] = {}


def check(
    gives: str = "", needs: str = "", fields: str = "", *, outside: bool = False, of_register: bool = False
) -> Callable[[Callable[..., Values | None]], Callable[..., Values | None]]:
    """Register a check under its function's name; `gives` lists the placeholders its message may use."""

    def register(test: Callable[..., Values | None]) -> Callable[..., Values | None]:
        parameters = inspect.signature(test).parameters.values()
        params = {p.name: p.annotation for p in parameters if p.kind is p.KEYWORD_ONLY}
        given, needed, asked = (frozenset(names.split()) for names in (gives, needs, fields))
        looks = outside or of_register
        CHECKS[test.__name__] = Check(test.__name__, test, params, given, needed, asked, of_register, looks)
        return test

    return register
