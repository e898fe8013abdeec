"""Named situations in tests/cases/*.toml: answers, what is known besides them, and exactly what the portal must say.

Each file has base answers and what is expected of them; a case tells how it differs. Every door of the portal can be
asked the same cases.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

from portal.domain.assess import assess as judged
from portal.domain.assessment import Assessment
from portal.domain.facts import Facts, Register
from portal.domain.fields import read
from portal.domain.scheme import Scheme


def assess(
    answers: Mapping[str, Any], scheme: Scheme, facts: Facts, at: datetime, kind: str | None = None
) -> Assessment:
    """What the portal says of answers as they are typed, for the kind that the fund is about unless told."""
    return judged(read(scheme.kinds[kind] if kind else scheme.main_kind, answers), scheme, facts, at)


FOLDER = Path(__file__).parents[1] / "cases"
_KNOWN = {
    "name", "change", "remove", "at", "register", "budget_left", "kind", "codes", "fields", "amount", "decidable_from",
    "zone", "head", "specialist",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Situation:
    """One case: what is asked, and what must come of it."""

    name: str
    scheme: str
    kind: str
    at: datetime
    answers: Mapping[str, Any]
    register: Mapping[str, Any]
    budget_left: str | None
    codes: tuple[str, ...]
    """Exactly these, in any order."""
    amount: str
    decidable_from: str | None
    fields: Mapping[str, str] = field(default_factory=dict)
    """The input that a code points at, where the case is about that."""
    zone: str | None = None
    specialist: bool | None = None
    """What the register says of the participant."""
    head: str = "known"
    """What the register says of the head who stands for the counter-financing."""

    @property
    def facts(self) -> Facts:
        """What the register and the budget say."""
        left = None if self.budget_left is None else int(Decimal(self.budget_left) * 100)
        register: dict[str, Any] = dict(self.register)
        days = frozenset(map(date.fromisoformat, register.pop("days_away", ())))
        return Facts(Register(**register, days_away=days), left, head=self.head, specialist=self.specialist)

    def line(self) -> dict[str, Any]:
        """The case as a line for `assess`."""
        asked: dict[str, Any] = {
            "case": self.name,
            "scheme": self.scheme,
            "kind": self.kind,
            "at": self.at.isoformat(),
            "answers": self.answers,
            "register": self.register,
            "head": self.head,
            "specialist": self.specialist,
        }
        return asked | ({} if self.budget_left is None else {"budget_left": self.budget_left})


@cache
def situations() -> tuple[Situation, ...]:
    """Every case of every file."""
    found = [case for path in sorted(FOLDER.glob("*.toml")) for case in _read(path)]
    assert len({case.name for case in found}) == len(found), "a case's name stands twice"
    return tuple(found)


def _read(path: Path) -> list[Situation]:
    file = tomllib.loads(path.read_text("utf-8"))
    return [_situation(file, case) for case in file["cases"]]


def _answer(typed: Any) -> Any:
    """What was typed; { times, of } stands for a long text."""
    return typed["of"] * typed["times"] if isinstance(typed, dict) and "times" in typed else typed


def _situation(file: Mapping[str, Any], case: Mapping[str, Any]) -> Situation:
    assert set(case) <= _KNOWN, f"{case['name']}: unknown {set(case) - _KNOWN}"
    answers = file["answers"] | {name: _answer(typed) for name, typed in case.get("change", {}).items()}
    for name in case.get("remove", []):
        del answers[name]
    expected = file["expect"] | case
    return Situation(
        name=case["name"],
        scheme=file["scheme"],
        kind=case.get("kind", file["kind"]),
        at=datetime.fromisoformat(case.get("at", file["at"])),
        answers=answers,
        register=case.get("register", {}),
        budget_left=case.get("budget_left"),
        codes=tuple(expected["codes"]),
        amount=expected["amount"],
        decidable_from=expected["decidable_from"] or None,
        fields=case.get("fields", {}),
        zone=case.get("zone"),
        head=case.get("head", "known"),
        specialist=case.get("specialist"),
    )
