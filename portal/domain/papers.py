"""PDF and DOCX as bytes: whether they are whole and hold no programs. Nothing in them is unpacked but two small lists.

A PDF's own metadata and scripts cannot be found for certain without a PDF reader, so it is only ever given out as a
file to save.
"""

import re
import zlib
from collections.abc import Iterable
from html import unescape
from io import BytesIO
from zipfile import BadZipFile, ZipFile, ZipInfo

from portal.domain.document import Broken

MOST_ENTRIES = 2_000
MOST_EXPANDED = 200 * 1024 * 1024
"""Bytes that a DOCX may come to when unpacked; Word's own stay far below."""

_MOST_OF_A_LIST = 1024 * 1024
_TAIL = 2_048
_MAIN_PART = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PROGRAMS = re.compile(
    r"(^|/)(vbaProject|vbaData)[^/]*$|(^|/)(activeX|customUI)/|\.(exe|dll|js|vbs|bat|cmd|ps1|hta|lnk)$",
    re.IGNORECASE,
)
_FAR_TARGET = re.compile(r"""\bTarget\s*=\s*["']\s*(https?|ftp):""", re.IGNORECASE)
_DEFLATED = (0, 8)


def check_pdf(content: bytes) -> None:
    """That it begins and ends as a PDF does. Raises Broken."""
    if not re.match(rb"(?:\xef\xbb\xbf)?\s{0,8}%PDF-[12]\.\d", content):
        raise Broken("no-pdf")
    tail = content[-_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise Broken("cut-off")


def check_docx(content: bytes) -> None:
    """That it is a Word document, whole, of sound size, without macros. Raises Broken."""
    if content[:4] != b"PK\x03\x04":
        raise Broken("no-docx")
    try:
        with ZipFile(BytesIO(content)) as parcel:
            entries = parcel.infolist()
            _check_entries(entries, len(content))
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
                raise Broken("no-docx")
            _check_types(_read(parcel, "[Content_Types].xml"))
            for name in sorted(names):
                if name.endswith("settings.xml.rels"):
                    _check_template(_read(parcel, name))
    except (
        BadZipFile,
        NotImplementedError,
        RuntimeError,
        EOFError,
        ValueError,
        OSError,
        zlib.error,
    ) as error:
        raise Broken("damaged") from error


def _check_entries(entries: Iterable[ZipInfo], size: int) -> None:
    names: set[str] = set()
    expanded = packed = 0
    for number, entry in enumerate(entries, 1):
        name = entry.filename
        if entry.flag_bits & 1 or entry.compress_type not in _DEFLATED:
            raise Broken("locked")
        if name in names or name.startswith("/") or "\\" in name or ".." in name.split("/"):
            raise Broken("damaged")
        if _PROGRAMS.search(name):
            raise Broken("macros")
        names.add(name)
        expanded += entry.file_size
        packed += entry.compress_size
        if number > MOST_ENTRIES or expanded > MOST_EXPANDED:
            raise Broken("bomb")
    if packed > size:  # parts that share the same bytes
        raise Broken("bomb")


def _read(parcel: ZipFile, name: str) -> bytes:
    """One of the small lists in a DOCX."""
    with parcel.open(name) as source:
        content = source.read(_MOST_OF_A_LIST + 1)
    if len(content) > _MOST_OF_A_LIST:
        raise Broken("bomb")
    return content


def _check_types(types: bytes) -> None:
    if b"macroenabled" in types.lower():
        raise Broken("macros")
    if _MAIN_PART not in types:
        raise Broken("no-docx")


def _check_template(relations: bytes) -> None:
    """A template fetched from elsewhere can bring macros along."""
    if b"\0" in relations:  # no list that Word writes is in UTF-16, where the search below would be blind
        raise Broken("damaged")
    for relation in re.findall(r"<[^<>]*attachedTemplate[^<>]*>", relations.decode("utf-8", "replace")):
        if _FAR_TARGET.search(unescape(relation)):
            raise Broken("macros")
