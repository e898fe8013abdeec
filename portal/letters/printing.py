"""Prints a letter: the same letter gives the same bytes. Nothing is fetched, and no system font is looked at.

typst is imported when the first letter is printed, so that no start of the portal waits for it.
"""

import json
import threading
from functools import cache
from pathlib import Path
from typing import Any

from portal.letters.document import Letter
from portal.letters.glyphs import FONTS, printable

STANDARDS = ("a-2a", "ua-1")
_LAYOUT = Path(__file__).parent / "letter.typ"
_LOCK = threading.Lock()


def print_letter(letter: Letter) -> bytes:
    """The letter as a PDF that claims PDF/A-2a and PDF/UA-1."""
    return print_record(letter.as_record())


def print_record(record: dict[str, Any]) -> bytes:
    """The PDF of a letter's record, as it was kept."""
    data = json.dumps(_printable(record), ensure_ascii=False, sort_keys=True)
    with _LOCK:  # the compiler keeps what it has laid out before, for one caller at a time
        pdf: bytes = _compiler().compile(
            format="pdf", sys_inputs={"letter": data}, pdf_standards=list(STANDARDS), timestamp=0
        )
    return pdf


def _printable(value: Any) -> Any:
    match value:
        case str():
            return printable(value)
        case list():
            return [_printable(each) for each in value]
        case dict():
            return {key: _printable(each) for key, each in value.items()}
    return value


@cache
def _compiler() -> Any:
    import typst

    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(FONTS)])
    return typst.Compiler(str(_LAYOUT), root=str(_LAYOUT.parent), font_paths=fonts)
