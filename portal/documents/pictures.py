"""JPEG and PNG as bytes: parsed by segment and chunk, never decoded, and stripped of metadata.

A picture's pixels are left as they are. What goes is everything else that a camera writes into it (place, time, owner,
a second picture) but its colours and which way is up; and whatever stands behind its end.
"""

import re
import struct
import zlib

from portal.domain.document import Broken

MOST_PIXELS = 250_000_000
"""Twice what a good telephone takes; a picture with more only serves to choke who opens it."""

_PNG = b"\x89PNG\r\n\x1a\n"
# What shows a PNG; everything else (text, time, EXIF, private chunks) goes.
_PNG_KEPT = frozenset(
    b"IHDR PLTE IDAT IEND tRNS cHRM gAMA iCCP cICP sBIT sRGB bKGD pHYs".split(),
)

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SOS, _EOI, _APP0, _APP1, _APP2, _APP14 = 0xDA, 0xD9, 0xE0, 0xE1, 0xE2, 0xEE
_SEGMENT_START = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FILL = re.compile(rb"\xff\xff+")
_ORIENTATION = 0x0112
MOST_PARTS = 50_000
"""Segments or chunks of one picture: cameras and programs write some hundreds."""


def clean_jpeg(content: bytes) -> bytes:
    """The JPEG without metadata. Raises Broken."""
    if content[:3] != b"\xff\xd8\xff":
        raise Broken("no-jpeg")
    kept, at, seen, orientation = [content[:2]], 2, False, 1
    for _part in range(MOST_PARTS):
        mark, begin, end = _segment(content, at)
        if mark == _EOI:
            break
        body = content[begin:end]
        if mark in _SOF:
            _check_pixels(*_size_of_frame(body))
            seen = True
        if mark == _APP1:
            orientation = _orientation(body) or orientation
        at = end
        if mark == _SOS:
            at = _end_of_scan(content, end)
        if _is_kept(mark, body):
            kept.append(content[begin - 4 : at])
    else:
        raise Broken("damaged")
    if not seen:
        raise Broken("no-picture")
    if orientation != 1:
        kept.insert(1, _exif_with(orientation))
    kept.append(b"\xff\xd9")
    return b"".join(kept)


def _segment(content: bytes, at: int) -> tuple[int, int, int]:
    """The marker at an offset, and where its segment begins and ends."""
    if fill := _FILL.match(content, at):
        at = fill.end() - 1
    if len(content) < at + 2 or content[at] != 0xFF:
        raise Broken("cut-off")
    mark = content[at + 1]
    if mark == _EOI:
        return mark, at + 2, at + 2
    if mark < 0xC0 or 0xD0 <= mark <= 0xD8 or len(content) < at + 4:
        raise Broken("no-jpeg")
    end = at + 2 + int.from_bytes(content[at + 2 : at + 4], "big")
    if end < at + 4 or end > len(content):
        raise Broken("cut-off")
    return mark, at + 4, end


def _end_of_scan(content: bytes, at: int) -> int:
    """Where the next segment begins after entropy-coded data."""
    found = _SEGMENT_START.search(content, at)
    if found is None:
        raise Broken("cut-off")
    return found.start()


def _size_of_frame(body: bytes) -> tuple[int, int]:
    if len(body) < 6:
        raise Broken("no-picture")
    height, width = struct.unpack(">HH", body[1:5])
    return width, height


def _is_kept(mark: int, body: bytes) -> bool:
    if mark == _APP2:
        return body.startswith(b"ICC_PROFILE\0")
    if mark == _APP0:
        return body.startswith(b"JFIF\0")  # not JFXX, which holds a thumbnail
    return mark == _APP14 or mark < _APP0


def _orientation(body: bytes) -> int | None:
    """The EXIF orientation: 1 to 8, or None."""
    if not body.startswith(b"Exif\0\0") or len(body) < 16:
        return None
    tiff = body[6:]
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return None
    try:
        (first,) = struct.unpack_from(f"{order}I", tiff, 4)
        (count,) = struct.unpack_from(f"{order}H", tiff, first)
        for entry in range(min(count, 200)):
            tag, kind, _number, value = struct.unpack_from(f"{order}HHIH", tiff, first + 2 + 12 * entry)
            if tag == _ORIENTATION and kind == 3 and 1 <= value <= 8:
                return int(value)
    except struct.error:
        return None
    return None


def _exif_with(orientation: int) -> bytes:
    """An EXIF segment with the orientation alone."""
    tiff = b"MM\0*" + struct.pack(">IHHHIHHI", 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)
    body = b"Exif\0\0" + tiff
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


def clean_png(content: bytes) -> bytes:
    """The PNG without metadata. Raises Broken."""
    if not content.startswith(_PNG):
        raise Broken("no-png")
    names: list[bytes] = []
    kept, at = [_PNG], len(_PNG)
    for _part in range(MOST_PARTS):
        if len(content) < at + 12:
            raise Broken("cut-off")
        length, name = struct.unpack_from(">I4s", content, at)
        end = at + 12 + length
        if end > len(content):
            raise Broken("cut-off")
        if zlib.crc32(content[at + 4 : end - 4]) != struct.unpack_from(">I", content, end - 4)[0]:
            raise Broken("damaged")
        if not names:
            _check_first(name, content[at + 8 : end - 4])
        if name in _PNG_KEPT:
            kept.append(content[at:end])
        names.append(name)
        at = end
        if name == b"IEND":
            break
    else:
        raise Broken("damaged")
    if b"IDAT" not in names:
        raise Broken("no-picture")
    return b"".join(kept)


def _check_first(name: bytes, body: bytes) -> None:
    if name != b"IHDR" or len(body) != 13:
        raise Broken("no-png")
    _check_pixels(*struct.unpack(">II", body[:8]))


def _check_pixels(width: int, height: int) -> None:
    if not width or not height:
        raise Broken("no-picture")
    if width * height > MOST_PIXELS:
        raise Broken("pixels")
