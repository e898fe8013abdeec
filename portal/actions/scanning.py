"""Asks a virus scanner (ClamAV's clamd) about a file before it is kept. Without one in the settings nothing is asked.

A scanner that does not answer keeps the file out: what was not looked at is not passed on to approvers.
"""

import socket
import struct
from contextlib import closing
from urllib.parse import urlsplit

from portal.domain.document import clean_name
from portal.domain.refusal import N_, Refusal, Refused

INFECTED = N_(
    "“%(name)s” was not attached: the virus scanner found something harmful in it. Tell your IT support."
)
NOT_SCANNED = N_(
    "“%(name)s” could not be checked for viruses, so it was not attached. Try again in a few minutes."
)

_SECONDS = 30.0
_CHUNK = 1 << 16
_PORT = 3310


class ScannerAway(Exception):
    """The scanner did not answer, or not with a verdict."""


def check(name: str, content: bytes, scanner: str) -> None:
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
        return socket.create_connection((parts.hostname, parts.port or _PORT), timeout=_SECONDS)
    local = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    local.settimeout(_SECONDS)
    try:
        local.connect(parts.path)
    except OSError:
        local.close()
        raise
    return local
