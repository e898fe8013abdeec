"""Small true files of every kind that is taken, made here byte by byte, and parts to make wrong ones of."""

import struct
import zlib
from collections.abc import Mapping
from io import BytesIO
from zipfile import ZIP_DEFLATED, ZIP_STORED, ZipFile

MAIN = "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"


def pdf(text: str = "Kursbevis") -> bytes:
    """A PDF of one page."""
    parts = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        (
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 200] /Contents 4 0 R"
            b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>"
        ),
    ]
    stream = f"BT /F1 18 Tf 30 100 Td ({text}) Tj ET".encode("latin-1", "replace")
    parts.append(b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream))
    out, places = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, part)
    start = len(out)
    out += b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % start


def active_pdf(*objects: str, catalog: str = "", packed: bool = False, between: bytes = b"") -> bytes:
    """A PDF with more in its catalogue, and objects from number 5 on: as they are, or packed into a list."""
    whole = pdf().replace(b"/Pages 2 0 R", f"/Pages 2 0 R {catalog}".encode()) + between
    if packed:
        places = [sum(map(len, objects[:number])) for number in range(len(objects))]
        heading = "".join(f"{5 + number} {place} " for number, place in enumerate(places))
        body = zlib.compress((heading + "".join(objects)).encode())
        more = b"9 0 obj <</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>stream\r\n%s\r\nendstream endobj"
        whole += more % (len(objects), len(heading), len(body), body)
    else:
        whole += "".join(
            f"{5 + number} 0 obj {each} endobj\n" for number, each in enumerate(objects)
        ).encode()
    return whole + b"\nstartxref\n0\n%%EOF\n"


def chunk(name: bytes, body: bytes) -> bytes:
    """A chunk of a PNG."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


PNG = b"\x89PNG\r\n\x1a\n"


def png(width: int = 8, height: int = 8, *between: bytes) -> bytes:
    """A grey PNG, with further chunks before its picture; no picture is made for one far too large."""
    rows = b"".join(b"\0" + b"\x80" * width for _row in range(height)) if width * height < 10**6 else b""
    return (
        PNG
        + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
        + b"".join(between)
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )


def segment(mark: int, body: bytes) -> bytes:
    """A segment of a JPEG."""
    return b"\xff" + bytes([mark]) + struct.pack(">H", len(body) + 2) + body


def exif(orientation: int = 6, place: bytes = b"59.3293N 18.0686E") -> bytes:
    """An EXIF segment with which way is up and a place."""
    entries = struct.pack(">HHIHH", 0x0112, 3, 1, orientation, 0) + struct.pack(
        ">HHII", 0x010E, 2, len(place), 38
    )
    return segment(0xE1, b"Exif\0\0MM\0*" + struct.pack(">IH", 8, 2) + entries + b"\0\0\0\0" + place)


_ZEROS = bytes(16)


def jpeg(*before: bytes, width: int = 8, height: int = 8) -> bytes:
    """A grey JPEG of one block, with further segments at its beginning."""
    quantization = segment(0xDB, b"\0" + b"\x01" * 64)
    frame = segment(0xC0, struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\0")
    direct = segment(0xC4, b"\0" + b"\x01" + _ZEROS[:15] + b"\0")
    alternating = segment(0xC4, b"\x10" + b"\x01" + _ZEROS[:15] + b"\0")
    scan = segment(0xDA, b"\x01\x01\0\0\x3f\0") + b"\x3f\xff\x00\x3f"
    jfif = segment(0xE0, b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0")
    return (
        b"\xff\xd8"
        + jfif
        + b"".join(before)
        + quantization
        + frame
        + direct
        + alternating
        + scan
        + b"\xff\xd9"
    )


_RELATIONS = (
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1"'
    ' Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"'
    ' Target="word/document.xml"/></Relationships>'
)
_DOCUMENT = (
    '<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body><w:p><w:r>'
    "<w:t>Fravær</w:t></w:r></w:p></w:body></w:document>"
)


def types(main: str = MAIN) -> str:
    """The list of what a DOCX holds."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Override PartName="/word/document.xml" ContentType="{main}"/></Types>'
    )


def parcel(entries: Mapping[str, str | bytes], *, packed: bool = True) -> bytes:
    """A zip file."""
    out = BytesIO()
    with ZipFile(out, "w", ZIP_DEFLATED if packed else ZIP_STORED) as file:
        for name, content in entries.items():
            file.writestr(name, content)
    return out.getvalue()


def docx(more: Mapping[str, str | bytes] | None = None, *, main: str = MAIN) -> bytes:
    """A Word document of one word."""
    return parcel(
        {
            "[Content_Types].xml": types(main),
            "_rels/.rels": _RELATIONS,
            "word/document.xml": _DOCUMENT,
            **(more or {}),
        }
    )
