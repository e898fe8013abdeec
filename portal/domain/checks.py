"""The checks a rule in a scheme file can name: each answers None, or the values its message may speak of.

A check knows what a condition is; which sentence of which letter it serves, how severe it is and how it is said
stands in the scheme file. Parameters are the keyword-only arguments, their kind told by the annotation.
"""

from collections.abc import Callable, Mapping
from datetime import date

from portal.domain.assessment import Named
from portal.domain.check import (
    CHECKS,
    NOTHING,
    AmountField,
    Answer,
    AnswerValues,
    CalendarField,
    Context,
    CostKinds,
    DateField,
    DaysField,
    DaysLimit,
    DocumentKind,
    FieldName,
    FieldNames,
    Months,
    Quantity,
    Values,
    check,
)
from portal.domain.payment import is_account, is_organisation
from portal.domain.periods import Days, months_after, pause_on
from portal.domain.scheme import Scheme

__all__ = ["CHECKS"]

# --- time ---------------------------------------------------------------------------------------------------------


@check(gives="first last")
def starts_outside_edition(context: Context) -> Values | None:
    """The event starts outside the edition."""
    day = context.typed["starts_on"]
    scheme = context.scheme
    if day is None or (scheme.starts_on <= day and (scheme.ends_on is None or day <= scheme.ends_on)):
        return None
    return {"first": scheme.starts_on, "last": scheme.ends_on}


@check(gives="first")
def before_opening(context: Context) -> Values | None:
    """The edition does not take applications yet."""
    return {"first": context.scheme.opens_on} if context.today < context.scheme.opens_on else None


@check(gives="day today")
def already_started(context: Context) -> Values | None:
    """The event starts on the day of submission or before it."""
    day = context.typed["starts_on"]
    return {"day": day, "today": context.today} if day is not None and day <= context.today else None


@check(gives="day")
def starts_far_ahead(context: Context, *, months: Months) -> Values | None:
    """The event starts more than so many months after the day of submission."""
    day = context.typed["starts_on"]
    return {"day": day} if day is not None and day > months_after(context.today, months) else None


@check(gives="day")
def not_yet_ended(context: Context) -> Values | None:
    """The event ends after the day of submission."""
    day = context.typed["ends_on"]
    return {"day": day} if day is not None and day > context.today else None


@check(gives="first day")
def ended_before_scheme(context: Context) -> Values | None:
    """The event ended before the first day of the edition."""
    day = context.typed["ends_on"]
    return (
        {"first": context.scheme.starts_on, "day": day}
        if day is not None and day < context.scheme.starts_on
        else None
    )


@check(gives="day")
def kept_for_next_year(context: Context) -> Values | None:
    """No decision is taken yet, because the first day for decisions is to come."""
    if context.today >= context.scheme.decides_from:
        return None
    return {"day": context.decidable_from}


@check(gives="first last day label")
def in_pause(context: Context) -> Values | None:
    """The day of submission is in a decision pause."""
    pause = pause_on(context.scheme, context.today)
    if pause is None:
        return None
    return {
        "first": pause.starts_on,
        "last": pause.ends_on,
        "day": context.decidable_from,
        "label": pause.label,
    }


@check(gives="last")
def no_decision_day_left(context: Context) -> Values | None:
    """No day is left on which a decision could be taken."""
    return {"last": context.scheme.decides_until} if context.decidable_from is None else None


@check(gives="day start")
def decided_after_start(context: Context) -> Values | None:
    """The first day on which it can be decided is the day the event starts, or later."""
    start, day = context.typed["starts_on"], context.decidable_from
    return {"day": day, "start": start} if start is not None and day is not None and day >= start else None


# --- answers ------------------------------------------------------------------------------------------------------


@check()
def answered(context: Context, *, field: FieldName, value: Answer) -> Values | None:
    """The field has this answer."""
    return NOTHING if context.typed[field] == value else None


@check()
def answered_otherwise(context: Context, *, field: FieldName, value: Answer) -> Values | None:
    """The field is answered, and not with this answer."""
    return NOTHING if context.typed[field] not in (None, value) else None


