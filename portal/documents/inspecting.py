"""Judging a file before it is kept: by its ending, content and size, and by a virus scanner; and why it is not taken.

Content is judged twice, by its own structure (`pictures`, `pdf_docx`) and by a library of magic numbers. Nothing is
decoded here. What the web is sent is judged in a subprocess (`apart`). Without a scanner (ClamAV's clamd) in the
settings none is asked; one that does not answer keeps the file out: what was not looked at is not passed on to
approvers.
"""

import hashlib
import socket
import struct
import sys
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import urlsplit

from portal.documents import apart
from portal.documents.encryption import is_locked_office
from portal.documents.pdf_docx import check_docx, check_pdf, is_pdf
from portal.documents.pictures import clean_jpeg, clean_png
from portal.domain.document import Broken, Media, clean_name, expected, is_program, named
from portal.domain.refusal import N_, Refusal, Refused

_HEAD = 4_096
_SCANNER_SECONDS = 30.0
_SCANNER_PORT = 3310
_CHUNK = 1 << 16

EMPTY = N_("“%(name)s” is empty. Choose the file again.")
TOO_LARGE = N_("“%(name)s” is larger than %(limit)s, which is the most a file may be. Attach a smaller copy.")
UNKNOWN = N_("“%(name)s” is no PDF, JPEG, PNG or DOCX. Save it as one of these and attach that.")
WEBP = N_("“%(name)s” is a picture in the format WebP. Save it as JPEG or PNG and attach that.")
HEIC = N_("“%(name)s” is a picture in the format HEIC. Save it as JPEG and attach that.")
OTHER_CONTENT = N_("“%(name)s” does not hold what its name says. Save it anew as PDF, JPEG, PNG or DOCX.")
DAMAGED = N_(
    "“%(name)s” is damaged or not complete. Open it to see whether it is whole, and attach it again."
)
LOCKED = N_("“%(name)s” is locked with a password. Attach a copy that opens without one.")
PROTECTED = N_(
    "“%(name)s” is protected, so it cannot be looked through. Print it to a new PDF without a password and attach that."
)
PROGRAMS = N_("“%(name)s” holds macros or programs. Save it as PDF and attach that.")
ACTIVE = N_(
    "“%(name)s” runs a program or opens something when it is opened, or has other files in it. "
    "Print it to a new PDF and attach that."
)
SLOW = N_(
    "“%(name)s” took too long to look through, so it was not attached. Print it to a new PDF and attach that."
)
TOO_MUCH = N_("“%(name)s” unpacks to far more than a document holds. Save it as PDF and attach that.")
INFECTED = N_(
    "“%(name)s” was not attached: the virus scanner found something harmful in it. Tell your IT support."
)
NOT_SCANNED = N_(
    "“%(name)s” could not be checked for viruses, so it was not attached. Try again in a few minutes."
)

