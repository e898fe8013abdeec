"""What was said of an application at submission beside what is said now: the one comparison, for pages and `replay`.

Both sides are records with their words in all languages (`wording.record`). How a difference is shown, others know.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from portal.domain.application import Answers
from portal.domain.assess import assess
from portal.domain.checks import CHECKS
from portal.domain.facts import Facts
from portal.domain.fields import read
from portal.domain.scheme import LANGUAGES, Scheme, Severity
from portal.language.wording import record

Record = Mapping[str, Any]
Place = tuple[str, str, int]


@dataclass(frozen=True, slots=True)
class Pair:
    """What one rule says in one place, then and now; a side is None where only the other says it."""

    then: Record | None
    now: Record | None

    def differs(self, languages: Sequence[str] = LANGUAGES) -> bool:
        """Whether the words do, in any of the languages."""
        before, after = (({} if each is None else each["message"]) for each in (self.then, self.now))
        return any(before.get(code) != after.get(code) for code in languages)

    @property
    def regraded(self) -> bool:
        """Whether it blocks, warns or notes otherwise than it did."""
        return bool(self.then and self.now and self.then["severity"] != self.now["severity"])


def pairs(then: Record, now: Record) -> list[Pair]:
    """Every finding of either side beside its like."""
    before, after = _by_place(then["findings"]), _by_place(now["findings"])
    return [Pair(before.get(place), after.get(place)) for place in dict.fromkeys((*before, *after))]


def reckoned(said: Record, languages: Sequence[str] = LANGUAGES) -> tuple[Any, ...]:
    """The amount and how it came about, as one value to compare."""
    steps = (
        (step["key"], step["amount"], step["decides"], *(step["label"].get(code) for code in languages))
        for step in said["steps"]
    )
    return (said["amount"], said["currency"], *steps)


def said_again(scheme: Scheme, kind: str, answers: Answers, received_at: datetime, then: Record) -> Record:
    """What the scheme as it reads now says of an application as it was received.

    What the register and the budget gave rise to then is held to be as it was, wherever the scheme still has the rule:
    what others have been granted since is no change of the rules, and an approval pointed at is one still.
    Raises KeyError for a kind that is no more.
    """
    now = record(assess(read(scheme.kinds[kind], answers), scheme, Facts(), received_at))
    outside = {rule.code: rule for rule in scheme.rules_of[kind] if CHECKS[rule.check].outside}
    unheard = {code for code, rule in outside.items() if rule.check == "approval_unfit"}
    before = _by_place(then["findings"])
    found = {
        place: finding
        for place, finding in _by_place(now["findings"]).items()
        if finding["code"] not in unheard or place in before
    }
    held = [
        {**finding, "severity": outside[finding["code"]].severity.value}
        for place, finding in before.items()
        if finding["code"] in outside and place not in found
    ]
    findings = [*found.values(), *held]
    blocks = any(finding["severity"] == Severity.BLOCKS.value for finding in findings)
    return {**now, "findings": findings, "submittable": not blocks}


def differences(then: Record, now: Record, language: str) -> dict[str, Any] | None:
    """What differs, as JSON with the words of one language; None when nothing does in any."""
    both = pairs(then, now)
    told = {
        "gone": [_told(pair.then, language) for pair in both if pair.then and not pair.now],
        "new": [_told(pair.now, language) for pair in both if pair.now and not pair.then],
        "changed": [
            {"then": _told(pair.then, language), "now": _told(pair.now, language)}
            for pair in both
            if pair.then and pair.now and (pair.differs() or pair.regraded)
        ],
    }
    steps_differ = reckoned(then) != reckoned(now)
    if not steps_differ and not any(told.values()):
        return None
    return {
        "amount": {"then": then["amount"], "now": now["amount"]},
        "currency": now["currency"],
        "submittable": {"then": then["submittable"], "now": now["submittable"]},
        "reckoned_otherwise": steps_differ,
        "findings": told,
    }


def _told(finding: Record | None, language: str) -> dict[str, Any]:
    if finding is None:
        return {}
    named = {name: finding[name] for name in ("code", "severity", "field")}
    return {**named, "message": finding["message"].get(language, "")}


def _by_place(findings: Iterable[Record]) -> dict[Place, Record]:
    """Findings by code and field; a code said twice of one field is told apart by its turn."""
    found: dict[Place, Record] = {}
    for each in findings:
        turn = 0
        while (place := (each["code"], each["field"], turn)) in found:
            turn += 1
        found[place] = each
    return found
