"""Which characters the letters' fonts can show: what they cannot is written as its code, never left out in silence."""

import struct
import unicodedata
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from portal.domain.alphabet import composed as compose

FONTS = Path(__file__).parent / "fonts"

_KEPT = "\n"
_MARKS = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Control and format characters, halves of characters, private ones, and line and paragraph separators."""


def printable(text: str) -> str:
    """The text as it can be printed: composed, without controls, and ⟨U+1F600⟩ for what no font has."""
    composed = compose(text)
    if composed.isascii() and composed.isprintable():
        return composed
    return "".join(_shown(character) for character in composed)


def _shown(character: str) -> str:
    if character == _KEPT or ord(character) in covered():
        return "" if unicodedata.category(character) == "Cf" else character
    category = unicodedata.category(character)
    if category in _MARKS:
        return " " if category in ("Zl", "Zp") or character in "\t\r\x0b\x0c" else ""
    if category == "Zs":
        return " "
    return f"<U+{ord(character):04X}>"


@cache
def covered() -> frozenset[int]:
    """Every code point that each style of the letters can show: the sans in both weights, or the Arabic one."""
    sans = (
        _covered_by("NotoSans-Regular.ttf")
        & _covered_by("NotoSans-Bold.ttf")
        & _covered_by("NotoSerif-Bold.ttf")
    )
    return sans | _covered_by("NotoSansArabic-Regular.ttf")


def _covered_by(name: str) -> frozenset[int]:
    """The code points of a TrueType font's character map (format 4 or 12)."""
    data = (FONTS / name).read_bytes()
    tables = {
        data[at : at + 4]: struct.unpack_from(">I", data, at + 8)[0]
        for at in range(12, 12 + 16 * struct.unpack_from(">H", data, 4)[0], 16)
    }
    start = tables[b"cmap"]
    found: set[int] = set()
    for index in range(struct.unpack_from(">H", data, start + 2)[0]):
        at = start + struct.unpack_from(">I", data, start + 8 + 8 * index)[0]
        match struct.unpack_from(">H", data, at)[0]:
            case 4:
                found.update(_segments(data, at))
            case 12:
                found.update(_groups(data, at))
    return frozenset(found)


def _segments(data: bytes, at: int) -> Iterator[int]:
    """Format 4: segments of the first plane; 0xFFFF ends the table and is no character."""
    twice = struct.unpack_from(">H", data, at + 6)[0]
    for offset in range(0, twice, 2):
        last = struct.unpack_from(">H", data, at + 14 + offset)[0]
        first = struct.unpack_from(">H", data, at + 16 + twice + offset)[0]
        delta = struct.unpack_from(">H", data, at + 16 + 2 * twice + offset)[0]
        place = at + 16 + 3 * twice + offset
        reach = struct.unpack_from(">H", data, place)[0]
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = struct.unpack_from(">H", data, place + reach + 2 * (code - first))[0] if reach else code
            if glyph and (glyph + delta) % 0x10000:
                yield code


def _groups(data: bytes, at: int) -> Iterator[int]:
    """Format 12: groups of any plane."""
    for index in range(struct.unpack_from(">I", data, at + 12)[0]):
        first, last, glyph = struct.unpack_from(">III", data, at + 16 + 12 * index)
        yield from (code for code in range(first, last + 1) if glyph + code - first)
