"""Small true files for the demo's claims: a certificate, a receipt, a photographed list, made byte by byte."""

import struct
import zlib
from collections.abc import Sequence

_PAGE = (
    b"<< /Type /Catalog /Pages 2 0 R >>",
    b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 420 595] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
)
_FONT = b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"


def pdf(lines: Sequence[str]) -> bytes:
    """One page with a heading and lines under it."""
    written = [line.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)") for line in lines]
    head, *rest = written
    text = f"BT /F1 20 Tf 40 520 Td ({head}) Tj /F1 12 Tf" + "".join(
        f" 0 -28 Td ({line}) Tj" for line in rest
    )
    stream = (text + " ET").encode("cp1252", "replace")
    parts = (*_PAGE, b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream), _FONT)
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    out += b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, start)


def png(seed: str, *, width: int = 120, height: int = 160) -> bytes:
    """A picture of a sheet of paper with dark lines on it, of other lengths for another seed."""
    rows = []
    lengths = [zlib.crc32(f"{seed}{n}".encode()) % (width - 40) + 20 for n in range(height // 10)]
    for y in range(height):
        dark = lengths[y // 10] if 3 <= y % 10 < 6 and 1 < y // 10 < len(lengths) - 2 else 0
        rows.append(b"\0" + b"\xf4" * 14 + b"\x4c" * dark + b"\xf4" * (width - 14 - dark))
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + _chunk(b"IHDR", head)
        + _chunk(b"IDAT", zlib.compress(b"".join(rows)))
        + _chunk(b"IEND", b"")
    )


def _chunk(name: bytes, body: bytes) -> bytes:
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


_NONE = bytes(16)


def jpeg(shade: int = 0) -> bytes:
    """A grey picture of one block, as small as a picture from a telephone gets."""

    def segment(mark: int, body: bytes) -> bytes:
        return b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body

    return (
        b"\xff\xd8"
        + segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
        + segment(0xDB, b"\0" + bytes([1 + shade % 16]) * 64)
        + segment(0xC0, struct.pack(">BHHB", 8, 8, 8, 1) + b"\x01\x11\0")
        + segment(0xC4, b"\0\x01" + _NONE[:15] + b"\0")
        + segment(0xC4, b"\x10\x01" + _NONE[:15] + b"\0")
        + segment(0xDA, b"\x01\x01\0\0\x3f\0")
        + b"\x3f\xff\x00\x3f\xff\xd9"
    )
