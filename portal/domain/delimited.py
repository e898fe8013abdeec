"""Text files of rows as banks and spreadsheets write them: encoding and separator are found, not asked for.

UTF-8, UTF-16 by its mark, else the code page of Windows; semicolon, comma, tab or bar, with or without `sep=;` first.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator
from typing import Final

from portal.domain.alphabet import visible

_NO_TEXT: Final = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_SEPARATOR: Final = re.compile(r'"?sep=(.)"?\r?\n', re.IGNORECASE)
_SEPARATORS: Final = ";,\t|"
_END: Final = "\x1f"


class NotText(ValueError):
    """The file is no text of rows, or a quotation mark is left open; `line` is where that shows."""

    def __init__(self, line: int, *, quoted: bool = False) -> None:
        super().__init__(f"no text in line {line}")
        self.line, self.quoted = line, quoted


def rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """The rows that hold anything, each with the line it ends in (the first is 1). Raises NotText."""
    text = _decoded(content)
    told = _SEPARATOR.match(text)
    heading = text[told.end() if told else 0 :].lstrip().partition("\n")[0]
    delimiter = told[1] if told and told[1] in _SEPARATORS else max(_SEPARATORS, key=heading.count)
    # A quotation mark that is never closed would take all that follows into its cell, and this last line with it.
    reader = csv.reader(io.StringIO(f"{text}\n{_END}", newline=""), delimiter=delimiter)
    line = 0
    if told:
        next(reader)
    try:
        for cells in reader:
            if cells == [_END]:
                return
            if any(cell.strip() for cell in cells):
                yield reader.line_num, cells
            before, line = line, reader.line_num
    except csv.Error:
        raise NotText(reader.line_num) from None
    raise NotText(before + 1, quoted=True)


def heading_of(cell: str) -> str:
    """A heading as headings are compared."""
    return " ".join(visible(cell).casefold().split())


def _decoded(content: bytes) -> str:
    marked = content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    for encoding in ("utf-16",) if marked else ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _NO_TEXT.search(text):
            return text
        break
    raise NotText(1)
