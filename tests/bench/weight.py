"""What a page weighs: all that a browser fetches the first time, and what it fetches for the pages after that."""

import gzip
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from tests.bench.desk import desk, quiet
from tests.bench.figures import Figure

if TYPE_CHECKING:
    from flask.testing import FlaskClient

PAGES = ("/", "/apply", "/funds", "/account")
_FETCHED = re.compile(r'(?:<link [^>]*href|<script [^>]*src|<img [^>]*src)="([^"]+)"')


def figures() -> Iterator[Figure]:
    """The form, the heaviest page, as the first one and as a later one; and the heaviest of the others."""
    with tempfile.TemporaryDirectory() as name, quiet():
        at = desk(Path(name))
        client = at.app.test_client(use_cookies=False)
        form = _page(client, at.path, at.cookies)
        files = sorted(set(_FETCHED.findall(form)))
        first = len(gzip.compress(form.encode(), 6)) + sum(_sent(client, each) for each in files)
        yield Figure("first load, the form", first / 1000, 60, "kB gzipped", how=", ".join(files))
        yield Figure("first load", 1 + len(files), 6, "requests")
        others = {
            path: len(gzip.compress(_page(client, path, at.cookies).encode(), 6)) / 1000 for path in PAGES
        }
        weight = len(gzip.compress(form.encode(), 6)) / 1000
        plain = f"{len(form.encode()) / 1000:.0f} kB before"
        yield Figure("later page, the form", weight, 15, "kB gzipped", how=plain)
        heaviest = max(others, key=lambda path: others[path])
        yield Figure(
            "later page, others", others[heaviest], 15, "kB gzipped", how=f"the heaviest: {heaviest}"
        )


def _page(client: "FlaskClient", path: str, cookies: str) -> str:
    answer = client.get(path, headers={"Cookie": cookies})
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def _sent(client: "FlaskClient", path: str) -> int:
    """Bytes of a file as it is sent to a browser that takes gzip."""
    answer = client.get(path, headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 200, path
    return len(answer.get_data())
