"""Whether a file asks for a password before it shows anything: a PDF by its encryption dictionary (ISO 32000-1, 7.6), a
Word file by the OLE container that Word puts a protected one into.

Many a PDF from a bank or a portal is encrypted with an empty password, so that it opens for everybody and only printing
or changing it is restricted. Whether the empty one opens it is computed here, for each kind there is.
"""

import hashlib
import re
import struct
from functools import cache, reduce
from operator import xor

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
    if revision in (5, 6) and len(user) >= 40:
        said = hashlib.sha256(user[32:40]).digest()  # of no password, and a salt
        return "" if user[:32] == (said if revision == 5 else _hardened(said)) else "locked"
    if not 2 <= revision <= 4 or len(owner) < 32 or len(user) < 32:
        return "protected"
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


_HASHES = (hashlib.sha256, hashlib.sha384, hashlib.sha512)


def _hardened(said: bytes) -> bytes:
    """What revision 6 makes of a hash of the empty password (algorithm 2.B): AES-128 in CBC mode, 64 times and more."""
    turn = 0
    while True:
        packed = _aes_cbc(said[:16], said[16:32], said * 64)
        said = _HASHES[sum(packed[:16]) % 3](packed).digest()
        turn += 1
        if turn >= 64 and packed[-1] <= turn - 32:
            return said[:32]


def _doubled(byte: int) -> int:
    return (byte << 1) ^ (0x11B if byte & 0x80 else 0)


@cache
def _tables() -> tuple[bytes, tuple[tuple[int, ...], ...]]:
    """The substitution of AES (FIPS 197), and what a column's mixing makes of each substituted byte, by its row."""
    exponents = [1]
    for _number in range(254):
        exponents.append(exponents[-1] ^ _doubled(exponents[-1]))  # times 3
    logarithms = {power: number for number, power in enumerate(exponents)}
    box = bytearray()
    for byte in range(256):
        inverse = exponents[-logarithms[byte] % 255] if byte else 0
        box.append(0x63 ^ reduce(xor, ((inverse << n | inverse >> 8 - n) & 0xFF for n in range(5))))
    first = [(_doubled(s) << 24) | (s << 16) | (s << 8) | (_doubled(s) ^ s) for s in box]
    turned = tuple(tuple((word >> n | word << 32 - n) & 0xFFFFFFFF for word in first) for n in (0, 8, 16, 24))
    return bytes(box), turned


def _round_keys(key: bytes) -> list[int]:
    box, words, constant = _tables()[0], list(struct.unpack(">4I", key)), 1
    for number in range(4, 44):
        word = words[-1]
        if number % 4 == 0:
            turned = (word << 8 | word >> 24) & 0xFFFFFFFF
            word = (
                int.from_bytes(bytes(box[byte] for byte in turned.to_bytes(4, "big")), "big") ^ constant << 24
            )
            constant = _doubled(constant)
        words.append(words[-4] ^ word)
    return words


def _aes_cbc(key: bytes, start: bytes, content: bytes) -> bytes:
    """Whole blocks encrypted by AES-128 in CBC mode."""
    box, (t0, t1, t2, t3) = _tables()
    keys, out = _round_keys(key), []
    a, b, c, d = struct.unpack(">4I", start)
    for block in struct.iter_unpack(">4I", content):
        a, b, c, d = (
            a ^ block[0] ^ keys[0],
            b ^ block[1] ^ keys[1],
            c ^ block[2] ^ keys[2],
            d ^ block[3] ^ keys[3],
        )
        for at in range(4, 40, 4):
            a, b, c, d = (
                t0[a >> 24] ^ t1[b >> 16 & 255] ^ t2[c >> 8 & 255] ^ t3[d & 255] ^ keys[at],
                t0[b >> 24] ^ t1[c >> 16 & 255] ^ t2[d >> 8 & 255] ^ t3[a & 255] ^ keys[at + 1],
                t0[c >> 24] ^ t1[d >> 16 & 255] ^ t2[a >> 8 & 255] ^ t3[b & 255] ^ keys[at + 2],
                t0[d >> 24] ^ t1[a >> 16 & 255] ^ t2[b >> 8 & 255] ^ t3[c & 255] ^ keys[at + 3],
            )
        a, b, c, d = (
            (box[w >> 24] << 24 | box[x >> 16 & 255] << 16 | box[y >> 8 & 255] << 8 | box[z & 255]) ^ keys[at]
            for at, (w, x, y, z) in enumerate(((a, b, c, d), (b, c, d, a), (c, d, a, b), (d, a, b, c)), 40)
        )
        out.append(struct.pack(">4I", a, b, c, d))
    return b"".join(out)


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