@check()
def missing(context: Context, *, field: FieldName) -> Values | None:
    """The field has no answer; an unreadable one is not missing."""
    return NOTHING if context.typed.missing(field) else None


@check()
def any_missing(context: Context, *, fields: FieldNames) -> Values | None:
    """One of the fields has no answer; the finding points at the first."""
    absent = next((name for name in fields if context.typed.missing(name)), None)
    return {"field": absent} if absent else None


@check()
def missing_when(
    context: Context, *, field: FieldName, when: FieldName, values: AnswerValues
) -> Values | None:
    """The field has no answer while another has one of these."""
    return NOTHING if context.typed[when] in values and context.typed.missing(field) else None


@check()
def present_when(context: Context, *, field: FieldName, when: FieldName, value: Answer) -> Values | None:
    """The field has an answer while another has this one."""
    return NOTHING if context.typed[when] == value and not context.typed.missing(field) else None


@check()
def not_an_account(context: Context, *, field: FieldName) -> Values | None:
    """The field is answered, and not with a Norwegian account number; dots and spaces are read."""
    return NOTHING if context.typed[field] and not is_account(context.typed[field]) else None


@check()
def not_an_organisation(context: Context, *, field: FieldName) -> Values | None:
    """The field is answered, and not with a Norwegian organisation number."""
    return NOTHING if context.typed[field] and not is_organisation(context.typed[field]) else None


@check(gives="day last")
def earlier_than(context: Context, *, field: DateField, than: DateField) -> Values | None:
    """One date is before another."""
    day, last = context.typed[field], context.typed[than]
    return {"day": day, "last": last} if day is not None and last is not None and day < last else None


@check(gives="day last")
def later_than(context: Context, *, field: DateField, than: DateField, months: Months) -> Values | None:
    """One date is more than so many months after another."""
    day, last = context.typed[field], context.typed[than]
    far = day is not None and last is not None and day > months_after(last, months)
    return {"day": day, "last": last} if far else None


# --- costs and amounts --------------------------------------------------------------------------------------------


@check(needs="eligible unclear")
def no_eligible_cost(context: Context) -> Values | None:
    """There is no cost of a kind that counts."""
    quantities = context.reckoning.quantities
    return NOTHING if not quantities["eligible"] and not quantities["unclear"] else None


@check(gives="kinds amount", fields="costs")
def costs_not_covered(context: Context, *, kinds: CostKinds) -> Values | None:
    """There are costs of these kinds, which count as 0."""
    lines = [line for line in context.typed.costs if line.kind in kinds and line.amount > 0]
    if not lines:
        return None
    named = tuple(dict.fromkeys(line.kind for line in lines))
    return {
        "kinds": Named("cost_kinds", named),
        "amount": context.money(sum(line.amount for line in lines)),
        "field": f"costs-{lines[0].position}-kind",
    }


@check(gives="kinds amount", fields="costs")
def costs_while(context: Context, *, kinds: CostKinds, when: FieldName, value: Answer) -> Values | None:
    """There are costs of these kinds while a field has this answer."""
    return costs_not_covered(context, kinds=kinds) if context.typed[when] == value else None


@check(gives="ceiling part zone", needs="ceiling part")
def ceiling_decides(context: Context) -> Values | None:
    """The ceiling is what limits the amount."""
    quantities, amount = context.reckoning.quantities, context.reckoning.amount
    ceiling, part = quantities.get("ceiling"), quantities["part"]
    if amount is None or ceiling is None or not amount == ceiling < part:
        return None
    return {
        "ceiling": context.money(ceiling),
        "part": context.money(part),
        "zone": Named("zones", (context.reckoning.zone or "",)),
    }


@check(gives="wanted", needs="wanted")
def no_counter_financing(context: Context, *, field: AmountField) -> Values | None:
    """The counter-financing is 0 or empty."""
    if context.typed[field] or field in context.typed.unreadable:
        return None
    wanted = context.reckoning.quantities.get("wanted")
    return {"wanted": context.money(wanted) if wanted else None}


