"""How an amount comes about: the methods a scheme file can name, as integers in minor units and half days."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from portal.domain.assessment import Step
from portal.domain.fields import Typed
from portal.domain.money import Money
from portal.domain.periods import Days
from portal.domain.scheme import FieldType, Kind, Scheme
from portal.domain.zones import zone_of


@dataclass(frozen=True, slots=True)
class Reckoning:
    """The amount (None when it cannot be computed yet), its steps, and the quantities the checks speak of."""

    amount: int | None
    steps: tuple[Step, ...] = ()
    quantities: Mapping[str, Any] = field(default_factory=dict)
    zone: str | None = None


Method = Callable[[Scheme, Kind, Typed], Reckoning]


@cache
def _parts_of(share: str) -> tuple[int, int]:
    """ "1/2" as numbers."""
    numerator, _, denominator = share.partition("/")
    return int(numerator), int(denominator)


def share(scheme: Scheme, kind: Kind, typed: Typed) -> Reckoning:
    """amount = min(ceiling(zone), eligible × share rounded down, counter-financing).

    "Förvaltningen erhåller ersättning för resor, övernattning och konferensavgift … En förutsättning … är att
    verksamheten motfinansierar med motsvarande summa" (Ersättningsnivåer). Without `counter` the last part falls away.
    """
    params = kind.params
    zone = zone_of(typed["mode"], typed["country"], scheme.home_country, scheme.zones)
    lines = [line for line in typed.costs if line.kind in params["eligible"]]
    eligible = sum(line.amount for line in lines)
    numerator, denominator = _parts_of(params["share"])
    part = eligible * numerator // denominator
    day = max(typed["starts_on"] or scheme.starts_on, scheme.starts_on)
    ceiling = None
    if zone is not None and (entry := scheme.limits[params["ceiling"]].on(day, zone)) is not None:
        ceiling = entry.value
    counter_field = params.get("counter")
    counter = (typed[counter_field] or 0) if counter_field else part
    quantities = {
        "eligible": eligible, "part": part, "ceiling": ceiling, "counter": counter,
        "unclear": _costs_unclear(typed, params["eligible"]),
    }  # fmt: skip
    steps = [
        Step(
            "line",
            line.amount,
            {"kind": line.kind, "original": line.original, "currency": line.currency, "rate": line.rate},
        )
        for line in lines
    ]
    steps.append(Step("eligible", eligible))
    if ceiling is None or counter_field in typed.unreadable:
        return Reckoning(None, (*steps, Step("part", part)), quantities, zone)
    amount = min(ceiling, part, counter)
    steps.append(Step("part", part, decides=part == amount and part <= ceiling))
    steps.append(Step("ceiling", ceiling, {"zone": zone}, decides=amount == ceiling < part))
    if counter_field:
        steps.append(Step("counter", counter, decides=counter == amount < min(part, ceiling)))
    quantities["wanted"] = min(ceiling, part)
    quantities["uncovered"] = eligible - amount - counter
    return Reckoning(amount, tuple(steps), quantities, zone)


_REFUNDED_FROM = frozenset({"fee", "in_hours", "whole_days", "half_days", "salary_cost"})


def _costs_unclear(typed: Typed, kinds: Sequence[str]) -> bool:
    """Whether a cost that could not be read might be of one of these kinds."""
    unclear = [line for line in typed.costs if line.unclear]
    return any(line.kind in ("", *kinds) for line in unclear) or ("costs" in typed.unreadable and not unclear)


def refund(scheme: Scheme, kind: Kind, typed: Typed) -> Reckoning:
    """amount = min(fee, limit) + day rate × min(days, cap); half days count 1/2; 0 outside working hours.

    "Kursavgift opp til kr 7.000 per kurs"; "inntil 6 hele, eller 12 halve dager per enkeltkurs"; municipality:
    at most the salary cost ("tilsvarende lønnskompensasjon for kommuner").
    """
    params = kind.params
    day = typed["starts_on"] or scheme.starts_on
    paid = (typed["fee"] or 0) + sum(line.amount for line in typed.costs if line.kind == "fee")
    fee_entry = scheme.limits[params["fee_limit"]].on(max(day, scheme.starts_on))
    fee_limit = fee_entry.value if fee_entry else 0
    fee = min(paid, fee_limit)
    in_hours = typed["in_hours"] == "yes"
    stated = (typed["whole_days"] or 0) * 2 + (typed["half_days"] or 0)
    claimed = stated if in_hours else 0
    cap = _day_cap(scheme, kind, typed)
    days = min(claimed, cap)
    rate = scheme.limits[params["rate"]].on(day)
    practice = days * rate.value // 2 if rate else 0
    compensation = practice
    steps = [Step("fee-paid", paid), Step("fee", fee, {"limit": fee_limit}, decides=fee < paid)]
    if claimed:
        values = {"days": Days(days), "rate": Money(rate.value if rate else 0, scheme.currency)}
        steps.append(Step("practice", practice, values, decides=days < claimed))
        if typed["payee"] == "municipality":
            compensation = min(typed["salary_cost"] or 0, practice)
            steps.append(Step("salary", compensation, decides=compensation < practice))
    quantities = {
        "fee_paid": paid, "fee": fee, "stated_days": stated, "claimed_days": claimed,
        "cap_days": cap, "days": days, "rate": rate, "compensation": compensation,
        "unclear": bool(typed.unreadable & _REFUNDED_FROM) or _costs_unclear(typed, ("fee",)),
    }  # fmt: skip
    return Reckoning(fee + compensation, tuple(steps), quantities)


def _day_cap(scheme: Scheme, kind: Kind, typed: Typed) -> int:
    """The cap in half days: the course list's own, else the limit; a pre-approval extends it to at most 12 days."""
    params = kind.params
    day = max(typed["starts_on"] or scheme.starts_on, scheme.starts_on)
    approved_entry = scheme.limits[params["preapproved_limit"]].on(day)
    other_entry = scheme.limits[params["days_limit"]].on(day)
    chosen = next((c for c in kind.fields["course"].choices if c.value == typed["course"]), None)
    own = chosen.days if chosen is not None else None
    cap = own if own is not None else other_entry.value if other_entry else 0
    if typed["preapproved_days"] and approved_entry:
        return int(min(max(cap, typed["preapproved_days"]), approved_entry.value))
    return cap


