"""What the portal says and hands out, over the demo of one instant, as files to compare before and after a change.

    python -m tests.pin FOLDER                      write them
    python -m tests.pin FOLDER --against BASELINE   write them, and print where they differ from another folder's

    files/      every download in each language: CSV, the members of workbooks and zips, the text of PDFs
    letters/    the words of every letter, as they are kept, in each language
    mails.txt   every e-mail of the outbox, and one of each kind
    assess.txt  `assess` over tests/cases; check-schemes.txt, replay.txt, replay-altered.txt: those commands
    pages/      the visible text of pages by person and language, and what the live check says of their drafts

What is drawn at random or names a build (tokens, request ids, digests) is left out, so that two runs are the same.
"""

import argparse
import difflib
import io
import json
import re
import shutil
import sqlite3
import sys
import tempfile
import zipfile
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import structlog
from click.testing import CliRunner

from tests.support.demonstrations import AUTUMN, Demonstration, _load
from tests.support.portals import Visitor

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

LANGUAGES = ("sv", "nb", "en")
ANYTHING = """{"number": "RFR-2026-0001", "day": "2026-03-01", "time": "09:30", "seed": "0", "agent": "Firefox",
 "address": "192.0.2.7"}"""
PEOPLE = {
    "nobody": None,
    "employee": "101042",
    "employee-returned": "101103",
    "head": "100112",
    "approver-first": "100201",
    "approver-second": "100214",
    "approver-substitute": "100228",
    "finance": "100305",
    "administrator": "100318",
    "nb-approver-first": "N20011",
    "nb-approver-second": "N20024",
    "nb-employee": "N20142",
    "nb-head": "N20049",
    "nb-without-head": "N20117",
}
EACH = 2
"""Addresses of one kind that a person follows; samples of every status are looked at besides."""

RANDOM = (
    (re.compile(r"\b[0-9a-f]{64}\b"), "<sha256>"),
    (re.compile(r"\bdraft [0-9a-f]{16}\b"), "draft <token>"),
    (re.compile(r"\b[0-9a-f]{12}\b"), "<id>"),
)


class Text(HTMLParser):
    """The text of a page as it is read: a line for each block, with what is said only to screen readers."""

    INLINE = frozenset(
        "a abbr b bdi code data em i kbd mark q s small span strong sub sup time u wbr".split()
    )
    SILENT = frozenset(("script", "style", "template"))
    SPOKEN = ("aria-label", "alt", "placeholder", "title", "content-text")

    def __init__(self, page: str) -> None:
        super().__init__()
        self.parts: list[str] = []
        self.links: list[str] = []
        self.inputs: dict[str, str] = {}
        self._silent = 0
        self._field = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = {name: value or "" for name, value in attrs}
        self._silent += tag in self.SILENT
        if tag not in self.INLINE:
            self.parts.append("\n")
        self.parts.extend(f" [{known[name]}] " for name in self.SPOKEN if known.get(name))
        if tag == "a" and "href" in known:
            self.links.append(known["href"])
        self._remember(tag, known)

    def _remember(self, tag: str, known: dict[str, str]) -> None:
        name, kind = known.get("name", ""), known.get("type", "text")
        if tag == "input" and kind in ("radio", "checkbox"):
            if "checked" in known:
                self.inputs[name] = known.get("value", "on")
                self.parts.append(" (x) ")
        elif tag == "input" and name != "csrf_token" and kind not in ("submit", "file"):
            self.inputs[name] = known.get("value", "")
            if kind != "hidden":
                self.parts.append(f" <{known.get('value', '')}> ")
        elif tag in ("select", "textarea"):
            self._field = name
            self.inputs[name] = ""
        elif tag == "option" and "selected" in known:
            self.inputs[self._field] = known.get("value", "")
            self.parts.append(" (x) ")

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in self.SILENT
        if tag == "textarea":
            self._field = ""
        if tag not in self.INLINE:
            self.parts.append("\n")

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if self._field and self.lasttag == "textarea":
            self.inputs[self._field] += data
        self.parts.append(re.sub(r"\s+", " ", data.replace("\u00a0", "~")))

    def __str__(self) -> str:
        lines = (" ".join(line.split()) for line in "".join(self.parts).split("\n"))
        return "\n".join(line for line in lines if line) + "\n"


