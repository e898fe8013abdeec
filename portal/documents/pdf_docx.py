"""PDF and DOCX as bytes: whether they are whole and hold no active content. Only small compressed parts are unpacked: a
DOCX's relations, a PDF's object streams. Every search here takes linear time.

What somebody hides in a PDF with art cannot be found for certain without a PDF reader, so it is only ever given out as
a file to save, or as a picture of its pages (`drawing`).
"""

import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from html import unescape
from io import BytesIO
from itertools import islice
from zipfile import BadZipFile, ZipFile, ZipInfo

from portal.documents import encryption
from portal.domain.document import Broken

MOST_ENTRIES = 2_000
MOST_EXPANDED = 200 * 1024 * 1024
"""Bytes that a DOCX may come to when unpacked; Word's own stay far below."""

_MOST_OF_LISTS = 1024 * 1024
_MOST_EXTRA = 1_024
_ENTRY = b"PK\x01\x02"
_TAIL = 2_048
_PADDING = b"\0\t\n\f\r \x1a\xff"
"""What scanners and mail gateways leave behind the end of a PDF: readers do not mind however much there is."""
_MAIN_PART = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
_PROGRAMS = re.compile(
    r"(^|/)(vbaProject|vbaData)[^/]*$|(^|/)(activeX|customUI)/|\.(exe|dll|js|vbs|bat|cmd|ps1|hta|lnk)$",
    re.IGNORECASE,
)
_FAR_TARGET = re.compile(
    r"""\bTarget\s*=\s*["']\s*(?!file:///[a-z]:)(?:[a-z][a-z0-9+.-]{1,30}:|\\\\|//)""", re.IGNORECASE
)
"""Elsewhere: any scheme or a share; Word itself names the template on the writer's own disk."""
_FETCHED = ("attachedTemplate", "oleObject", "aFChunk", "subDocument", "frame")
"""What Word fetches by itself when the document is opened; a link is followed by people."""
_DEFLATED = (0, 8)

_MOST_STREAMS = 50_000
_MOST_OF_OBJECTS = 64 * 1024 * 1024
_MOST_OPENINGS = 1_000
_DICTIONARY = 4_096
"""Bytes before a stream in which its dictionary is looked for."""
_BEGINNING = 200
_STEP = 1 << 14


def _named(*names: str) -> bytes:
    """A pattern for these names in a PDF, each of whose letters may be hex-escaped (/J#53)."""

    def spelled(letter: str) -> str:
        return f"(?:{letter}|#{''.join(f'[{digit}{digit.upper()}]' for digit in f'{ord(letter):02x}')})"

    firsts = "".join(sorted({name[0] for name in names}))
    one_of = "|".join("".join(map(spelled, name)) for name in names)
    return rf"/(?=[#{firsts}])(?:{one_of})(?=[\0\s()<>\[\]{{}}/%]|\Z)".encode()


_ACTIVE = re.compile(
    _named(
        "JavaScript",
        "Launch",
        "GoToE",
        "EmbeddedFile",
        "EmbeddedFiles",
        "RichMedia",
        "SubmitForm",
        "ImportData",
    )
)
"""What makes a PDF act by itself or carry another file; too long to occur in compressed bytes by chance."""
_ACTIVE_SHORT = re.compile(_named("JS", "AA") + rb"(?=[\0\s]*+[<(%\d])")
"""With what they can have for a value: they also stand in the addresses of links."""
_ACTIVE_FORM = re.compile(_named("XFA") + rb"(?=[\0\s]*+[\[<\d])")
"""A form of a kind that brings its own scripts."""
_OPENS = re.compile(_named("OpenAction") + rb"[\0\s]*+(?=(.{0,%d}))" % _BEGINNING, re.DOTALL)
_ENCRYPTED = re.compile(_named("Encrypt") + rb"[\0\s]*+(?=<<|\d)")
_OBJECT_LIST = re.compile(_named("ObjStm"))
_PACKED = re.compile(_named("FlateDecode", "Fl"))
_PACKED_OTHERWISE = re.compile(
    _named(
        "Predictor",
        "LZWDecode",
        "LZW",
        "ASCIIHexDecode",
        "AHx",
        "ASCII85Decode",
        "A85",
        "RunLengthDecode",
        "RL",
    )
)
_FIRST = re.compile(rb"/First[\0\s]+(\d{1,9})")
_STREAM = re.compile(rb"(?<!end)stream[ \t]*+(?:\r\n|\n|\r)")
_ELSEWHERE = re.compile(_named("Filter", "Type") + rb"[\0\s]*+\d")
"""A stream dictionary whose filter or type is an indirect reference: no program writes that."""
_OBJECT = re.compile(rb"(?<!\d)(\d{1,10})[\0\s]{1,9}\d{1,5}[\0\s]{1,9}obj(?=[^a-zA-Z])[\0\s]*")
_REFERENCE = re.compile(rb"(\d{1,10})[\0\s]+\d{1,5}[\0\s]+R")
_ACTION = re.compile(rb"/S[\0\s]*+/(\w*)")


