"""Requests that no browser sends, or none should: odd addresses, methods, headers and bodies, to every route.

A Fuzzer knows the routes, takes the names of fields from the pages it is shown, and mixes right values with odd ones,
so that what is odd gets as far into a view as it can.
"""

import random
import re
from collections import Counter
from io import BytesIO
from typing import TYPE_CHECKING, Any
from urllib.parse import quote_from_bytes

from sqlalchemy import select
from werkzeug.routing import IntegerConverter, Rule
from werkzeug.test import run_wsgi_app

from portal.finance.sheets import YEAR
from portal.letters.composing import KINDS
from portal.store.tables import (
    ApplicationRow,
    DocumentRow,
    DraftRow,
    IdentityRow,
    InvoiceRow,
    OutboxRow,
    PaymentBatchRow,
    PersonRoleRow,
    PersonRow,
    PreparedRow,
    SeatHoldingRow,
)
from portal.web.limits import limiter
from tests.support.portals import Visitor

if TYPE_CHECKING:
    from flask import Flask

ALWAYS = {
    "Content-Security-Policy",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cache-Control",
}

NUMBERS = (
    "0", "-1", "1", "2", "007", "9223372036854775807", "9223372036854775808", str(2**64), "9" * 4_400, "1.5",
    "1e9", "٣", "²", "١", "NaN", "Infinity",
)  # fmt: skip
TEXTS = (
    "", " ", "x", "None", "null", "true", "[]", "{}", "%s", "%(x)s", "{0}", "{{7*7}}", "<script>", "'", '"',
    "\\", "';--", "../../etc/passwd", "..", "å", "a\u030a", "\u202e", "\u200b", "\ufeff", "\x7f", "\x1b",
    "\r\n", "\n", "\t", "😀", "\U000e0001", "ﬀ", "İ", "a" * 5_000, "\u0301" * 300, "\x00", "\ud800",
    "\udfff\ud800", "=1+1", "@", "&", ";", "a=b&c", "#", "?", "//", "http://[", "//[", "javascript:x",
    "RFR-2024-0001", "rfr-2024",
)  # fmt: skip
DAYS = (
    "0000-00-00", "0001-01-01", "0024-03-01", "2042-01-01", "9999-12-31", "10000-01-01", "-001-01-01",
    "2026-02-30", "2026-W01-1", "20260301", "2026-11-22", "2026-11-22T10:00", "22/11/2026", "2026-01-01.1",
    "0001-01-01.1", "9999-12-31.9223372036854775808", "2026-01-01.x",
)  # fmt: skip
AMOUNTS = (
    "1", "-1", "1,5", "1e400", "9" * 400, "0x10", "1_000", "1\u200b000", "١", "½", "10 000 kr", "(500)", "--1",
    "1,2,3", ",", "-",
)  # fmt: skip
HEADERS: dict[str, tuple[str, ...]] = {
    "Accept": ("*/*", "", "text/html;q=x", "," * 500, "\xff"),
    "Accept-Language": (
        "", "*", "xx", "en;q=2", "sv;q=abc,;", "-", "a" * 3_000, "\xff\xfe", ",".join(["en"] * 400),
    ),
    "Accept-Encoding": ("gzip", "*;q=0", "\xff"),
    "Authorization": (
        "", "Basic", "Basic !!!!", "Basic \xff", "Bearer", "Bearer \xe5", "Digest x=",
        "Negotiate " + "A" * 3_000,
    ),
    "Cookie": (
        "portal=", "portal=x.y.z", "portal=\xff; language=\xe5", "language=xx", "=", ";;;", "a" * 4_000,
        "portal-browser=" + "x" * 43, 'portal="', "portal=\\401",
    ),
    "Content-Length": ("-1", "x", "", "99999999999999999999", "1e3", "0", "+5", "5, 5"),
    "Transfer-Encoding": ("chunked", "gzip, chunked", "x"),
    "Expect": ("100-continue", "x"),
    "Host": (
        "", "x", "localhost:99999", "[::1", "[::1]", "local host", "localhost/", "\xff", "localhost@evil",
        "a" * 300,
    ),
    "HX-Request": ("true", "True", "false"),
    "HX-History-Restore-Request": ("true",),
    "HX-Current-URL": (
        "http://[", "//[", "", "x", "http://localhost:abc/", "\xff", "javascript:x",
        "http://localhost/queue?tab=\xe5",
    ),
    "HX-Target": ("x", "\xff", "assessment"),
    "If-Modified-Since": ("x", "Thu, 01 Jan 1970 00:00:00 GMT", "Thu, 99 Xyz 99999 99:99:99 GMT", "\xff"),
    "If-None-Match": ("*", '"', 'W/"x"', "\xff"),
    "If-Range": ("x", '"x"'),
    "If-Unmodified-Since": ("x",),
    "Origin": (
        "http://[", "null", "http://localhost", "", "http://localhost:abc", "\xff", "//",
        "http://[::1]:99999999",
    ),
    "Range": (
        "bytes=0-0", "bytes=-1", "bytes=9-1", "bytes=a-b", "bytes=0-,1-,2-", "x", f"bytes={10**30}-",
        "bytes=--1", "\xff",
    ),
    "Referer": ("http://[", "http://localhost/", "", "x", "http://localhost:99999999/", "\xff", "//["),
    "Sec-Fetch-Site": ("same-origin", "none", "x", "\xff"),
    "User-Agent": ("", "\xff", "a" * 8_000, "%s"),
    "X-Forwarded-For": ("x", "1.2.3.4, ", "\xff", "," * 200),
    "X-Forwarded-Host": ("[", "evil"),
    "X-Forwarded-Proto": ("x",),
    "X-HTTP-Method-Override": ("DELETE",),
    "X-Request-Id": ("x", "\xff"),
}  # fmt: skip
TYPES = (
    "", "x", "text/plain", "application/json", "application/x-www-form-urlencoded; charset=utf-16",
    "application/x-www-form-urlencoded; charset=no-such", "multipart/form-data",
    "multipart/form-data; boundary=", "multipart/form-data; boundary=\xff", 'multipart/form-data; boundary="',
    "multipart/mixed; boundary=b", "multipart/form-data; boundary=b; charset=idna",
    "multipart/form-data; boundary=" + "b" * 300, "application/x-www-form-urlencoded;",
    "multipart/form-data; boundary*=utf-8''%FF",
)  # fmt: skip