_FLAWS: Mapping[str, tuple[str, str]] = {
    "no-pdf": ("document.other-content", OTHER_CONTENT),
    "no-jpeg": ("document.other-content", OTHER_CONTENT),
    "no-png": ("document.other-content", OTHER_CONTENT),
    "no-docx": ("document.other-content", OTHER_CONTENT),
    "no-picture": ("document.damaged", DAMAGED),
    "cut-off": ("document.damaged", DAMAGED),
    "damaged": ("document.damaged", DAMAGED),
    "locked": ("document.locked", LOCKED),
    "protected": ("document.locked", PROTECTED),
    "macros": ("document.programs", PROGRAMS),
    "active": ("document.programs", ACTIVE),
    "slow": ("document.slow", SLOW),
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


def inspect(name: str, content: bytes, judged: "Callable[[Media, bytes], bytes] | None" = None) -> Inspected:
    """The file as it may be kept, pictures without what they tell of a place. Raises Refused with `document.*`."""
    shown = clean_name(name)
    if not content:
        raise Refused(Refusal("document.empty", EMPTY, {"name": shown}))
    if is_locked_office(content):
        raise Refused(Refusal("document.locked", LOCKED, {"name": shown}))
    promised = expected(shown)
    media = promised if is_program(shown) else _what_it_is(content) or promised
    if media is None:
        raise Refused(Refusal("document.unknown-type", _other_picture(content) or UNKNOWN, {"name": shown}))
    try:
        kept = (judged or judge)(media, content)
    except Broken as broken:
        code, text = _FLAWS[broken.flaw]
        if broken.flaw.startswith("no-") and promised is None:
            code, text = "document.unknown-type", UNKNOWN
        elif text == OTHER_CONTENT:
            text = _other_picture(content) or text
        raise Refused(Refusal(code, text, {"name": shown})) from None
    return Inspected(named(shown, media), media, kept, hashlib.sha256(kept).hexdigest())


def _what_it_is(content: bytes) -> Media | None:
    """The kind of file that is taken which the content begins as, whatever its name says: names are often wrong."""
    if content.startswith(b"\xff\xd8\xff"):
        return Media.JPEG
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return Media.PNG
    if content.startswith(b"PK\x03\x04"):
        return Media.DOCX
    return Media.PDF if is_pdf(content) else None


def judge(media: Media, content: bytes) -> bytes:
    """The content as it may be kept. Raises Broken."""
    kept = _SOUND[media](content)
    if media not in _marks(content):
        raise Broken(f"no-{media.name.lower()}")
    return kept


def judge_apart(media: Media, content: bytes) -> bytes:
    """The same in a subprocess with limits. Raises Broken, also with "slow"."""
    done = apart.run(__name__, media, content=content)
    if done.returncode == 0:
        return done.stdout or content
    flaw = done.stdout.decode()
    if flaw not in _FLAWS:
        raise RuntimeError(f"a file could not be judged: {done.returncode}, {done.stderr[-500:]!r}")
    raise Broken(flaw)


def _judge_what_comes_in() -> None:
    """In the subprocess: content in, what is kept out, nothing when that is the same; or a flaw and status 1."""
    content = apart.what_comes_in()
    try:
        kept = judge(Media(sys.argv[1]), content)
    except (Broken, MemoryError) as fault:
        sys.stdout.write(fault.flaw if isinstance(fault, Broken) else "bomb")
        sys.exit(1)
    if kept != content:
        sys.stdout.buffer.write(kept)


def too_large(name: str, limit: str) -> Refusal:
    """Why a file over the limit, written for the reader, is not taken; its content need not be known."""
    return Refusal("document.too-large", TOO_LARGE, {"name": clean_name(name), "limit": limit})


def _marks(content: bytes) -> frozenset[str]:
    """The media types whose magic number the content begins with."""
    import puremagic  # its table takes a megabyte, and most workers see no file

    try:
        found = puremagic.magic_string(content.lstrip(b"\xef\xbb\xbf\t\n\f\r ")[:_HEAD])
    except (puremagic.PureError, ValueError):
        return frozenset()
    return frozenset(each.mime_type for each in found)


def _other_picture(content: bytes) -> str:
    """What to say of a picture of a kind that is not taken, which telephones and browsers make."""
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"mif1", b"msf1", b"hevc"):
        return HEIC
    return WEBP if content[:4] == b"RIFF" and content[8:12] == b"WEBP" else ""


class ScannerAway(Exception):
    """The scanner did not answer, or not with a verdict."""


def scan(name: str, content: bytes, scanner: str) -> None:
    """Let a file through that the scanner finds clean. Raises Refused otherwise, from ScannerAway when it is away."""
    try:
        found = verdict(content, scanner)
    except (OSError, ScannerAway) as error:
        raise Refused(Refusal("document.not-scanned", NOT_SCANNED, {"name": clean_name(name)})) from error
    if found:
        raise Refused(Refusal("document.infected", INFECTED, {"name": clean_name(name)}))


def verdict(content: bytes, scanner: str) -> str:
    """What the scanner found, empty for nothing. Raises ScannerAway and OSError."""
    with closing(_connected(scanner)) as clamd:
        clamd.sendall(b"zINSTREAM\0")
        for start in range(0, len(content), _CHUNK):
            chunk = content[start : start + _CHUNK]
            clamd.sendall(struct.pack("!L", len(chunk)) + chunk)
        clamd.sendall(struct.pack("!L", 0))
        answer = b""
        while not answer.endswith(b"\0") and len(answer) < _CHUNK:
            more = clamd.recv(4096)
            if not more:
                break
            answer += more
    said = answer.rstrip(b"\0").decode("utf-8", "replace")
    if said == "stream: OK":
        return ""
    if said.endswith(" FOUND"):
        return said.removeprefix("stream: ").removesuffix(" FOUND")
    raise ScannerAway(said or "no answer")


def _connected(scanner: str) -> socket.socket:
    parts = urlsplit(scanner)
    if parts.hostname:
        return socket.create_connection(
            (parts.hostname, parts.port or _SCANNER_PORT), timeout=_SCANNER_SECONDS
        )
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    local.settimeout(_SCANNER_SECONDS)
    try:
        local.connect(parts.path)
    except OSError:
        local.close()
        raise
    return local


if __name__ == "__main__":
    _judge_what_comes_in()