class Pin:
    """A demo of one instant and the folder that tells of it."""

    def __init__(self, folder: Path, place: Path) -> None:
        self.folder, self.demo = folder, Demonstration(place / "demo")
        self.url = f"sqlite:///{self.demo.path}"
        _say_letters_in_every_language()
        _load(self.demo)
        self.names: dict[str, str] = {}
        with closing(sqlite3.connect(self.demo.path)) as database:
            drafts = database.execute("SELECT token FROM drafts ORDER BY owner_id, saved_at, kind").fetchall()
            self.names = {token: f"draft-{n}" for n, (token,) in enumerate(drafts, 1)}
            self.ids = dict(database.execute("SELECT number, id FROM people"))
            owners = database.execute(
                "SELECT DISTINCT p.number FROM drafts d JOIN people p ON p.id = d.owner_id ORDER BY p.number"
            ).fetchall()
            others = (number for (number,) in owners if number not in PEOPLE.values())
            self.people = PEOPLE | {f"writer-{n}": number for n, number in enumerate(others, 1) if n <= 4}
            self.sample: list[str] = [
                number
                for (number,) in database.execute(
                    "SELECT min(a.number) FROM applications a LEFT JOIN claims c ON c.application_id = a.id"
                    " LEFT JOIN followups f ON f.application_id = a.id GROUP BY a.fund, a.kind, a.status,"
                    " a.version > 1, length(a.signed_seats) > 2, c.stage, f.recorded_at IS NULL"
                    " ORDER BY min(a.id)"
                )
            ]
        self.printed = self.sample[::4]
        """Those whose letters are printed, as bundles and pages show them."""

    def write(self, name: str, text: str | bytes) -> None:
        """Keep a text under a name, both without what differs from run to run."""
        for token, known in self.names.items():
            name = name.replace(re.sub(r"[^A-Za-z0-9=.-]+", "_", token), known)
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            try:
                text = text.decode("utf-8")
            except UnicodeDecodeError:
                path.write_bytes(text)
                return
        for token, known in self.names.items():
            text = text.replace(token, known)
        for pattern, instead in RANDOM:
            text = pattern.sub(instead, text)
        path.write_bytes(text.encode())

    def write_file(self, name: str, content: bytes) -> None:
        """A download: zips and workbooks by their members, PDFs by their text, others byte for byte."""
        if content.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for each in archive.namelist():
                    self.write_file(f"{name}/{each.replace('/', '+')}", archive.read(each))
        elif content.startswith(b"%PDF"):
            self.write(f"{name}.txt", _pdf_text(content))
        else:
            self.write(name, content)

    def letters(self) -> None:
        with closing(sqlite3.connect(self.demo.path)) as database:
            rows = database.execute(
                "SELECT a.number, l.kind, l.version, l.language, l.content FROM letters l"
                " JOIN applications a ON a.id = l.application_id ORDER BY a.id, l.kind, l.version, l.language"
            ).fetchall()
        told: dict[str, list[str]] = {}
        for number, kind, version, language, content in rows:
            words = json.dumps(json.loads(content), ensure_ascii=False, indent=1, sort_keys=True)
            told.setdefault(f"{kind}.{language}", []).append(f"== {number} version {version}\n{words}\n")
        for name, each in told.items():
            self.write(f"letters/{name}.txt", "".join(each))

    def mails(self) -> None:
        from portal.mail.message import written
        from portal.mail.notices import NOTICES
        from portal.store.outbox import Mail

        with closing(sqlite3.connect(self.demo.path)) as database:
            rows = database.execute(
                "SELECT o.receiver_id, o.kind, o.params, p.language FROM outbox o"
                " JOIN people p ON p.id = o.receiver_id ORDER BY o.id"
            ).fetchall()
        some = [(0, kind, ANYTHING, language) for kind in sorted(NOTICES) for language in LANGUAGES]
        lines = []
        for receiver, kind, params, language in [*some, *rows]:
            mail = Mail(0, receiver, kind, json.loads(params), AUTUMN, 0, "", language=language)
            said = written(mail, base_url="http://portal")
            lines.append(f"{kind} {language}: {said.subject}\n")
            lines.extend(f"    {each}\n" for each in (*said.paragraphs, said.door, said.link))
        self.write("mails.txt", "".join(lines))

    def commands(self) -> None:
        from tests.support.cases import situations

        asked = "".join(
            json.dumps(case.line(), default=str, ensure_ascii=False) + "\n" for case in situations()
        )
        self.write("assess.txt", self._run("assess", "-", given=asked))
        self.write("check-schemes.txt", self._run("check-schemes"))
        self.write("replay.txt", self._run("replay"))
        altered = self.demo.folder / "altered"
        altered.mkdir()
        for path in self.demo.editions.glob("*.toml"):
            text = (
                path.read_text("utf-8").replace('"10000.00"', '"9000.00"').replace('"5000.00"', '"6000.00"')
            )
            (altered / path.name).write_text(text, "utf-8")
        self.write("replay-altered.txt", self._run("replay", schemes=altered))
        for language in LANGUAGES:
            for profile in ("excel", "plain"):
                for what in ("applications", "budget", "claims"):
                    days = ("--from", "2024-01-01", "--until", "2027-12-31") if what == "applications" else ()
                    options = ("--profile", profile, "--language", language, *days)
                    self.write(
                        f"files/export/{what}-{profile}-{language}.csv", self._run("export", what, *options)
                    )

    def _run(self, *words: str, given: str = "", schemes: Path | None = None) -> str:
        from portal.cli import environment, main

        environment.now = lambda: AUTUMN
        environ = {
            "DATABASE_URL": self.url,
            "UPLOADS_DIR": str(self.demo.documents),
            "SCHEMES_DIR": str(schemes or self.demo.editions),
        }
        done = CliRunner().invoke(main, list(words), input=given.encode(), env=environ)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return f"{done.stdout_bytes.decode()}{done.stderr}exit {done.exit_code}\n"

    def pages(self) -> None:
        from portal.app import create_app
        from portal.settings import Settings

        settings = Settings(
            database_url=self.url,
            secret_key="only-for-tests-0123456789abcdefghij",
            base_url="http://localhost",
            demo=True,
            uploads_dir=self.demo.documents,
            schemes_dir=self.demo.editions,
        )
        app = create_app(settings, clock=lambda: AUTUMN)
        app.testing = True
        structlog.configure(logger_factory=structlog.ReturnLoggerFactory())
        for who, number in self.people.items():
            visitor = Visitor(app.test_client())
            if number is not None:
                visitor.sign_in(self.ids[number])
            found: list[str] | None = None
            for language in LANGUAGES:
                visitor.post("/language", {"lang": language, "next": "/account"})
                if found is None:
                    found = list(self._crawled(app, visitor, f"{who}/{language}"))
                else:
                    for path in found:
                        self._look(visitor, path, f"{who}/{language}")
                self._checks(visitor, found, f"{who}/{language}")

    def _crawled(self, app: "Flask", visitor: Visitor, where: str) -> Iterator[str]:
        """Look at everything that links lead to, so many of a kind, and at the samples; gives the addresses."""
        coming = ["/", "/sign-in", "/accessibility", "/no-such-page", *self._always()]
        sure = set(coming)
        seen: set[str] = set()
        lacking: list[str] = []
        followed: Counter[Any] = Counter()
        for path in coming:
            if path in seen or not _worth_following(path):
                continue
            seen.add(path)
            kind = _kind(app, path)
            if path not in sure:
                followed[kind] += 1
                if followed[kind] > EACH:
                    continue
            leads_to = self._look(visitor, path, where)
            if leads_to is None:
                lacking.append(path)
                continue
            yield path
            coming.extend(leads_to)
        self.write(f"pages/{where}/not-found.txt", "".join(f"{each}\n" for each in lacking))

    def _always(self) -> Iterator[str]:
        for number in self.sample:
            yield f"/applications/{number}"
            yield f"/queue/{number}"
            yield f"/finance/claims/{number}"
        for number in self.printed:
            yield f"/applications/{number}/case.zip"
        yield from (
            "/apply/people?q=ber",
            "/lessons?q=e",
            "/lessons/owed",
            "/people?q=ber",
            "/year?year=2025",
        )
        yield from (
            "/finance",
            "/finance/applications?from=2026-01-01&until=2026-12-31",
            "/finance/applications?from=x",
            "/finance/applications?q=RFR&status=granted",
        )
        for query in ("profile=excel", "profile=plain"):
            yield f"/finance/applications.csv?from=2024-01-01&until=2027-12-31&{query}"
            yield f"/finance/budget.csv?{query}"
            yield f"/finance/claims/claims.csv?{query}"

    def _look(self, visitor: Visitor, path: str, where: str) -> list[str] | None:
        """Keep what is at an address; gives the links on it, None when there is nothing for this person."""
        answer = visitor.get(path)
        if answer.status_code == 404 and path != "/no-such-page":
            return None
        name = re.sub(r"[^A-Za-z0-9=.-]+", "_", path.lstrip("/")) or "start"
        if "attachment" in answer.headers.get("Content-Disposition", "") or "csv" in answer.mimetype:
            self.write_file(f"files/{where}/{name}", answer.get_data())
            answer.close()
            return []
        return self._keep(answer, f"pages/{where}/{name}.txt", path)

    def _keep(self, answer: "TestResponse", name: str, path: str) -> list[str]:
        text = Text(answer.get_data(as_text=True))
        going = f" -> {answer.headers['Location']}" if "Location" in answer.headers else ""
        self.write(name, f"{answer.status_code}{going}\n{text}")
        if going:
            return [
                urlsplit(urljoin(path, answer.headers["Location"]))._replace(scheme="", netloc="").geturl()
            ]
        return [urljoin(path, link).partition("#")[0] for link in text.links]

    def _checks(self, visitor: Visitor, found: Iterable[str], where: str) -> None:
        """What the live check says of each draft as it stands."""
        for path in found:
            if re.fullmatch(r"/drafts/[^/?]+", path):
                answer = visitor.get(path)
                if answer.status_code == 200:
                    inputs = Text(answer.get_data(as_text=True)).inputs
                    checked = visitor.post(f"{path}/check", inputs, headers={"HX-Request": "true"})
                    self._keep(checked, f"pages/{where}/check_{path[8:]}.txt", path)


