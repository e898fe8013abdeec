"""The details of an event of the audit log in words: people by name, amounts as money, days as days."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from portal.domain.events import Event
from portal.language.vocabularies import DETAILS, WAYS
from portal.web import current
from portal.web.language import NAMES, _, day, fund_name, money, words

PEOPLE = frozenset({"person", "participant", "head", "other"})
_MONEY = frozenset({"amount", "allocated"})
_DAYS = frozenset({"from", "until", "on", "before", "first", "last"})
_UNTOLD = frozenset({"draft", "revision"})
"""Keys that say nothing to whoever reads the log."""
_AUTOMATIC = frozenset({"not-linked", "sign-out-by-provider"})
_WHOLE, _LONGEST = 60, 13
"""A text is told whole up to so many characters; of a hash, which is longer, enough to tell it from another."""


def named_in(events: Sequence[Event]) -> set[int]:
    """The people whom details of these name."""
    return {
        value for each in events for key, value in each.body.items() if key in PEOPLE and type(value) is int
    }


def actor(event: Event, names: Mapping[int, str]) -> str:
    """Who did it: a person by name, the portal by itself, or an operator at the command line."""
    if event.actor_id is not None:
        return names.get(event.actor_id, str(event.actor_id))
    automatic = event.application_id is not None or event.act in _AUTOMATIC
    return _("The portal") if automatic else _("Command line")


def details(event: Event, names: Mapping[int, str]) -> list[tuple[str, str]]:
    """What an event says beside its act, a label and a text each; nothing of what is about an application.

    Who reads the case reads there what was decided and paid; the log says only who did what in it, and when.
    """
    if event.application_id is not None:
        return []
    told = {key: value for key, value in event.body.items() if key not in _UNTOLD}
    said = {key: _said(key, value, event.body, names) for key, value in told.items()}
    return [(_(DETAILS[key]) if key in DETAILS else key, text) for key, text in said.items() if text]


def _said(key: str, value: Any, body: Mapping[str, Any], names: Mapping[int, str]) -> str:
    if value is None or value == "":
        return ""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if key == "language":
        return NAMES.get(value, str(value))
    if key in PEOPLE and isinstance(value, int):
        return names.get(value, str(value))
    if key in _DAYS and isinstance(value, str) and _is_day(value):
        return day(date.fromisoformat(value), "medium")
    text = _of_funds(key, value, body) or (_(WAYS[value]) if key == "way" and value in WAYS else str(value))
    return text if len(text) <= _WHOLE else text[:_LONGEST] + "…"


def _of_funds(key: str, value: Any, body: Mapping[str, Any]) -> str:
    """What is an amount, or a key of a fund's file, in the fund's own words; empty where it is neither."""
    schemes = current.schemes()
    scheme, fund = schemes.get(str(body.get("scheme", ""))), schemes.of_fund(str(body.get("fund", "")))
    if scheme is not None:
        if key in _MONEY and isinstance(value, int):
            return money(value, scheme.currency)
        named = {"scheme": scheme.title} | {f"period {each.key}": each.label for each in scheme.budget}
    else:
        named = {f"seat {each.key}": each.title for each in fund[0].seats} if fund else {}
        if key == "fund" and fund:
            return fund_name(fund[0])
    label = named.get("scheme" if key == "scheme" else f"{key} {value}")
    return words(label) if label else ""


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
