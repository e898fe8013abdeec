"""Every reader of what comes from outside takes time in proportion to it: part of its worst input, and the whole."""

import gc
import time
import zlib
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from io import BytesIO
from struct import pack
from zipfile import ZipFile

import pytest
from flask import Flask, request
from werkzeug.datastructures import MultiDict

from portal.documents.pdf_docx import check_docx, check_pdf
from portal.documents.pictures import clean_jpeg, clean_png
from portal.domain.alphabet import MOST_MARKS, composed, name_key
from portal.domain.document import clean_name
from portal.finance.ledger import read_ledger
from portal.forms.application import read_lines
from portal.forms.names import country_code
from portal.forms.people import SignInForm
from portal.forms.typed import clean
from portal.letters.press import printable
from portal.web.limits import PortalRequest
from tests.documents import made

APP = Flask(__name__)
APP.request_class = PortalRequest
APP.config.update(MAX_CONTENT_LENGTH=10**8, MAX_FORM_MEMORY_SIZE=10**8)


def marks(n: int) -> str:
    """A letter with marks in the worst order."""
    return "a" + "\u0301" * n + "\u0327" * n


def docx(relations: bytes = b"", extra: bytes = b"", parts: int = 0) -> bytes:
    whole = {"[Content_Types].xml": made.types(), "word/_rels/settings.xml.rels": relations}
    content = BytesIO(made.parcel(whole | {f"word/{n}": b"" for n in range(parts)}))
    if extra:
        with ZipFile(content, "a") as parcel:
            parcel.writestr("word/document.xml", b"")
            for each in parcel.filelist:
                each.extra = extra
    return content.getvalue()


def pdf(inner: bytes) -> bytes:
    return b"%PDF-1.7\n" + inner + b"\nstartxref\n0\n%%EOF\n"


def posted(body: bytes, content_type: str = "application/x-www-form-urlencoded", **headers: str) -> None:
    with APP.test_request_context(method="POST", data=body, content_type=content_type, headers=headers):
        assert request.form is not None
        assert request.cookies is not None
        assert request.accept_languages.best_match(("sv", "nb")) or True


def prepared(
    read: Callable[[bytes], object], make: Callable[[int], bytes]
) -> Callable[[int], Callable[[], object]]:
    def of(n: int) -> Callable[[], object]:
        content = make(n)
        return lambda: read(content)

    return of