@check(gives="counter wanted more", needs="wanted")
def counter_financing_short(context: Context, *, field: AmountField) -> Values | None:
    """The counter-financing is what limits the amount."""
    counter, wanted = context.typed[field], context.reckoning.quantities.get("wanted")
    if not counter or wanted is None or counter >= wanted:
        return None
    return {
        "counter": context.money(counter),
        "wanted": context.money(wanted),
        "more": context.money(wanted - counter),
    }


@check(gives="amount", needs="uncovered")
def costs_uncovered(context: Context) -> Values | None:
    """A part of the costs is paid by neither the grant nor the counter-financing."""
    uncovered = context.reckoning.quantities.get("uncovered")
    return {"amount": context.money(uncovered)} if uncovered is not None and uncovered > 0 else None


@check(gives="paid limit", needs="fee_paid fee")
def fee_above_limit(context: Context) -> Values | None:
    """The fee paid is cut to its limit."""
    paid, fee = context.reckoning.quantities["fee_paid"], context.reckoning.quantities["fee"]
    return {"paid": context.money(paid), "limit": context.money(fee)} if paid > fee else None


@check(gives="claimed cap", needs="claimed_days cap_days")
def days_above_cap(context: Context) -> Values | None:
    """More days are claimed than the course gives."""
    claimed, cap = context.reckoning.quantities["claimed_days"], context.reckoning.quantities["cap_days"]
    return {"claimed": Days(claimed), "cap": Days(cap)} if claimed > cap else None


@check(gives="claimed days", needs="claimed_days")
def days_beyond_event(context: Context) -> Values | None:
    """More days are claimed than the event has from its first to its last."""
    first, last = context.typed["starts_on"], context.typed["ends_on"]
    claimed = context.reckoning.quantities["claimed_days"]
    if first is None or last is None or last < first:
        return None
    lasts = 2 * ((last - first).days + 1)
    return {"claimed": Days(claimed), "days": Days(lasts)} if claimed > lasts else None


def _ticked(context: Context, field: str, odd: Callable[[date], bool]) -> Values | None:
    days = [day for day, _part in context.typed[field] or () if odd(day)]
    return {"day": days[0], "count": len(days)} if days else None


@check(gives="day count")
def away_on_weekend(context: Context, *, field: CalendarField) -> Values | None:
    """A Saturday or Sunday is ticked as a day away."""
    return _ticked(context, field, lambda day: day.weekday() >= 5)


@check(gives="day count")
def away_beyond_event(context: Context, *, field: CalendarField) -> Values | None:
    """A day before or after the event is ticked as a day away."""
    first, last = context.typed["starts_on"], context.typed["ends_on"]
    return (
        None
        if first is None or last is None
        else _ticked(context, field, lambda day: not first <= day <= last)
    )


@check(gives="day count", outside=True)
def away_elsewhere(context: Context, *, field: CalendarField) -> Values | None:
    """A day is ticked as a day away in another application of the participant too."""
    return _ticked(context, field, context.facts.register.days_away.__contains__)


@check(gives="rate first days", needs="rate days")
def rate_not_confirmed(context: Context) -> Values | None:
    """The day rate in force is not confirmed; `days` where any are compensated by it."""
    rate, days = context.reckoning.quantities["rate"], context.reckoning.quantities["days"]
    if rate is None or rate.confirmed:
        return None
    return {"rate": context.money(rate.value), "first": rate.starts_on, "days": Days(days) if days else None}


@check()
def amount_is_zero(context: Context) -> Values | None:
    """The amount is 0, and no answer that it hangs on is unreadable."""
    return (
        NOTHING if not context.reckoning.amount and not context.reckoning.quantities.get("unclear") else None
    )


@check(gives="asked most")
def asks_more_days(context: Context, *, field: DaysField, limit: DaysLimit) -> Values | None:
    """More days are asked for than a limit allows."""
    day = max(context.typed["starts_on"] or context.scheme.starts_on, context.scheme.starts_on)
    asked, entry = context.typed[field], context.scheme.limits[limit].on(day)
    if asked is None or entry is None or asked <= entry.value:
        return None
    return {"asked": Days(asked), "most": Days(entry.value)}


