"""The reader's language: which it is, texts in it, and money, days and instants written in it.

In templates `{{ _("Sign in") }}` and `{{ ngettext("%(num)s day", "%(num)s days", n) }}`, in Python `_("Sign in")` from
here; msgids are English, the catalogues are `portal/language/<language>.po`, read when first needed and compiled in
memory. Filters in templates:

    {{ amount|money("SEK") }}         minor units: 5 000 kr
    {{ starts_on|day }}               22 november 2026;  |day("medium") for tables: 22 nov. 2026
    {{ starts_on|days(ends_on) }}     16–22 nov. 2026
    {{ decided_at|instant }}          local date and time in the portal's zone;  |instant(scheme.zone) in the fund's
    {{ scheme.title|words }}          a text kept as {sv, nb, en};  {{ scheme|fund_name }} without the edition's year
    {{ refusal|spoken }}              a Refusal's sentence, its values written for the reader
    {{ document.size|size }}          340 kB
    {{ application|amount_of(standing) }}  its amount, or what stands of its grant; empty for a kind that gives no money
    {{ tag(*status|standing) }}       a status: the kind of its tag and its word
    {{ claim.stage|stage }}           how far a claim has come, or that it is late
    {{ line.state|attest }}           where the head's word stands
    {{ limit.value|half_days }}       half days as days: 2,5;  |days_counted: 2,5 days
    {{ signature|says("SEK") }}       Grant 5 000 kr

How a language writes money, days and numbers is `language.wording`'s; which language it is and the portal's zone, here.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from html import escape
from types import MappingProxyType
from typing import Any, cast
from zoneinfo import ZoneInfo

from flask import Flask, g, request, session
from markupsafe import Markup

from portal.domain.alphabet import alphabet_of
from portal.domain.application import Application, Outcome, Signature, Status
from portal.domain.periods import Days
from portal.domain.person import ADMINISTRATOR, AUDITOR, FINANCE, Person, role_in
from portal.domain.refusal import Refusal
from portal.domain.scheme import LANGUAGES, Scheme, Words
from portal.domain.signoff import Holding
from portal.language import wording
from portal.language.catalogue import catalogue, said
from portal.language.vocabularies import ATTESTS, LATE, STAGES, STATUSES
from portal.store.queue import Signed
from portal.web import current

NAMES = {"sv": "Svenska", "nb": "Norsk", "en": "English"}
"""The languages as they call themselves, in the order they are offered."""

SWITCH = "lang"
"""The name of the buttons that switch."""
_TYPED = re.compile(r'<textarea|<select|<input (?![^>]*type="(?:hidden|file|submit|password)")')

_NO_BREAK = "\u00a0"


def language() -> str:
    """The language of this request: the person's, else the cookies', else the browser's, else Swedish."""
    code: str | None = g.get("language")  # asked a hundred times a page
    if code is None:
        code = g.language = _chosen()
    return code


def cookie() -> str:
    """The name of the cookie that remembers it; over HTTPS no other host can set one of that name."""
    return "__Host-language" if current.settings().secure else "language"


def _chosen() -> str:
    person = current.person_or_none()
    if person is not None and person.language in LANGUAGES:
        return person.language
    kept = session.get("language") or request.cookies.get(cookie())
    if kept in LANGUAGES:
        return kept
    asked = request.accept_languages.best_match((*LANGUAGES, "no", "nn"))
    return {"no": "nb", "nn": "nb", None: "sv"}.get(asked) or cast(str, asked)


def gettext(text: str) -> str:
    """A text in the reader's language, placeholders not filled."""
    return said(text, language())


def ngettext(singular: str, plural: str, number: int) -> str:
    """A text with plural forms, placeholders not filled."""
    return catalogue(language()).ngettext(singular, plural, number)


def _(text: str, **values: object) -> str:
    """A text in the reader's language, with its %(placeholders)s filled."""
    translated = gettext(text)
    return translated % values if values else translated


def count(singular: str, plural: str, number: int) -> str:
    """A sentence that depends on a number, which stands in it as %(num)s."""
    return ngettext(singular, plural, number) % {"num": number}


def word(vocabulary: Mapping[str, str], key: str) -> str:
    """The word for a key of one of `language.vocabularies`."""
    return gettext(vocabulary[key])