def _part(named: bytes, content: bytes = b"x", *more: bytes) -> bytes:
    """A body of one part."""
    return b"\r\n".join(
        (b"--b", b"Content-Disposition: form-data" + named, *more, b"", content, b"--b--", b"")
    )


PARTS = (
    b"", b"--b", b"--b\r\n", b"--b--", b"--b\r\n\r\nx\r\n--b--", b"--b\r\n" + b"x: y\r\n" * 500 + b"\r\n\r\n--b--",
    _part(b""), _part(b'; filename="x"'), _part(b'; name="\xff"', b"\xff"), _part(b'; name="a"; filename="\xff\x01"'),
    _part(b"; name*=utf-8''%ff; filename*=x''%zz"), _part(b'; name="a"', b"!!", b"Content-Transfer-Encoding: base64"),
    *(_part(b'; name="a"', b"\xff-\xff", b"Content-Type: text/plain; charset=" + each)
      for each in (b"no-such", b"punycode", b"base64", b"idna", b"utf-16", b"\xff")),
)  # fmt: skip
BODIES = (
    b"", b"\xff\xfe", b"\x00", b"&" * 50, b"=" * 50, b"%", b"%ff=%ff&%zz", b"a=%ed%a0%80", b"{", b"[" * 3_000,
    b"x" * 40_000, b"a=1&" * 1_100,
)  # fmt: skip
METHODS = (
    "GET", "GET", "POST", "POST", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT",
    "BREW", "get", "",
)  # fmt: skip
_NAME = re.compile(r'<(?:input|select|textarea|button)\b[^>]*?\bname="([^"]+)"')
_QUERY = (
    "q", "name", "id", "before", "after", "tab", "sort", "fund", "scheme", "status", "year", "from", "to",
    "lines", "checked", "for_whom", "next", "left", "profile", "period", "unit", "half", "version", "language",
    "who", "_",
)  # fmt: skip
_BEFORE = ("/", "//", "/.", "/..", "/%", "/\\", "*", "/\udcff", "/assets", "/assets/../..")
_MEANT = {
    "id": "person_id",
    "person": "person_id",
    "fund": "key",
    "scheme": "key",
    "seat": "key",
    "head": "person_id",
}
_INSIDE = re.compile(r"Traceback|sqlalchemy|werkzeug\.", re.IGNORECASE)
_NEVER = {"account.sign_out", "account.end_sessions", "account.be_somebody"}
"""Would end what the rest is sent with; they are reached as somebody else."""