@check(gives="number", outside=True)
def approval_unfit(context: Context, *, field: FieldName) -> Values | None:
    """The granted application pointed at gives nothing here: it is another's, used, lapsed, or for another event."""
    pointed = context.typed[field]
    return {"number": pointed} if pointed and context.facts.approval_id is None else None


# --- documents ----------------------------------------------------------------------------------------------------


@check(fields="documents")
def document_missing(context: Context, *, document: DocumentKind) -> Values | None:
    """A document is not attached."""
    return NOTHING if document not in (context.typed["documents"] or ()) else None


@check(fields="documents")
def document_missing_when(context: Context, *, document: DocumentKind, claimed: Quantity) -> Values | None:
    """A document is not attached though what it proves is claimed."""
    return document_missing(context, document=document) if context.reckoning.quantities[claimed] else None


# --- the head, the register and the budget --------------------------------------------------------------------------


@check(outside=True)
def head_unknown(context: Context) -> Values | None:
    """The head who stands for the counter-financing is nobody in the register, or more than one."""
    return NOTHING if context.facts.head == "unknown" else None


@check(outside=True)
def head_left(context: Context) -> Values | None:
    """That head no longer works here."""
    return NOTHING if context.facts.head == "left" else None


@check(outside=True)
def head_is_party(context: Context) -> Values | None:
    """That head is the participant or the applicant."""
    return NOTHING if context.facts.head == "self" else None


@check(outside=True)
def specialist_otherwise(context: Context, *, field: FieldName) -> Values | None:
    """The field says yes or no to whether the participant is a specialist, and the register of people the other."""
    says = {"yes": True, "no": False}.get(context.typed[field])
    return (
        NOTHING
        if None not in (says, context.facts.specialist) and says is not context.facts.specialist
        else None
    )


@check(of_register=True)
def granted_before(context: Context, *, field: FieldName, value: Answer) -> Values | None:
    """The register holds a grant, or the field has this answer."""
    return NOTHING if context.facts.register.granted > 0 or context.typed[field] == value else None


@check(gives="count", of_register=True)
def pending_elsewhere(context: Context) -> Values | None:
    """Another application of the participant awaits a decision."""
    return {"count": count} if (count := context.facts.register.pending) > 0 else None


@check(gives="count", of_register=True)
def denied_but_registered(context: Context, *, field: FieldName, value: Answer) -> Values | None:
    """The field has this answer, but the register holds earlier requests that were not withdrawn."""
    register = context.facts.register
    count = max(register.requested, register.granted + register.pending)
    return {"count": count} if context.typed[field] == value and count > 0 else None


@check(of_register=True)
def refunded_before(context: Context) -> Values | None:
    """The register holds a refund of the same course."""
    return NOTHING if context.facts.register.refunded > 0 else None


@check(gives="count", of_register=True)
def overlapping_another(context: Context) -> Values | None:
    """Another application of the participant has some of the same days, or the same file as receipt or certificate."""
    return {"count": count} if (count := context.facts.register.overlapping) > 0 else None


@check(gives="count", outside=True)
def paper_of_another(context: Context) -> Values | None:
    """A paper that belongs to one person is attached for another participant too."""
    return {"count": count} if (count := context.facts.register.shared) > 0 else None


@check(gives="left amount", outside=True)
def budget_short(context: Context) -> Values | None:
    """Less is left of the budget period than the amount."""
    left, amount = context.facts.budget_left, context.reckoning.amount
    if left is None or amount is None or left >= amount:
        return None
    return {"left": context.money(max(left, 0)), "amount": context.money(amount)}


def register_fields(scheme: Scheme, kind: str) -> Mapping[str, str]:
    """The rules of a kind that speak of the participant's other applications, by code, with their fields."""
    return {rule.code: rule.field for rule in scheme.rules_of[kind] if CHECKS[rule.check].of_register}
