"""Countries and currencies by name: what is typed in Swedish, Norwegian or English becomes the code the domain knows.

The names are CLDR's, of the codes in `domain`; a few that everybody types but CLDR lacks stand here.
"""

from collections.abc import Iterable, Mapping
from functools import cache

from portal.domain.money import CURRENCIES
from portal.domain.scheme import LANGUAGES, Choice
from portal.domain.zones import COUNTRIES
from portal.forms.typed import folded
from portal.language.wording import locale

CodeName = tuple[str, str, str]
"""A code, its name in one language, and the other words it is found by."""

_ALSO: Mapping[str, tuple[str, ...]] = {
    "GB": ("UK", "England", "Skottland", "Skotland", "Scotland", "Wales", "Great Britain"),
    "US": ("USA", "Amerika", "America"),
    "NL": ("Holland",),
    "CZ": ("Czech Republic", "Tjeckiska republiken"),
    "AE": ("UAE", "Dubai"),
    "KR": ("Korea",),
    "IE": ("Eire",),
    "MM": ("Burma",),
}
_COMMON_CURRENCIES = ("SEK", "NOK", "EUR", "DKK", "GBP", "USD", "CHF", "ISK", "PLN", "CAD", "AUD", "JPY")


@cache
def _words_of(code: str) -> frozenset[str]:
    names = (locale(language).territories.get(code, code) for language in LANGUAGES)
    return frozenset((*names, *_ALSO.get(code, ())))


@cache
def countries(language: str) -> tuple[CodeName, ...]:
    """Every country in a language's own order of names, to choose among."""
    names = locale(language).territories
    rows = []
    for code in COUNTRIES:
        name = names.get(code, code)
        rows.append((code, name, " ".join(sorted(_words_of(code) - {name}))))
    return tuple(sorted(rows, key=lambda row: _alphabet(row[1], language)))


@cache
def currencies(language: str) -> tuple[tuple[str, str], ...]:
    """Every currency with its code first: those most used on top, the rest by code."""
    names = locale(language).currencies
    rest = sorted(CURRENCIES - set(_COMMON_CURRENCIES))
    return tuple((code, f"{code} – {names.get(code, code)}") for code in (*_COMMON_CURRENCIES, *rest))


@cache
def _country_index() -> Mapping[str, str]:
    index = {code.casefold(): code for code in COUNTRIES}
    for code in sorted(COUNTRIES):
        for word in _words_of(code):
            index.setdefault(folded(word), code)
    return index


def country_code(typed: str) -> str:
    """The code of a country given by code or by name in any of the languages, else what was typed."""
    if typed in COUNTRIES:
        return typed
    return _country_index().get(folded(typed), typed)


def choice_value(typed: str, choices: Iterable[Choice]) -> str:
    """The value of the choice that has this value, title (in any language) or other name, else what was typed."""
    known = tuple(choices)
    if any(typed == choice.value for choice in known):
        return typed
    wanted = folded(typed)
    for choice in known:
        if wanted in {folded(name) for name in (*choice.label.values(), *choice.also)}:
            return choice.value
    return typed


def _alphabet(name: str, language: str) -> str:
    """A key that sorts å, ä, æ, ö, ø last in Swedish and Norwegian, and beside a and o in English."""
    if language == "en":
        return folded(name)
    order = {"æ": "{", "ä": "{", "ø": "|", "ö": "|", "å": "}" if language == "nb" else "z~"}
    return "".join(order.get(each) or folded(each) or " " for each in name.casefold())