def is_pdf(content: bytes) -> bool:
    """Whether it begins as a PDF does."""
    return re.match(rb"(?:\xef\xbb\xbf)?\s{0,8}%PDF-[12]\.\d", content) is not None


def check_pdf(content: bytes) -> None:
    """That it begins and ends as a PDF does. Raises Broken."""
    if not is_pdf(content):
        raise Broken("no-pdf")
    content = content.rstrip(_PADDING)
    tail = content[-_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise Broken("cut-off")
    plain = _without_streams(content)
    encrypted = _ENCRYPTED.search(plain)
    if encrypted and (flaw := encryption.flaw(plain, encrypted.end())):
        raise Broken(flaw)
    lists = _object_lists(content, locked=encrypted is not None)
    if any(map(_ACTIVE.search, (content, *lists))):
        raise Broken("active")
    between = (plain, *lists)
    if any(map(_ACTIVE_SHORT.search, between)) or any(map(_ACTIVE_FORM.search, between)):
        raise Broken("active")
    _check_openings(content, lists)


def _without_streams(content: bytes) -> bytes:
    """The bytes outside streams: two letters may occur in compressed bytes by chance."""
    kept: list[bytes] = []
    at = 0
    for _number in range(_MOST_STREAMS):
        begin = _STREAM.search(content, at)
        end = content.find(b"endstream", begin.end()) if begin else -1
        if begin is None or end < 0:
            return b"".join((*kept, content[at:]))
        kept.append(content[at : begin.start()])
        at = end
    raise Broken("damaged")


def _object_lists(content: bytes, *, locked: bool) -> dict[bytes, int]:
    """The PDF's object streams inflated, each with the offset of its first object.

    Raises Broken when one cannot be inflated, or is too large.
    """
    found: dict[bytes, int] = {}
    room = _MOST_OF_OBJECTS
    for number, begin in enumerate(_STREAM.finditer(content)):
        if number == _MOST_STREAMS:
            raise Broken("damaged")
        near = max(0, begin.start() - _DICTIONARY)
        at = content.rfind(b"obj", near, begin.start())
        dictionary = content[max(near, at) : begin.start()]
        is_one = dictionary.rstrip(b"\0\t\n\f\r ").endswith(b">>")
        if is_one and (not _is_whole(content, at, dictionary) or _ELSEWHERE.search(dictionary)):
            raise Broken("active")
        if not _OBJECT_LIST.search(dictionary):
            continue
        if locked:
            raise Broken("protected")
        first = _FIRST.search(dictionary)
        if first is None or _PACKED_OTHERWISE.search(dictionary):
            raise Broken("active")
        if _PACKED.search(dictionary):
            objects, cost = _unpacked(content, begin.end(), room)
            room -= cost
            found[objects] = int(first[1])
    return found


def _is_whole(content: bytes, at: int, dictionary: bytes) -> bool:
    """Whether a dictionary is seen from its beginning, and not from inside a string in it."""
    before = content[max(0, at - 10) : at].rstrip(b"\0\t\n\f\r ")
    begun = dictionary[3:].lstrip(b"\0\t\n\f\r ").startswith((b"<<", b"%"))
    return (
        at >= 0
        and before[-1:].isdigit()
        and begun
        and len(dictionary.split(b"(")) == len(dictionary.split(b")"))
    )


def _unpacked(content: bytes, start: int, room: int) -> tuple[bytes, int]:
    """What inflates from here on as far as it is sound, as readers show it, and the bytes consumed for it."""
    packed, parts, at = zlib.decompressobj(), [], start
    try:
        while at < len(content) and not packed.eof:
            data, at = content[at : at + _STEP], at + _STEP
            while data and not packed.eof:
                parts.append(packed.decompress(data, 4 * _STEP))
                data, room = packed.unconsumed_tail, room - len(parts[-1])
                if room < at - start:
                    raise Broken("bomb")
    except zlib.error:
        pass
    objects = b"".join(parts)
    return objects, len(objects) + max(0, min(at, len(content)) - start - len(packed.unused_data))


def _check_openings(content: bytes, lists: Mapping[bytes, int]) -> None:
    """That a PDF does no more when it is opened than show a place in itself. Raises Broken."""
    values: list[bytes] = []
    wanted: set[int] = set()
    for part in (content, *lists):
        for found in _OPENS.finditer(part):
            if reference := _REFERENCE.match(found[1]):
                wanted.add(int(reference[1]))
            else:
                values.append(found[1])
            if len(values) + len(wanted) > _MOST_OPENINGS:
                raise Broken("active")
    if wanted:
        meant = (each for each in _objects(content, lists) if each[0] in wanted)
        objects = list(islice(meant, _MOST_OPENINGS))
        values.extend(beginning for _number, beginning in objects)
        wanted -= {number for number, _beginning in objects}
    if wanted or len(values) >= _MOST_OPENINGS or not all(map(_only_shows, values)):
        raise Broken("active")


def _objects(content: bytes, lists: Mapping[bytes, int]) -> Iterator[tuple[int, bytes]]:
    """The number and the beginning of every object; one that an incremental update changed comes several times."""
    for found in _OBJECT.finditer(content):
        yield int(found[1]), content[found.end() : found.end() + _BEGINNING]
    for part, first in lists.items():
        # Pairs of number and offset come before the first object; offsets count from there.
        pairs = part[:first].replace(b"\0", b" ").split()
        for number, place in zip(pairs[::2], pairs[1::2], strict=False):
            if number.isdigit() and place.isdigit() and len(number + place) < 20:
                start = first + int(place)
                yield int(number), part[start : start + _BEGINNING].lstrip(b"\0\t\n\f\r ")


def _only_shows(value: bytes) -> bool:
    """Whether it is a destination, or a plain GoTo action."""
    if not value.startswith(b"<<"):
        return value[:1] == b"[" or value[:4] == b"null"
    inner, end, _rest = value.partition(b">>")
    plain = end and len(inner.split(b"<<")) == 2 and len(inner.split(b"(")) == len(inner.split(b")"))
    hides = any(each in inner for each in (b"#", b"%", b"\\", b"/Next"))
    return bool(plain) and not hides and _ACTION.findall(inner) == [b"GoTo"]


def check_docx(content: bytes) -> None:
    """That it is a Word document, whole, of sound size, without macros. Raises Broken."""
    if content[:4] != b"PK\x03\x04":
        raise Broken("no-docx")
    _check_list(content)
    try:
        with ZipFile(BytesIO(content)) as parcel:
            entries = parcel.infolist()
            _check_entries(entries, len(content))
            names = {entry.filename for entry in entries}
            if "[Content_Types].xml" not in names or not any(name.startswith("word/") for name in names):
                raise Broken("no-docx")
            room = _MOST_OF_LISTS
            for name in (
                "[Content_Types].xml",
                *(each for each in names if each.lower().endswith(".rels")),
            ):
                found = _read(parcel, name, room)
                room -= len(found)
                _check_types(found) if name == "[Content_Types].xml" else _check_template(found)
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


def _check_list(content: bytes) -> None:
    """That the ZIP's central directory is short, before it is parsed: each of its entries is costly to read."""
    at = content.find(_ENTRY)
    for _number in range(MOST_ENTRIES + 1):
        if at < 0:
            return
        if int.from_bytes(content[at + 30 : at + 32], "little") > _MOST_EXTRA:
            break
        at = content.find(_ENTRY, at + 4)
    raise Broken("bomb")


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
    if packed > size:  # overlapping entries: a ZIP bomb
        raise Broken("bomb")


def _read(parcel: ZipFile, name: str, most: int) -> bytes:
    """One small part of a DOCX, inflated."""
    with parcel.open(name) as source:
        content = source.read(most + 1)
    if len(content) > most:
        raise Broken("bomb")
    return content


def _check_types(types: bytes) -> None:
    if b"macroenabled" in types.lower():
        raise Broken("macros")
    if _MAIN_PART not in types:
        raise Broken("no-docx")


def _check_template(relations: bytes) -> None:
    """A template, or a part, that is fetched from elsewhere can bring macros along."""
    if b"\0" in relations:  # no list that Word writes is in UTF-16, where the search below would be blind
        raise Broken("damaged")
    for element in relations.decode("utf-8", "replace").split("<"):
        said = unescape(element)
        if any(each in said for each in _FETCHED) and _FAR_TARGET.search(said):
            raise Broken("macros")
