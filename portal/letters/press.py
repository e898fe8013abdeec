"""Prints letters: the same letter gives the same bytes. Nothing is fetched, and no system font is looked at.

Done in a subprocess: typst's cache and memory go with it, and a crash of it harms nobody. The process reads records as
JSON and answers with PDFs; it knows no settings, no secret and no database.
"""

import base64
import json
import os
import subprocess
import sys
import threading
import unicodedata
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from portal.domain.alphabet import composed as compose

ROOT = Path(__file__).resolve().parents[2]
FONTS = Path(__file__).parent / "fonts"
STANDARDS = ("a-2a", "ua-1")
_LAYOUT = Path(__file__).parent / "letter.typ"
_LOCK = threading.Lock()
_SECONDS_EACH = 30.0
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Zl", "Zp")
"""Control, format, surrogate and private-use characters, and line and paragraph separators."""


class Unprinted(Exception):
    """A letter that could not be printed; the message is the kind of fault, never a word of the letter."""


def print_apart(records: Sequence[Mapping[str, Any]]) -> list[bytes | Unprinted]:
    """The PDF of each letter, or why there is none. When the subprocess crashes, each is tried in one of its own."""
    answers = _answers(records)
    if answers is None and len(records) > 1:
        return [each for record in records for each in print_apart([record])]
    return [Unprinted("the press fell")] if answers is None else answers


def _answers(records: Sequence[Mapping[str, Any]]) -> list[bytes | Unprinted] | None:
    """What a new subprocess answers, or None when it crashes or times out."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "portal.letters.press"],
            input=json.dumps(list(records)).encode(),
            capture_output=True,
            check=True,
            cwd=ROOT,
            env={name: value for name, value in os.environ.items() if name in ("PATH", "LD_LIBRARY_PATH")},
            timeout=_SECONDS_EACH * len(records),
        )
        given = json.loads(done.stdout)
    except (subprocess.SubprocessError, OSError, ValueError):
        return None
    return [base64.b64decode(each["pdf"]) if "pdf" in each else Unprinted(each["fault"]) for each in given]


def main() -> None:
    """In the subprocess: records in on standard input, PDFs out on standard output."""
    answers = []
    for record in json.load(sys.stdin.buffer):
        try:
            answers.append({"pdf": base64.b64encode(print_record(record)).decode()})
        except Exception as error:
            answers.append({"fault": type(error).__name__})
    sys.stdout.write(json.dumps(answers))


def print_record(record: dict[str, Any]) -> bytes:
    """The PDF of a letter's record, as it was kept; it claims PDF/A-2a and PDF/UA-1."""
    data = json.dumps(_printable(record), ensure_ascii=False, sort_keys=True)
    with _LOCK:  # the compiler keeps what it has laid out before, for one caller at a time
        pdf: bytes = _compiler().compile(
            format="pdf", sys_inputs={"letter": data}, pdf_standards=list(STANDARDS), timestamp=0
        )
    return pdf


@cache
def _compiler() -> Any:
    import typst  # slow to load, and only the process that prints needs it

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(str(_LAYOUT), root=str(_LAYOUT.parent), font_paths=fonts)


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case list():
            return [_printable(each) for each in value]
        case dict():
            return {key: _printable(each) for key, each in value.items()}
    return value


def printable(text: str) -> str:
    """The text as it can be printed: composed, without controls, and <U+1F600> for what no font has.

    What the fonts lack is never left out in silence: a name must not disappear.
    """
    composed = compose(text)
    if composed.isascii() and composed.isprintable():
        return composed
    return "".join(_shown(character) for character in composed)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n" or ord(character) in covered():
        return "" if category == "Cf" else character
    if category in _UNSEEN:
        return " " if category in ("Zl", "Zp") or character in "\t\r\x0b\x0c" else ""
    return " " if category == "Zs" else f"<U+{ord(character):04X}>"


@cache
def covered() -> frozenset[int]:
    """Every code point that each style of the letters can show: the sans in both weights, or the Arabic one."""
    sans = _covered_by("NotoSans-Regular") & _covered_by("NotoSans-Bold") & _covered_by("NotoSerif-Bold")
    return sans | _covered_by("NotoSansArabic-Regular")


def _covered_by(font: str) -> frozenset[int]:
    from fontTools.ttLib import TTFont

    with TTFont(FONTS / f"{font}.ttf", lazy=True) as read:
        return frozenset(read.getBestCmap()) - {0}  # they have a glyph for NUL, which is not to be printed


if __name__ == "__main__":
    main()
