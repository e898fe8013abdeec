"""Judging a file before it is kept: by its ending, by its content, by its size; and why it is not taken.

Content is judged twice, by its own structure (`domain.pictures`, `domain.papers`) and by a library of file marks that
knows nothing of it. Nothing is decoded here.
"""

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import puremagic

from portal.domain.document import Broken, Media, clean_name, expected
from portal.domain.papers import check_docx, check_pdf
from portal.domain.pictures import clean_jpeg, clean_png
from portal.domain.refusal import N_, Refusal, Refused

_HEAD = 4_096

EMPTY = N_("“%(name)s” is empty. Choose the file again.")
TOO_LARGE = N_("“%(name)s” is larger than %(limit)s, which is the most a file may be. Attach a smaller copy.")
UNKNOWN = N_("“%(name)s” is no PDF, JPEG, PNG or DOCX. Save it as one of these and attach that.")
HEIC = N_("“%(name)s” is a picture in the format HEIC. Save it as JPEG and attach that.")
OTHER_CONTENT = N_("“%(name)s” does not hold what its name says. Save it anew as PDF, JPEG, PNG or DOCX.")
DAMAGED = N_(
    "“%(name)s” is damaged or not complete. Open it to see whether it is whole, and attach it again."
)
LOCKED = N_("“%(name)s” is locked with a password. Attach a copy that opens without one.")
PROGRAMS = N_("“%(name)s” holds macros or programs. Save it as PDF and attach that.")
TOO_MUCH = N_("“%(name)s” unpacks to far more than a document holds. Save it as PDF and attach that.")

_FLAWS: Mapping[str, tuple[str, str]] = {
    "no-pdf": ("document.other-content", OTHER_CONTENT),
    "no-jpeg": ("document.other-content", OTHER_CONTENT),
    "no-png": ("document.other-content", OTHER_CONTENT),
    "no-docx": ("document.other-content", OTHER_CONTENT),
    "no-picture": ("document.damaged", DAMAGED),
    "cut-off": ("document.damaged", DAMAGED),
    "damaged": ("document.damaged", DAMAGED),
    "locked": ("document.locked", LOCKED),
    "macros": ("document.programs", PROGRAMS),
    "bomb": ("document.too-much", TOO_MUCH),
    "pixels": ("document.too-much", TOO_MUCH),
}


def _as_it_is(check: Callable[[bytes], None]) -> Callable[[bytes], bytes]:
    def checked(content: bytes) -> bytes:
        check(content)
        return content

    return checked


_SOUND: Mapping[Media, Callable[[bytes], bytes]] = {
    Media.PDF: _as_it_is(check_pdf),
    Media.JPEG: clean_jpeg,
    Media.PNG: clean_png,
    Media.DOCX: _as_it_is(check_docx),
}


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that may be kept: its bytes as they will be, and what is known of them."""

    name: str
    media: Media
    content: bytes
    sha256: str

    @property
    def size(self) -> int:
        return len(self.content)


def inspect(name: str, content: bytes) -> Inspected:
    """The file as it may be kept, pictures without what they tell of a place. Raises Refused with `document.*`."""
    shown = clean_name(name)
    if not content:
        raise Refused(Refusal("document.empty", EMPTY, {"name": shown}))
    media = expected(shown)
    if media is None:
        text = HEIC if _is_heic(content) else UNKNOWN
        raise Refused(Refusal("document.unknown-type", text, {"name": shown}))
    try:
        kept = _SOUND[media](content)
    except Broken as broken:
        code, text = _FLAWS[broken.flaw]
        if text == OTHER_CONTENT and _is_heic(content):
            text = HEIC
        raise Refused(Refusal(code, text, {"name": shown})) from None
    if media not in _marks(content):
        raise Refused(Refusal("document.other-content", OTHER_CONTENT, {"name": shown}))
    return Inspected(shown, media, kept, hashlib.sha256(kept).hexdigest())


def too_large(name: str, limit: str) -> Refusal:
    """Why a file over the limit, written for the reader, is not taken; its content need not be known."""
    return Refusal("document.too-large", TOO_LARGE, {"name": clean_name(name), "limit": limit})


def _marks(content: bytes) -> frozenset[str]:
    """The media types whose marks the content begins with."""
    try:
        found = puremagic.magic_string(content.lstrip(b"\xef\xbb\xbf\t\n\f\r ")[:_HEAD])
    except (puremagic.PureError, ValueError):
        return frozenset()
    return frozenset(each.mime_type for each in found)


def _is_heic(content: bytes) -> bool:
    return content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc")