LIST = b"1 0 obj<</Type/ObjStm/First 0/Fl>>stream\n"
MARCH = date(2024, 3, 1)
MULTIPART = "multipart/form-data; boundary=x"
READERS: dict[str, tuple[int, Callable[[int], Callable[[], object]]]] = {
    "a text": (20_000, prepared(clean, marks)),
    "line ends": (100_000, lambda n: lambda: clean("\r\u2028\x01" * n)),
    "a login": (500_000, prepared(SignInForm, lambda n: MultiDict({"login": marks(n)}))),
    "a password": (20_000, prepared(composed, marks)),
    "a file's name": (20_000, prepared(clean_name, marks)),
    "a path of a file": (200_000, lambda n: lambda: clean_name("a/" * n)),
    "a name to sort": (10_000, lambda n: lambda: name_key(marks(n), "sv")),
    "a country": (500_000, prepared(country_code, marks)),
    "a letter's text": (20_000, prepared(printable, marks)),
    "costs": (
        10_000,
        lambda n: lambda: read_lines("costs", MultiDict({f"costs-1-{x}": "1" for x in range(n)}), MARCH),
    ),
    "the ledger's cells": (200_000, prepared(read_ledger, lambda n: b";" * n + b"\n")),
    "the ledger's lines": (400_000, prepared(read_ledger, lambda n: b"number;amount;paid_on\n" + b"\n" * n)),
    "the ledger's guard": (2_000_000, prepared(read_ledger, lambda n: b"number;amount;paid_on\n" + b"'" * n)),
    "a form": (200_000, prepared(posted, lambda n: b"a=%41" * n)),
    "a form of fields": (500_000, prepared(posted, lambda n: b"&a" * n)),
    "a head of a part": (500_000, prepared(lambda body: posted(body, MULTIPART), lambda n: b"--x\r\n" + b"a" * n)),
    "parts": (300_000, prepared(lambda body: posted(body, MULTIPART), lambda n: b"--x\r\n\r\n" * n)),
    "cookies": (4_000, lambda n: lambda: posted(b"", Cookie='a="' * n)),
    "languages": (1_000, lambda n: lambda: posted(b"", **{"Accept-Language": "a-b;q=0.1," * n})),
    "a PDF of names": (300_000, prepared(check_pdf, lambda n: pdf(b"/J" * n))),
    "a PDF of escapes": (100_000, prepared(check_pdf, lambda n: pdf(b"/#4a#61#76#61" * n))),
    "a PDF of beginnings": (20_000, prepared(check_pdf, lambda n: pdf(b"stream\n" * n))),
    "a PDF of streams": (20_000, prepared(check_pdf, lambda n: pdf(b"stream\nendstream " * n))),
    "a PDF of lists": (5_000, prepared(check_pdf, lambda n: pdf((LIST + zlib.compress(b"") + b"endstream ") * n))),
    "a PDF of one list": (
        100_000, prepared(check_pdf, lambda n: pdf(LIST + b"stream\n" * 500 + b"x\x9c" + b"\0\0\0\xff\xff" * n)),
    ),
    "a PDF of openings": (
        100_000, prepared(check_pdf, lambda n: pdf(b"/OpenAction 1 0 R " * 900 + b"1 0 obj[ " * n)),
    ),
    "a PDF of spaces": (300_000, prepared(check_pdf, lambda n: pdf(b"/AA" + b" " * n + b"/OpenAction" + b" " * n))),
    "a DOCX's template": (30_000, prepared(check_docx, lambda n: docx(b"<" + b"attachedTemplate" * n))),
    "a DOCX's targets": (60_000, prepared(check_docx, lambda n: docx(b"attachedTemplate" + b"Target =" * n))),
    "a DOCX's spaces": (400_000, prepared(check_docx, lambda n: docx(b"attachedTemplate Target" + b" " * n))),
    "a DOCX's parts": (900, prepared(check_docx, lambda n: docx(parts=n))),
    "a DOCX's extra": (30_000, prepared(check_docx, lambda n: docx(extra=(b"\x99\x99\0\0" * n)[:60_000]))),
    "a JPEG's segments": (24_000, prepared(clean_jpeg, lambda n: b"\xff\xd8" + b"\xff\xe0\0\2" * n)),
    "a JPEG's filling": (3_000_000, prepared(clean_jpeg, lambda n: b"\xff\xd8" + b"\xff" * n)),
    "a JPEG's scan": (3_000_000, prepared(clean_jpeg, lambda n: b"\xff\xd8\xff\xda\0\2" + b"\xff\0" * n)),
    "a PNG's chunks": (
        20_000,
        prepared(clean_png, lambda n: made.PNG + made.chunk(b"IHDR", pack(">IIB", 8, 8, 8) + bytes(4))
                 + made.chunk(b"IDAT", b"") * n),
    ),
}  # fmt: skip


def work(read: Callable[[], object]) -> float:
    """Processor time of one reading; what it says of the content is another test's."""
    gc.disable()  # what other tests left in memory is not this reader's work
    began = time.process_time()
    with suppress(Exception):
        read()
    taken = time.process_time() - began
    gc.enable()
    return taken


@pytest.mark.parametrize("what", READERS)
def test_eight_times_as_much_takes_eight_times_as_long(what: str) -> None:
    n, make = READERS[what]
    part, whole = make(n // 8), make(n)
    small = large = float("inf")
    # A square takes 64 times as long. Halfway between the two, a busy machine and a cold cache still have room, and
    # what disturbs a reading once does not disturb each of them; below two milliseconds the clock tells nothing.
    for _again in range(20):
        small, large = min(small, work(part)), min(large, work(whole))
        if large < max(20 * small, 0.002):
            return
    pytest.fail(f"{what}: {small * 1000:.1f} ms for {n // 8}, {large * 1000:.1f} ms for eight times that")


def test_no_letter_of_any_language_loses_a_mark() -> None:
    assert (
        composed("a\u030a" + "e\u0301\u0327" + "\u0e01\u0e34\u0e48")
        == "å" + "\u0229\u0301" + "\u0e01\u0e34\u0e48"
    )
    assert len(composed(f"{marks(500)}y")) == MOST_MARKS + 1


def main() -> None:
    """The table by hand: python -m tests.forms.test_linear."""
    for what, (n, make) in READERS.items():
        once, twice = (min(work(read) for _ in range(3)) for read in (make(n // 8), make(n)))
        print(
            f"{what:22} {n // 8:9,} {once * 1000:8.1f} ms {twice * 1000:8.1f} ms  x{twice / max(once, 1e-9):.2f}"
        )


if __name__ == "__main__":
    main()