def stage(key: str) -> str:
    """How far a claim has come, or that it is late."""
    return word(STAGES, key) if key in STAGES else word(LATE, key)


def attest(state: str) -> str:
    """Where the head's word stands."""
    return word(ATTESTS, state)


def words(texts: Words) -> str:
    """A text kept in each language, in the reader's."""
    return in_language(texts, language())


def in_language(texts: Words, code: str) -> str:
    """A text kept in each language, in one of them; English, then any, where that one is missing."""
    return texts.get(code) or texts.get("en") or next(iter(texts.values()), "")


def money(amount: int, currency: str, code: str | None = None) -> str:
    """Minor units as people write them: 5 000 kr."""
    return wording.money(amount, currency, code or language())


def number(value: Decimal | int | float) -> str:
    """A number with the language's decimal mark and groups."""
    return wording.number(value, language())


def size(count: int) -> str:
    """Bytes as people say them: 340 kB, 2,4 MB."""
    if count < 1024 * 1024:
        shown = number(max(1, round(count / 1024)))
        return _("%(number)s kB", number=shown)
    shown = number(round(count / 1024 / 1024, 1))
    return _("%(number)s MB", number=shown)


def day(value: date, style: str = "long", code: str | None = None) -> str:
    """A day: 22 november 2026; medium for tables."""
    return wording.day(value, code or language(), style).replace(" ", _NO_BREAK)


def day_typed(value: str) -> str:
    """A day that is kept, as people type it: 14.12.2026."""
    return wording.day_typed(value, language()) if value else ""


def day_said(value: str) -> str:
    """The same said back: måndag 14 december 2026; nothing where it is no day."""
    return wording.day_said(value, language()) if value else ""


def days(first: date, last: date, code: str | None = None) -> str:
    """From a day to a day, included: 16–25 dec. 2026."""
    return wording.days(first, last, code or language()).replace(" ", _NO_BREAK)


def short(amount: int) -> str:
    """Minor units as a few characters for an axis: 1,5 mn."""
    return wording.short(amount, language())


def days_counted(half_days: int) -> str:
    """So many half days as days: 1 day, 2,5 days."""
    form = ngettext("%(num)s day", "%(num)s days", 1 if half_days == 2 else 2)
    return form % {"num": written(Days(half_days))}


def instant(value: datetime, zone: ZoneInfo | None = None) -> str:
    """A UTC instant as local date and time, in the fund's zone where one is given, else the portal's."""
    local = value.astimezone(zone or current.settings().zone)
    return _("%(day)s at %(time)s", day=day(local.date()), time=f"{local:%H:%M}")


def standing(
    status: Status, *, next_year: bool = False, signed: bool = False, disagreed: bool = False
) -> tuple[str, str]:
    """The kind of tag of a status and its word.

    `next_year` when it is kept until its year begins; approvers are told too whether one has signed, and whether
    the two signatures differ.
    """
    if status is Status.WAITING:
        if next_year:
            return "next-year", _("Kept for next year")
        if disagreed:
            return "disagreed", _("Signatures differ")
        if signed:
            return "signed", _("One signature")
    return status.value, word(STATUSES, status)


def says(signature: Signature | Signed, currency: str) -> str:
    """What a signature says."""
    if signature.outcome is Outcome.REFUSE:
        return _("Refuse")
    if signature.days is not None:
        return _("Approve %(days)s", days=days_counted(signature.days))
    if not signature.amount:  # a kind of application that decides no money
        return _("Approve")
    return _("Grant %(amount)s", amount=money(signature.amount, currency))


def amount_of(application: Application, standing: Mapping[int, int] = MappingProxyType({})) -> str:
    """The amount of an application, of a grant what is `standing` of it; empty for a kind that gives no money."""
    scheme = current.schemes().get(application.scheme)
    if scheme is not None and not scheme.kinds[application.kind].gives_money:
        return ""
    return money(standing.get(application.id, application.amount), application.currency)


def fund_name(scheme: Scheme) -> str:
    """The fund's name: an edition's title without its year."""
    return words(scheme.title).replace(str(scheme.year), "").strip()


def capitalized(text: str) -> str:
    """A text with a capital first letter; the others stay."""
    return text[:1].upper() + text[1:]


