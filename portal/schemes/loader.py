"""Reads scheme files into `Scheme`, refusing what it does not know with the file and the place named.

The form every file takes is documented in docs/add-a-fund.md.
"""

import hashlib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from portal.domain.document import CLAIMED
from portal.domain.facts import PARTICIPANTS_KNOWN_BY
from portal.domain.money import CURRENCIES
from portal.domain.reckoning import METHODS
from portal.domain.scheme import (
    ATTESTS,
    LANGUAGES,
    LAW,
    BudgetPeriod,
    DatedLimit,
    Kind,
    Limit,
    Pause,
    Scheme,
    Seat,
    Term,
    Words,
)
from portal.domain.zones import COUNTRIES, DIGITAL, ZONES
from portal.schemes.kinds import read_kinds
from portal.schemes.rules import read_form_rules, read_reference_rates, read_rules, read_source
from portal.schemes.table import SchemeError, Table, read_each
from portal.schemes.vocabulary import FORM_FILE, vocabulary

FOLDER = Path(__file__).parent


class Schemes(dict[str, Scheme]):
    """All editions of all funds that are in force in this portal, by key."""

    def of_fund(self, fund: str) -> tuple[Scheme, ...]:
        """The editions of a fund, newest first."""
        return tuple(
            sorted((s for s in self.values() if s.fund == fund), key=lambda s: s.starts_on, reverse=True)
        )

    def funds(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(s.fund for s in self.values()))


def load(*folders: Path, funds: Sequence[str] = ()) -> Schemes:
    """Read every scheme file of the portal and of further folders; of some funds only, when any is named.

    Raises SchemeError.
    """
    schemes: dict[str, Scheme] = {}
    for folder in (FOLDER, *folders):
        for path in sorted(folder.glob("*.toml")):
            if path == FORM_FILE:
                continue
            scheme = read_file(path)
            if scheme.key in schemes:
                raise SchemeError(f"{path.name}: the key {scheme.key} is already taken")
            schemes[scheme.key] = scheme
    if unknown := set(funds) - {scheme.fund for scheme in schemes.values()}:
        there = ", ".join(Schemes(schemes).funds())
        raise SchemeError(f"SCHEMES: there is no fund {', '.join(sorted(unknown))}; there are {there}.")
    return Schemes({key: scheme for key, scheme in schemes.items() if not funds or scheme.fund in funds})


def read_file(path: Path) -> Scheme:
    """Read one scheme file. Raises SchemeError, also for a file that cannot be read."""
    try:
        return read_scheme(path.read_text("utf-8"), path.name)
    except OSError as wrong:
        raise SchemeError(f"{path.name}: cannot be read: {wrong.strerror}") from None
    except UnicodeDecodeError:
        raise SchemeError(f"{path.name}: not UTF-8") from None


def read_scheme(text: str, name: str) -> Scheme:
    """Read the text of one scheme file called `name`. Raises SchemeError."""
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise SchemeError(f"{name}: not valid TOML: {error}") from None
    file = Table(content, name)
    key = file.text("key")
    if f"{key}.toml" != name:
        raise file.fail(f"the key {key} must be the file's name")
    limits = {each.key: each for each in read_each(file.tables("limits", []), _limit)}
    kinds = read_kinds(file, limits)
    scheme = Scheme(
        key=key,
        fund=file.text("fund"),
        prefix=file.text("prefix"),
        title=_title(file),
        summary=file.words("summary"),
        language=file.one_of("language", LANGUAGES),
        currency=file.one_of("currency", CURRENCIES),
        zone_name=_zone_name(file),
        opens_on=file.day("opens_on"),
        starts_on=file.day("starts_on"),
        ends_on=file.day("ends_on", None),
        decides_from=file.day("decides_from"),
        decides_until=file.day("decides_until", None),
        once=_once(file, kinds),
        kinds=kinds,
        rules=read_rules(file, kinds, limits),
        limits=limits,
        pauses=read_each(file.tables("pauses", []), _pause),
        budget=_budget(file),
        seats=_seats(file),
        terms=read_each(file.tables("terms"), lambda row: _term(row, file.text("letter"))),
        letter=file.text("letter"),
        zones=_zones(file),
        home_country=file.one_of("home_country", COUNTRIES),
        payment=_payment(file),
        carried_over_from=file.text("carried_over_from", None),
        carry_over_budget=file.take("carry_over_budget", bool, False),
        attest=file.one_of("attest", ATTESTS, "off"),
        attest_reminded_after=file.take("attest_reminded_after", int, 7),
        law=_law(file),
        law_assumed=file.table("law", {}).take("assumed", bool, False),
        participants_known_by=_known_by(file),
        last_call_days=file.take("last_call_days", int, None),
        answer_reminded_days=file.take("answer_reminded_days", int, None),
        answer_days=file.take("answer_days", int, None),
        form_rules=read_form_rules(),
        missing_parts=vocabulary("missing"),
        reference_rates=read_reference_rates(),
        digest=hashlib.sha256(text.encode()).hexdigest(),
    )
    file.done()
    _check_calendar(file, scheme)
    _check_limits(file, scheme)
    named = [name for key in ("payee_fields", "payee_also") for name in scheme.payment.get(key, ())]
    if unknown := set(named) - set(scheme.main_kind.fields):
        raise file.fail(f"payment: there is no field {', '.join(sorted(unknown))}")
    return scheme