def nothing(_scheme: Scheme, _kind: Kind, _typed: Typed) -> Reckoning:
    """No money is decided, as in a pre-approval."""
    return Reckoning(0)


@dataclass(frozen=True, slots=True)
class Recipe:
    """A method with what it needs of a scheme file, and what it works out for the checks besides the amount."""

    method: Method
    limits: Mapping[str, str]
    """Parameters that name a limit, and its unit."""
    fields: Mapping[str, FieldType]
    """Fields the form must have."""
    gives: frozenset[str]
    eligible: bool = False
    """Whether the parameters `eligible` (kinds of cost) and `share` (such as "1/2"), and maybe `counter`, are given."""


METHODS: Mapping[str, Recipe] = {
    "share": Recipe(
        share,
        limits={"ceiling": "amount"},
        fields={"costs": FieldType.COSTS, "mode": FieldType.CHOICE, "country": FieldType.COUNTRY},
        gives=frozenset("eligible part ceiling counter unclear wanted uncovered".split()),
        eligible=True,
    ),
    "refund": Recipe(
        refund,
        limits={"fee_limit": "amount", "rate": "amount", "days_limit": "days", "preapproved_limit": "days"},
        fields={
            "fee": FieldType.AMOUNT,
            "in_hours": FieldType.CHOICE,
            "whole_days": FieldType.COUNT,
            "half_days": FieldType.COUNT,
            "course": FieldType.COURSE,
            "payee": FieldType.CHOICE,
            "salary_cost": FieldType.AMOUNT,
            "preapproved_days": FieldType.DAYS,
        },
        gives=frozenset(
            "fee_paid fee stated_days claimed_days cap_days days rate compensation unclear".split()
        ),
    ),
    "nothing": Recipe(nothing, limits={}, fields={}, gives=frozenset()),
}