def _say_letters_in_every_language() -> None:
    import portal.letters.orders as orders

    orders._languages = lambda scheme, applicant: LANGUAGES


def _worth_following(path: str) -> bool:
    return path.startswith("/") and not path.startswith(("/static/", "/assets/", "//"))


def _kind(app: "Flask", path: str) -> Any:
    """The route of an address, with the names of its query; files and profiles are each their own kind."""
    parts = urlsplit(path)
    query = frozenset(name for name, value in parse_qsl(parts.query) if value)
    profile = dict(parse_qsl(parts.query)).get("profile")
    try:
        endpoint, values = app.url_map.bind("localhost").match(parts.path)
    except Exception:
        return parts.path
    return endpoint, query, profile, values.get("figure"), values.get("form"), values.get("kind")


@cache
def _pdf_text(content: bytes) -> str:
    from pypdf import PdfReader

    reader = PdfReader(io.BytesIO(content))
    return "\n".join(page.extract_text() for page in reader.pages)


def _fail(letter: int, error: Exception) -> None:
    raise AssertionError(f"letter {letter}: {error}") from error


def compare(new: Path, old: Path) -> int:
    """Print where two folders differ; gives the number of files that do."""
    names = sorted(
        {str(each.relative_to(top)) for top in (new, old) for each in top.rglob("*") if each.is_file()}
    )
    differing = 0
    for name in names:
        before, after = (_lines(top / name) for top in (old, new))
        if before != after:
            differing += 1
            sys.stdout.writelines(
                line.rstrip("\n") + "\n"
                for line in difflib.unified_diff(before, after, f"old/{name}", f"new/{name}", n=0)
            )
    print(f"{differing} of {len(names)} files differ")
    return differing


def _lines(path: Path) -> list[str]:
    return path.read_bytes().decode("utf-8", "backslashreplace").splitlines(True) if path.exists() else []


def main() -> None:
    arguments = argparse.ArgumentParser(prog="python -m tests.pin")
    arguments.add_argument("folder", type=Path)
    arguments.add_argument("--against", type=Path)
    asked = arguments.parse_args()
    shutil.rmtree(asked.folder, ignore_errors=True)
    with tempfile.TemporaryDirectory() as place:
        pin = Pin(asked.folder, Path(place))
        pin.letters()
        pin.mails()
        pin.commands()
        pin.pages()
    if asked.against:
        sys.exit(bool(compare(asked.folder, asked.against)))


if __name__ == "__main__":
    main()