def with_switch(html: str) -> Markup:
    """The page with the language switch at the end of each form to write in, for browsers without scripts.

    There a button sends its own form alone; `web.refill` answers it.
    """
    if current.person_or_none() is None:
        return Markup(html)  # noqa: S704 - what the templates have escaped
    buttons = "".join(
        f'<button lang="{code}" formnovalidate value="{code}" name="{SWITCH}">{name}</button>'
        for code, name in NAMES.items()
        if code != language()
    )
    says = escape(_("In another language, with what you have typed:"))
    switch = f'<noscript><p class="in-language soft">{says} {buttons}</p></noscript>'
    *parts, rest = html.split("</form>")
    ended = (f"{each}{switch if _is_written_in(each) else ''}</form>" for each in parts)
    return Markup("".join((*ended, rest)))  # noqa: S704 - what the templates have escaped


def _is_written_in(html: str) -> bool:
    """Whether the form that ends there is one to write in."""
    opening, _end, inside = html.rpartition("<form ")[2].partition(">")
    return 'method="post"' in opening and _TYPED.search(inside) is not None


def alphabet() -> str:
    """The alphabet by which the reader expects names in order."""
    return alphabet_of(language())


def spoken(refusal: Refusal) -> str:
    """Why something may not be done, in the reader's language."""
    return _(refusal.text, **{name: written(value) for name, value in refusal.values.items()})


def written(value: object) -> str:
    """A typed value as people write it: an amount, a day, an instant, a number of days."""
    return instant(value) if isinstance(value, datetime) else wording.written(value, language())


def seat(held: Holding) -> str:
    """What the seat is called in which somebody holds a term."""
    scheme = current.schemes().of_fund(held.fund)[0]
    return next((words(each.title) for each in scheme.seats if each.key == held.seat), held.seat)


def role_choices() -> list[tuple[str, str]]:
    """Every role that can be given, with its name; finance in every fund, or in one."""
    schemes = current.schemes()
    named = [(role_in(FINANCE, each), fund_name(schemes.of_fund(each)[0])) for each in schemes.funds()]
    return [
        (FINANCE, _("Finance, all funds")),
        *((value, _("Finance, %(fund)s", fund=name)) for value, name in named),
        (ADMINISTRATOR, _("Administrator")),
        (AUDITOR, _("Auditor: reads everything and changes nothing")),
    ]


def roles(person: Person) -> list[str]:
    """The roles of a person by name."""
    held = [label for value, label in role_choices() if value in person.roles]
    return [each.partition(":")[0] for each in held]


def choice_of(person: Person) -> str:
    """What a button posts that chooses the person: it tells nobody their number."""
    return current.choice_of(person.id)


def _in_template(text: str, **values: object) -> Markup:
    """What `_` does in a template: Jinja's own goes through four calls, and a page has dozens of texts."""
    translated = _marked_up(text, language())
    return translated % values if values else translated


def _counted_in_template(singular: str, plural: str, num: int, **values: object) -> Markup:
    """What `ngettext` does in a template: the number stands in the text as %(num)s, beside the other values."""
    return Markup(ngettext(singular, plural, num)) % {"num": num, **values}  # noqa: S704 - as below


@lru_cache(maxsize=4000)
def _marked_up(text: str, code: str) -> Markup:
    return Markup(said(text, code))  # noqa: S704 - from our catalogues; values are escaped above


FILTERS: Mapping[str, Callable[..., object]] = {
    "money": money, "day": day, "day_typed": day_typed, "day_said": day_said,
    "days": days, "instant": instant, "words": words, "spoken": spoken,
    "number": number, "size": size,
    "standing": standing, "amount_of": amount_of, "says": says, "written": written, "short": short,
    "fund_name": fund_name, "seat_name": seat, "stage": stage, "attest": attest, "roles": roles, "choice_of": choice_of,
    "capitalize_first": capitalized, "half_days": lambda value: written(Days(value)), "days_counted": days_counted,
    "with_switch": with_switch,
}  # fmt: skip
"""What templates write values by."""


def install(app: Flask) -> None:
    """Give templates their texts and filters."""
    environment: Any = app.jinja_env
    environment.globals.update({"_": _in_template, "ngettext": _counted_in_template, "languages": NAMES})
    environment.filters.update(FILTERS)