class Fuzzer:
    """Sends one odd request after another to a demo, as everybody there is."""

    def __init__(self, app: "Flask", seed: int) -> None:
        self.app, self.random = app, random.Random(seed)  # noqa: S311 - to be repeated
        self.rules = [rule for rule in app.url_map.iter_rules() if rule.endpoint]
        self.reached: set[str] = set()
        self.statuses: Counter[int] = Counter()
        self._names: dict[str, list[str]] = {}
        self._owners: dict[str, str] = {}
        self._busy: list[str] = []
        self._known = self._what_there_is()
        self._browsers: dict[str, tuple[str, str]] = {}

    def endpoints(self) -> set[str]:
        """Every view there is."""
        return {rule.endpoint for rule in self.rules}

    def send(self) -> str:
        """Send one more; what was wrong with the answer, or nothing."""
        rule = self.random.choice(self.rules)
        place = {name: self.random.choice(known) for name, known in self._known.items()}
        who = self.random.choice(self._busy)
        for name in ("token", "number"):
            if name in rule.arguments and self.random.random() < 0.5:
                who = self._owners[place[name]]
        browser = self._browser("" if rule.endpoint in _NEVER else who)
        return self._answered(rule, self._environ(rule, browser, place))

    def _answered(self, rule: Rule, environ: dict[str, Any]) -> str:
        shown = (
            f"{environ['REQUEST_METHOD']} {environ['PATH_INFO']}?{environ['QUERY_STRING']} {rule.endpoint}"
        )
        sent = {
            k: v for k, v in environ.items() if k.startswith(("HTTP_", "CONTENT_")) and k != "HTTP_COOKIE"
        }
        sent["body"] = environ["wsgi.input"].getvalue()[:300]
        try:
            content, status, headers = run_wsgi_app(self.app, environ, buffered=True)
            body = b"".join(content)
        except Exception as error:
            return f"{error!r} at {shown} {sent}"
        code = int(status[:3])
        self.statuses[code] += 1
        if code == 429:
            limiter.reset()
        if environ["REQUEST_METHOD"] in (rule.methods or ()) and code not in (400, 403, 404, 405, 413):
            self.reached.add(rule.endpoint)
        if code >= 500:
            return f"{status} at {shown} {sent}"
        if missing := set(ALWAYS) - set(headers.keys()):
            return f"no {missing} at {shown}"
        text = body.decode() if headers.get("Content-Type", "").startswith("text/html") else ""
        if code == 200 and environ["REQUEST_METHOD"] == "GET":
            self._names.setdefault(rule.endpoint.partition(".")[0], []).extend(_NAME.findall(text)[:200])
        return f"tells of its inside at {shown}" if _INSIDE.search(text) else ""

    def _what_there_is(self) -> dict[str, list[str]]:
        """Right values for the places in addresses."""
        known: dict[str, list[Any]] = {}
        with self.app.extensions["portal"].database.reading() as session:
            for name, of, owner in (
                ("token", DraftRow.token, DraftRow.owner_id),
                ("number", ApplicationRow.number, ApplicationRow.applicant_id),
            ):
                owned = {each: str(who) for each, who in session.execute(select(of, owner))}
                known[name] = list(owned)
                self._owners |= owned
            known["person_id"] = [
                str(each) for each in session.scalars(select(PersonRow.id).where(PersonRow.active))
            ]
            roles, seats = select(PersonRoleRow.person_id), select(SeatHoldingRow.person_id)
            people = {*session.scalars(roles), *session.scalars(seats)}
            self._busy = sorted(set(map(str, people)) & set(known["person_id"]))
            for name, column in (
                ("document_id", DocumentRow.id),
                ("invoice_id", InvoiceRow.id),
                ("identity_id", IdentityRow.id),
                ("batch", PaymentBatchRow.id),
                ("mail_id", OutboxRow.id),
                ("prepared_id", PreparedRow.id),
            ):
                known[name] = [str(each) for each in session.scalars(select(column))] or ["1"]
        known["key"] = list(self.app.extensions["portal"].schemes)
        known["fund"] = sorted({each.fund for each in self.app.extensions["portal"].schemes.values()})
        known |= {
            "version": ["1", "2"],
            "year": ["2025", "2026"],
            "form": ["csv", "xml"],
            "kind": [*KINDS],
            "figure": [*YEAR],
        }
        return known

    def _browser(self, person: str) -> tuple[str, str]:
        """The cookies and the token of somebody who has signed in, or of nobody."""
        if person not in self._browsers:
            visitor = Visitor(self.app.test_client())
            if person:
                visitor.sign_in(int(person))
            token = visitor._given_token()
            kept = visitor.client.get_cookie("portal")
            self._browsers[person] = (f"portal={kept.value}" if kept else "", token)
        return self._browsers[person]

    def _environ(self, rule: Rule, browser: tuple[str, str], place: dict[str, str]) -> dict[str, Any]:
        """What a server would hand over of the request."""
        method = self._method(rule)
        body, kind = self._body(rule, browser[1]) if method not in ("GET", "HEAD") else (b"", "")
        path = _bytes(self._address(rule, place))
        query = _bytes("&".join(f"{self._text_for(name)}" for name in self._some(_QUERY, 3)))
        environ: dict[str, Any] = {
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path.decode("latin-1"),
            "QUERY_STRING": query.decode("latin-1"),
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_HOST": "localhost",
            "HTTP_COOKIE": browser[0],
            "CONTENT_LENGTH": str(len(body)),
            "CONTENT_TYPE": kind,
            "wsgi.input": BytesIO(body),
            "wsgi.errors": BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.version": (1, 0),
            "wsgi.input_terminated": False,
            "wsgi.multithread": False,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }
        for name in self._some(tuple(HEADERS), 3 if self.random.random() < 0.3 else 0):
            key = name.upper().replace("-", "_")
            environ[key if key in environ else f"HTTP_{key}"] = self.random.choice(HEADERS[name])
        return environ

    def _method(self, rule: Rule) -> str:
        right = sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})
        return self.random.choice(METHODS) if self.random.random() < 0.15 else self.random.choice(right)

    def _address(self, rule: Rule, place: dict[str, str]) -> str:
        """An address of the route: right in most of its places, odd in others, at times odd around it."""
        text = rule.rule
        for name in rule.arguments:
            whole = isinstance(rule._converters[name], IntegerConverter)
            if self.random.random() < 0.9:
                value = place[name]
            else:
                value = self.random.choice(NUMBERS if whole or self.random.random() < 0.3 else TEXTS)
            text = re.sub(rf"<(int:)?{name}>", lambda _found, value=value: value, text)
        if self.random.random() < 0.03:
            text = (
                self.random.choice(
                    ("/", "//", "/.", "/..", "/%", "/\\", "*", "/\udcff", "/assets", "/assets/../..")
                )
                + text
            )
        return text

    def _body(self, rule: Rule, token: str) -> tuple[bytes, str]:
        """A form as the pages of the room have it, or something that is none."""
        if self.random.random() < 0.15:
            kind = self.random.choice((*TYPES, "multipart/form-data; boundary=b"))
            return self.random.choice(PARTS + BODIES), kind
        names = self._names.get(rule.endpoint.partition(".")[0]) or list(_QUERY)
        fields = [self._text_for(name) for name in self._some(tuple(names), 12)]
        if self.random.random() < 0.95:
            fields.insert(0, f"csrf_token={token}")
        kind = (
            self.random.choice(TYPES) if self.random.random() < 0.05 else "application/x-www-form-urlencoded"
        )
        return "&".join(fields).encode(), kind

    def _text_for(self, name: str) -> str:
        """A field with a text that may suit it."""
        right = self._known.get(_MEANT.get(name, name), ("1",))
        text = self.random.choice(self.random.choice((TEXTS, DAYS, AMOUNTS, NUMBERS, right)))
        return f"{quote_from_bytes(_bytes(name))}={quote_from_bytes(_bytes(text))}"

    def _some(self, among: tuple[str, ...], most: int) -> list[str]:
        return [self.random.choice(among) for _number in range(self.random.randint(0, most))]


def _bytes(text: str) -> bytes:
    """UTF-8, with halves of characters as they would come."""
    return text.encode("utf-8", "surrogatepass")
