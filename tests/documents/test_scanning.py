"""A virus scanner, where the settings name one: what it finds, and what it cannot look at, is kept out."""

import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal.store.session import Database
from tests.documents import made
from tests.support.fund import Fund
from tests.support.region import text_of

HARMFUL = b"harmful words"


class Clamd(socketserver.ThreadingUnixStreamServer):
    """Speaks clamd's INSTREAM; finds the harmful words, and can be told to answer otherwise."""

    daemon_threads = True
    otherwise: bytes | None = None

    def __init__(self, path: Path) -> None:
        super().__init__(str(path), _Talk)
        self.seen: list[bytes] = []


class _Talk(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        """One file."""
        assert isinstance(self.server, Clamd)
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while length := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(length)
        self.server.seen.append(content)
        found = b"stream: Test.Harmful FOUND" if HARMFUL in content else b"stream: OK"
        answer = found if self.server.otherwise is None else self.server.otherwise
        self.wfile.write(answer + b"\0" if answer else b"")


@pytest.fixture
def clamd(tmp_path: Path) -> Iterator[Clamd]:
    with Clamd(tmp_path / "clamd.sock") as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture
def fund(make_fund: Callable[..., Fund], sqlite_database: Database, sqlite_url: str, tmp_path: Path) -> Fund:
    return make_fund(sqlite_database, sqlite_url, scanner=f"clamd://{tmp_path / 'clamd.sock'}")


def names(fund: Fund, token: str) -> list[str]:
    return [document.name for document in fund.of_draft(token)]


def test_what_is_harmful_is_kept_out_and_the_rest_attached(fund: Fund, clamd: Clamd) -> None:
    token, kari = fund.draft(), fund.at("kari")
    bad, good = made.pdf("bevis") + b"%" + HARMFUL, made.pdf("kvittering")
    answer = fund.send(kari, token, ("certificate", "bevis.pdf", bad), ("receipt", "kvittering.pdf", good))
    assert answer.status_code == 422
    assert names(fund, token) == ["kvittering.pdf"]
    assert "“bevis.pdf” was not attached: the virus scanner found something harmful in it." in text_of(answer)
    assert clamd.seen == [bad, good]
    assert [
        path for path in fund.files.folder.rglob("*") if path.is_file() and path.read_bytes() == bad
    ] == []


def test_a_large_file_is_looked_at_whole(fund: Fund, clamd: Clamd) -> None:
    token, kari = fund.draft(), fund.at("kari")
    large = made.pdf("kvittering " * 9_000)
    assert fund.send(kari, token, ("receipt", "stor.pdf", large)).status_code == 303
    assert clamd.seen == [large]


@pytest.mark.parametrize(
    "answer", [b"", b"INSTREAM size limit exceeded. ERROR", b"UNKNOWN COMMAND", b"\xff\xfe"]
)
def test_no_verdict_is_no_pass(fund: Fund, clamd: Clamd, answer: bytes) -> None:
    clamd.otherwise = answer
    _is_kept_out(fund)


def test_a_scanner_that_is_away_lets_nothing_through(fund: Fund, capsys: pytest.CaptureFixture[str]) -> None:
    _is_kept_out(fund)
    logged = capsys.readouterr().err
    assert '"document.not-scanned"' in logged
    assert "kvittering.pdf" not in logged


def _is_kept_out(fund: Fund) -> None:
    token, kari = fund.draft(), fund.at("kari")
    answer = fund.send(kari, token, ("receipt", "kvittering.pdf", made.pdf()))
    assert answer.status_code == 422
    assert names(fund, token) == []
    assert "“kvittering.pdf” could not be checked for viruses, so it was not attached." in text_of(answer)
