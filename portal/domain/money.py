"""Money as integer minor units, and reading what people type for it; writing it for people is `wording`'s."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from portal.domain.alphabet import visible

CURRENCIES = frozenset(
    """
    AED AFN ALL AMD ANG AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF
    CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GNF GTQ GYD HKD HNL HTG
    HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LYD MAD MDL MGA
    MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD
    RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX
    USD UYU UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
    """.split()
)
"""Those a cost may be stated in (ISO 4217, in circulation); rates are typed, never fetched."""

LARGEST = 10_000_000_00
"""The largest amount the portal reads, in minor units: above it is a slip of the finger."""

_SPACES = re.compile("[ \t\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000]+")
MINUS = "-\u2010\u2011\u2012\u2013\u2212\ufe63\uff0d"
"""Signs that stand before a number as a minus; a dash after it ("7.000,–") stands for no öre."""
_MARK_BEFORE = re.compile(rf"(kr\.?|[A-Z]{{3}})(?=[ 0-9{MINUS}])", re.IGNORECASE)
_MARK_AFTER = re.compile(r"(?<=[ 0-9–—-])(kr\.?|[A-Z]{3})\Z", re.IGNORECASE)
_CROWNS = ("SEK", "NOK", "DKK", "ISK", "")
_DASH_AFTER = re.compile(r"[,:.][-–—]\Z")
_PLAIN = re.compile(r"[0-9]+")
_RATE = re.compile(rf"[{MINUS}]?[0-9]{{1,30}}(?:[.,][0-9]{{1,30}})?")
_GROUPED = {
    separator: re.compile(rf"[0-9]{{1,3}}(?:{re.escape(separator)}[0-9]{{3}})+") for separator in " .,"
}


@dataclass(frozen=True, slots=True)
class Money:
    """An amount in minor units of a currency, for messages; calculations use the bare integers."""

    amount: int
    currency: str


class Unreadable(ValueError):
    """What was typed is no such value; `code` is the `form.*` code that says why."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def read_amount(typed: object, currency: str = "") -> int:
    """Read an amount as typed in Sweden, Norway or English, or a number, into minor units.

    A lone dot before exactly three last digits groups thousands ("7.000" in the Norwegian text); a lone comma
    there is refused as too precise rather than guessed. "kr" or the code of `currency` may stand beside the digits,
    another currency may not. Raises Unreadable.
    """
    if isinstance(typed, str):
        text, negative = _stripped(typed, currency)
        amount = _unsigned(text)
        if negative and amount:
            raise Unreadable("form.negative")
    else:
        number = _number(typed)
        if number < 0:
            raise Unreadable("form.negative")
        if number > LARGEST // 100:
            raise Unreadable("form.too-large")
        if _decimals(number) > 2:
            raise Unreadable("form.too-precise")
        amount = int(number * 100)
    if amount > LARGEST:
        raise Unreadable("form.too-large")
    return amount


def _number(typed: object) -> Decimal:
    """A JSON number as a finite Decimal."""
    if isinstance(typed, bool) or not isinstance(typed, int | float | Decimal):
        raise Unreadable("form.not-a-number")
    number = (
        typed
        if isinstance(typed, Decimal)
        else Decimal(str(typed))
        if isinstance(typed, float)
        else Decimal(typed)
    )
    if not number.is_finite():
        raise Unreadable("form.not-a-number")
    return number


def _decimals(number: Decimal) -> int:
    """How many decimals a number needs, trailing zeros not counted; of however many digits, so never rounded."""
    _sign, digits, exponent = number.as_tuple()
    places = -exponent if isinstance(exponent, int) else 0
    if places <= 0 or not any(digits):
        return 0
    zeros = next(n for n, digit in enumerate(reversed(digits)) if digit)
    return max(0, places - zeros)


def _stripped(typed: str, currency: str) -> tuple[str, bool]:
    """The digits and separators of what was typed, and whether a minus stood before them."""
    text = visible(typed[:1_000]).strip()
    if len(text) > 60:
        raise Unreadable("form.not-a-number")
    text = _unmarked(_SPACES.sub(" ", text), _MARK_BEFORE.match, currency)
    negative = text[:1] in MINUS and text != ""
    text = text[1:].strip() if negative else text
    text = _unmarked(text, _MARK_AFTER.search, currency)
    return _DASH_AFTER.sub("", text).strip(), negative


def _unmarked(text: str, find: Callable[[str], re.Match[str] | None], currency: str) -> str:
    """The text without the mark of its currency. Raises Unreadable for the mark of another."""
    if (found := find(text)) is None:
        return text
    mark = found[1].upper()
    if mark != currency and not (mark in ("KR", "KR.") and currency in _CROWNS):
        raise Unreadable("form.not-a-number")
    return (text[: found.start(1)] + text[found.end(1) :]).strip()


def _unsigned(text: str) -> int:
    """A number without sign in minor units: the last mark is a decimal mark unless it groups thousands."""
    whole, fraction = text, "0"
    last = max(text.rfind("."), text.rfind(","))
    if last >= 0 and text.count(text[last]) == 1:
        before, mark, tail = text[:last], text[last], text[last + 1 :]
        lone = "." not in before and "," not in before
        if not (lone and mark == "." and re.fullmatch(r"[1-9][0-9]{0,2}", before) and len(tail) == 3):
            whole, fraction = before, tail
    if not _PLAIN.fullmatch(fraction):
        raise Unreadable("form.not-a-number")
    number = _ungrouped(whole)
    if len(fraction) > 2:
        raise Unreadable("form.too-precise")
    return int(number) * 100 + int(fraction.ljust(2, "0"))


def _ungrouped(whole: str) -> str:
    """The digits of a whole number whose thousands may be grouped by one kind of mark."""
    if _PLAIN.fullmatch(whole):
        return whole
    for separator, pattern in _GROUPED.items():
        if pattern.fullmatch(whole):
            return whole.replace(separator, "")
    raise Unreadable("form.not-a-number")


def read_rate(typed: object) -> Decimal:
    """Read a rate: fund currency for one unit, above 0, at most six decimals. Raises Unreadable."""
    if isinstance(typed, str):
        text = visible(typed).strip()
        if not _RATE.fullmatch(text):
            raise Unreadable("form.not-a-number")
        if text[0] in MINUS:
            raise Unreadable("form.negative")
        rate = Decimal(text.replace(",", "."))
    else:
        rate = _number(typed)
    if rate < 0:
        raise Unreadable("form.negative")
    if rate > LARGEST // 100:
        raise Unreadable("form.too-large")
    if _decimals(rate) > 6:
        raise Unreadable("form.too-precise")
    if not rate:
        raise Unreadable("form.not-a-number")
    return rate


def converted(amount: int, rate: Decimal) -> int:
    """An amount in another currency as fund currency, rounded half up to the minor unit."""
    return int((Decimal(amount) * rate).to_integral_value(rounding=ROUND_HALF_UP))


def plain(amount: int) -> str:
    """Minor units as "8250.00": the form of the `assess` command and of machine files."""
    sign, units = ("-" if amount < 0 else ""), abs(amount)
    return f"{sign}{units // 100}.{units % 100:02d}"
