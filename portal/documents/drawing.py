"""Draws the pages of a PDF as one picture, so that an approver sees it beside the case and opens no program for it.

A PDF in a sandboxed frame is not shown at all (Chromium), or its first page (iOS); a picture is, and it is printed.
"""

import re
import sys
from tempfile import TemporaryFile
from typing import Any

from portal.documents import apart
from portal.domain.document import Broken

MOST_PAGES = 10
_PIXELS_PER_INCH = 110.0
# Any: what typst says of its types would have layout and root be of one.
_LAYOUT: Any = b"""\
#set page(width: 595pt, height: auto, margin: 0pt)
#set par(spacing: 0pt)
#for number in range(1, int(sys.inputs.pages) + 1) {
  if number > 1 { line(length: 100%) }
  image("/" + sys.inputs.document, format: "pdf", page: number, width: 100%)
}
"""
_HOW_MANY = re.compile(r"only has (\d+) page")


def draw_pages(content: bytes) -> bytes:
    """The first pages of a PDF, one under the other, as a PNG. Raises Broken where it cannot be drawn."""
    done = apart.run(__name__, content=content)
    if done.returncode:
        raise Broken("damaged")
    return done.stdout


def _drawn(content: bytes) -> bytes:
    import typst  # slow to load, and only the process that draws needs it

    # Without a name, so that nothing is left of it whoever is killed meanwhile.
    with TemporaryFile() as document:
        document.write(content)

        def compiled(pages: int) -> bytes:
            document.seek(0)
            told = {"pages": str(pages), "document": str(document.fileno())}
            png: bytes = typst.compile(
                _LAYOUT, root="/dev/fd", format="png", ppi=_PIXELS_PER_INCH, sys_inputs=told
            )
            return png

        try:
            return compiled(MOST_PAGES)
        except typst.TypstError as error:
            # Typst does not tell beforehand how many pages there are.
            found = _HOW_MANY.search(f"{error} {' '.join(error.hints)}")
            if found is None or not 0 < int(found[1]) < MOST_PAGES:
                raise
            return compiled(int(found[1]))


def main() -> None:
    """In the subprocess: a PDF in on standard input, a PNG out on standard output."""
    sys.stdout.buffer.write(_drawn(apart.what_comes_in()))


if __name__ == "__main__":
    main()
