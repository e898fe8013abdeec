"""Whether a file asks for a password before it shows anything: a PDF by its encryption dictionary (ISO 32000-1, 7.6), a
Word file by the OLE container that Word puts a protected one into.

Many a PDF from a bank or a portal is encrypted with an empty password, so that it opens for everybody and only printing
or changing it is restricted. Whether the empty one opens it is computed here for the kinds that need MD5 and RC4 alone.
"""

import hashlib
import re

_REFERENCE = re.compile(rb"(\d{1,10})[\0\s]+\d{1,5}[\0\s]+R")
_MOST = 8_192
"""Bytes of an encryption dictionary: programs write some hundreds."""
_IDENTITY = re.compile(rb"/ID[\0\s]*\[[\0\s]*")
_NUMBER = rb"/%s[\0\s]*(-?\d{1,10})"
_ESCAPES = {
    b"n": b"\n",
    b"r": b"\r",
    b"t": b"\t",
    b"b": b"\b",
    b"f": b"\f",
    b"\n": b"",
    b"\r": b"",
    b"\r\n": b"",
}
_ESCAPED = re.compile(rb"\\([0-7]{1,3}|\r\n|.)", re.DOTALL)
_FILLING = bytes.fromhex("28bf4e5e4e758a4164004e56fffa01082e2e00b6d0683e802f0ca9fe6453697a")

_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_PARCEL = "EncryptedPackage".encode("utf-16-le")


def is_locked_office(content: bytes) -> bool:
    """Whether it is a Word, Excel or PowerPoint file of today that a password protects."""
    return content.startswith(_OLE) and _PARCEL in content


def flaw(plain: bytes, start: int) -> str:
    """What keeps an encrypted PDF out; its dictionary, or that one's number, stands at `start` of what is not streams.

    "locked" when it asks for a password, "protected" when that cannot be told, empty when it opens without one.
    """
    if found := _REFERENCE.match(plain, start):
        head = re.compile(rb"(?<!\d)%s[\0\s]+\d{1,5}[\0\s]+obj[\0\s]*" % found[1])
        places = [each.end() for each in head.finditer(plain)]
        if not places:
            return "protected"
        start = places[-1]
    dictionary = plain[start : start + _MOST].partition(b"endobj")[0]
    if re.search(rb"/Filter[\0\s]*/Standard\b", dictionary) is None:
        return "locked"  # to the certificates of some people
    revision, identity = _number(b"R", dictionary, 0), _identity(plain)
    owner, user = _text(b"O", dictionary), _text(b"U", dictionary)
    if revision == 5 and len(user) >= 40:
        return "" if hashlib.sha256(user[32:40]).digest() == user[:32] else "locked"
    if not 2 <= revision <= 4 or len(owner) < 32 or len(user) < 32:
        return "protected"  # revision 6 is AES through and through
    return "" if _opens(_key(dictionary, owner, revision, identity), user, revision, identity) else "locked"


def _key(dictionary: bytes, owner: bytes, revision: int, identity: bytes) -> bytes:
    """The key that the empty password gives (algorithm 2)."""
    length = 5 if revision == 2 else max(5, min(_number(b"Length", dictionary, 40) // 8, 16))
    if revision == 4:
        length = 16
    rights = (_number(b"P", dictionary, 0) & 0xFFFFFFFF).to_bytes(4, "little")
    more = b"\xff" * 4 if revision == 4 and re.search(rb"/EncryptMetadata[\0\s]*false", dictionary) else b""
    key = _md5(_FILLING + owner[:32] + rights + identity + more)
    for _time in range(50 if revision > 2 else 0):
        key = _md5(key[:length])
    return key[:length]


def _opens(key: bytes, user: bytes, revision: int, identity: bytes) -> bool:
    """Whether that key is the one the file asks for (algorithms 4 and 5)."""
    if revision == 2:
        return _rc4(key, _FILLING) == user[:32]
    said = _md5(_FILLING + identity)
    for turn in range(20):
        said = _rc4(bytes(each ^ turn for each in key), said)
    return said == user[:16]


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


def _rc4(key: bytes, content: bytes) -> bytes:
    box, j = list(range(256)), 0
    for i in range(256):
        j = (j + box[i] + key[i % len(key)]) % 256
        box[i], box[j] = box[j], box[i]
    out, i, j = bytearray(), 0, 0
    for each in content:
        i = (i + 1) % 256
        j = (j + box[i]) % 256
        box[i], box[j] = box[j], box[i]
        out.append(each ^ box[(box[i] + box[j]) % 256])
    return bytes(out)


def _number(name: bytes, dictionary: bytes, otherwise: int) -> int:
    found = re.search(_NUMBER % name, dictionary)
    return int(found[1]) if found else otherwise


def _text(name: bytes, dictionary: bytes) -> bytes:
    """A text of the dictionary, written in brackets or as hexadecimal digits."""
    found = re.search(rb"/%s[\0\s]*(?=[(<])" % name, dictionary)
    return b"" if found is None else _read(dictionary[found.end() :])


def _identity(plain: bytes) -> bytes:
    """The first half of what the file is known by."""
    found = [each.end() for each in _IDENTITY.finditer(plain)]
    return _read(plain[found[-1] : found[-1] + _MOST]) if found else b""


def _read(written: bytes) -> bytes:
    if written[:1] == b"<":
        digits = re.sub(rb"[^0-9a-fA-F]", b"", written[1:].partition(b">")[0]).decode()
        return bytes.fromhex(digits + "0" * (len(digits) % 2))
    depth, at = 0, 0
    while at < len(written):
        each = written[at : at + 1]
        at += 2 if each == b"\\" else 1
        depth += (each == b"(") - (each == b")")
        if depth == 0:
            break
    return _ESCAPED.sub(_meant, written[1 : at - 1])


def _meant(found: re.Match[bytes]) -> bytes:
    sign = found[1]
    return bytes([int(sign, 8) & 0xFF]) if sign.isdigit() else _ESCAPES.get(sign, sign)