def _payment(file: Table) -> Mapping[str, Any]:
    table = file.table("payment", {})
    above = {"confirm_above": table.amount("confirm_above")} if "confirm_above" in table.content else {}
    if unknown := set(table.strings("costs_proof", ())) - set(CLAIMED):
        raise table.fail(
            f"costs_proof: only {' and '.join(CLAIMED)} can be attached, not {', '.join(unknown)}"
        )
    return {**table.content, **above}


def _law(file: Table) -> Mapping[str, Words]:
    table = file.table("law", {})
    law = {key: words for key in LAW if (words := table.words(key, None))}
    table.take("assumed", bool, False)
    table.done()
    return law


def _check_limits(file: Table, scheme: Scheme) -> None:
    """Whatever a reckoning may look up on the first day of the edition is there; a place without money has 0.00."""
    for kind in scheme.kinds.values():
        recipe = METHODS[kind.reckoning]
        modes = {choice.value for choice in kind.fields["mode"].choices} if recipe.eligible else set()
        zones = [zone for zone in ZONES if zone != DIGITAL or DIGITAL in modes] if recipe.eligible else [None]
        for limit in (scheme.limits[kind.params[name]] for name in recipe.limits):
            if missing := [
                str(zone or "any place") for zone in zones if limit.on(scheme.starts_on, zone) is None
            ]:
                raise file.fail(f"limits {limit.key}: nothing on {scheme.starts_on} for {', '.join(missing)}")


def _check_calendar(file: Table, scheme: Scheme) -> None:
    if scheme.ends_on is not None and scheme.ends_on < max(scheme.starts_on, scheme.opens_on):
        raise file.fail("“ends_on” is before the edition starts or opens")
    if scheme.decides_until is not None and scheme.decides_until < scheme.decides_from:
        raise file.fail("“decides_until” is before “decides_from”")
    if not scheme.budget:
        raise file.fail("a fund needs a budget")
    if scheme.attest != "off" and not any(kind.confirms for kind in scheme.kinds.values()):
        raise file.fail("“attest” asks for a head’s word, but no kind “confirms” anything")


def _title(file: Table) -> Words:
    """The title, with the edition's year where it says {year}."""
    year = str(file.day("starts_on").year)
    return {language: text.replace("{year}", year) for language, text in file.words("title").items()}


def _zone_name(file: Table) -> str:
    name = file.text("time_zone")
    try:
        return ZoneInfo(name).key
    except (ZoneInfoNotFoundError, ValueError):
        raise file.fail(f"unknown time zone {name}") from None


def _known_by(file: Table) -> tuple[str, ...]:
    names = file.strings("participants_known_by", ())
    if unknown := set(names) - set(PARTICIPANTS_KNOWN_BY):
        raise file.fail(f"participants_known_by: the register does not have {', '.join(sorted(unknown))}")
    return names


def _once(file: Table, kinds: Mapping[str, Kind]) -> tuple[str, ...]:
    once = file.strings("once")
    fields = next(iter(kinds.values())).fields
    unknown = [name for name in once if name != "year" and name not in fields]
    if unknown or not once:
        raise file.fail(f"“once” must name the year or fields of the form, not {unknown}")
    return once


def _limit(row: Table) -> Limit:
    unit = row.text("unit")
    if unit not in ("amount", "days"):
        raise row.fail(f"the unit must be amount or days, not {unit}")
    entries = []
    for entry in row.tables("entries"):
        entries.append(
            DatedLimit(
                starts_on=entry.day("from"),
                value=entry.amount("value") if unit == "amount" else entry.half_days("value") or 0,
                zone=entry.one_of("zone", ("", *ZONES), "") or None,
                confirmed=entry.take("confirmed", bool, True),
                source=entry.text("source", ""),
            )
        )
        entry.done()
    limit = Limit(row.text("key"), unit, tuple(entries), row.words("title"))
    if not entries or len({(e.starts_on, e.zone, e.confirmed) for e in entries}) < len(entries):
        raise row.fail("a limit needs entries, and only one for each day and zone, and one that confirms it")
    row.done()
    return limit


def _pause(row: Table) -> Pause:
    pause = Pause(row.day("from"), row.day("until"), row.words("label"))
    if pause.ends_on < pause.starts_on:
        raise row.fail("the pause ends before it starts")
    row.done()
    return pause


def _budget(file: Table) -> tuple[BudgetPeriod, ...]:
    periods: list[BudgetPeriod] = []
    for row in file.tables("budget"):
        period = BudgetPeriod(
            row.text("key"),
            row.day("from"),
            row.day("until", None),
            row.amount("amount"),
            row.words("label"),
            row.text("was", None),
        )
        row.done()
        before = periods[-1].ends_on if periods else None
        if periods and (before is None or period.starts_on <= before):
            raise row.fail("budget periods must follow one another")
        periods.append(period)
    return tuple(periods)


def _seats(file: Table) -> tuple[Seat, ...]:
    seats = []
    for row in file.tables("seats"):
        seats.append(Seat(row.text("key"), row.words("title")))
        row.done()
    if len({seat.key for seat in seats}) != 2:
        raise file.fail("a fund has exactly two seats")
    return tuple(seats)


def _term(row: Table, letter: str) -> Term:
    term = Term(
        row.text("topic"), row.words("says"), read_source(row, letter), row.take("assumed", bool, False)
    )
    row.done()
    return term


def _zones(file: Table) -> Mapping[str, str]:
    zones: dict[str, str] = file.take("zones", dict, {})
    for country, zone in zones.items():
        if country not in COUNTRIES or zone not in ZONES:
            raise file.fail(f"zones: unknown {country} = {zone}")
    return zones
