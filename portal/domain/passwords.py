"""What a password of a local account has to be; keeping and comparing passwords is the actions'."""

import gzip
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files

from portal.domain.refusal import N_, Refusal

SHORTEST = 15
LONGEST = 200

_ENOUGH_BITS = 40
_COMMON_BITS = 13
"""One of ten thousand."""
_KNOWN_BITS = 4
_SIGN_BITS = 4
_DIGIT_BITS = 3
_COPY_BITS = 1
_LONGEST_WORD = 24
_OF_THE_PLACE = """
    lösenord losenord passord välkommen velkommen welcome portal kurs fond stiftelse stipend ansökan søknad
    kvalitet kvalitetsfond kvalitetsfondet fondet fonden utbildning utbildningsfonden utdanning kompetens utveckling
    kompetensutveckling kompetanseutvikling konferens konferanse konferens bidrag kursbidrag legekontor intranät
    kommun kommune bodø bodo tromsø tromso drottning silvia regionen och med för example
    sahlgrenska östra mölndal göteborg goteborg gothenburg borås skövde trollhättan uddevalla alingsås kungälv
    västra vastra götaland gotaland vgregion vgr region bohuslän skaraborg älvsborg sverige sweden norge norway
    sjukhus sjukhuset universitet universitetssjukhus sykehus sykehuset hospital helse vård omsorg hälsa klinik
    avdelning läkare doktor doctor lege sjuksköterska sykepleier oslo bergen trondheim stavanger
    vår sommar höst vinter sommer høst januari februari mars april maj juni juli augusti september oktober november
    december januar februar mai august desember måndag fredag mandag
""".split()
_LOOKALIKES = str.maketrans("@430€15$7!", "aaeoeissti")


def check_password(password: str, *, about: Iterable[str]) -> Refusal | None:
    """None when the password is good enough: long, varied, and not made of what is known of the person."""
    if len(password) < SHORTEST:
        return Refusal(
            "password.short",
            N_(
                "The password needs at least %(least)s characters. Several words in a row are easy to remember."
            ),
            {"least": SHORTEST},
        )
    if len(password) > LONGEST:
        return Refusal(
            "password.long", N_("The password may have at most %(most)s characters."), {"most": LONGEST}
        )
    known = (word for text in about for word in re.split(r"[\s@._-]+", text.casefold()))
    words = _common() | dict.fromkeys((word for word in known if len(word) > 2), _KNOWN_BITS)
    plain = password.casefold()
    if min(_bits(each, words) for each in (plain, plain.translate(_LOOKALIKES))) < _ENOUGH_BITS:
        return Refusal(
            "password.common",
            N_("The password is too easy to guess. Choose several words that have nothing to do with you."),
        )
    return None


@cache
def _common() -> dict[str, int]:
    """The most common passwords and words of the place, and how little each adds; read when first asked for."""
    packed = files("portal.domain").joinpath("common", "passwords.txt.gz").read_bytes()
    words = dict.fromkeys(gzip.decompress(packed).decode().split(), _COMMON_BITS)
    return words | dict.fromkeys(_OF_THE_PLACE, _KNOWN_BITS)


def _bits(text: str, words: Mapping[str, int]) -> int:
    """About how many bits there are to guess in a text, put together from words, copies of itself and single signs."""
    best = [0]
    for end in range(1, len(text) + 1):
        sign = text[end - 1]
        goes_on = end > 1 and abs(ord(sign) - ord(text[end - 2])) == 1
        least = best[-1] + (_COPY_BITS if goes_on else _DIGIT_BITS if sign.isdigit() else _SIGN_BITS)
        for start in range(max(0, end - _LONGEST_WORD), end - 1):
            piece = text[start:end]
            bits = _COPY_BITS if text.find(piece, 0, start) >= 0 else words.get(piece)
            if bits is not None:
                least = min(least, best[start] + bits)
        best.append(least)
    return best[-1]
