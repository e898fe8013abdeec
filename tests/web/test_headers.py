"""The headers that every answer carries, whatever kind it is."""

from collections.abc import Callable

import pytest
from flask import Flask

from portal.store.session import Database
from tests.support.region import Region

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
ALWAYS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/", 200),
        ("/funds/rfr-2024", 200),
        ("/nothing", 404),
        ("/sign-in", 303),
        ("/health/live", 200),
        ("/sign-out", 405),
    ],
)
def test_pages(small_region: Region, path: str, status: int) -> None:
    answer = small_region.at("anna").get(path)
    assert answer.status_code == status
    assert answer.headers["Content-Security-Policy"] == POLICY
    assert answer.headers["Cache-Control"] == "no-store"
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    assert "Server" not in answer.headers
    assert "Strict-Transport-Security" not in answer.headers


def test_pages_and_fragments_are_not_mixed_up(small_region: Region) -> None:
    assert {"hx-request", "hx-history-restore-request", "cookie"} <= {
        each.strip().lower() for each in small_region.at("chair").get("/queue").headers["Vary"].split(",")
    }


def test_assets(small_region: Region) -> None:
    page = small_region.at("anna").get("/").get_data(as_text=True)
    path = page.partition('rel="stylesheet" href="')[2].partition('"')[0]
    answer = small_region.visitor().get(path)
    assert answer.status_code == 200
    assert "immutable" in answer.headers["Cache-Control"]
    assert (
        answer.headers["Content-Security-Policy"]
        == "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"
    )
    assert {name: answer.headers[name] for name in ALWAYS} == ALWAYS
    answer.close()


def test_over_https(make_region: Callable[..., Region], sqlite_database: Database, sqlite_url: str) -> None:
    region = make_region(sqlite_database, sqlite_url, demo=False, base_url="https://courses.example.org")
    answer = region.app.test_client().get("/sign-in", base_url="https://courses.example.org")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000; includeSubDomains"


def test_a_proxy_is_believed_only_when_named(make_app: Callable[..., Flask], sqlite_url: str) -> None:
    address = "https://courses.example.org"
    forwarded = {
        "X-Forwarded-Proto": "https",
        "X-Forwarded-Host": "courses.example.org",
        "X-Forwarded-For": "192.0.2.1",
    }
    alone = make_app(database_url=sqlite_url, demo=False, base_url=address)
    assert alone.test_client().get("/sign-in", headers=forwarded).status_code == 400
    behind = make_app(database_url=sqlite_url, demo=False, base_url=address, trusted_proxies=1)
    assert behind.test_client().get("/sign-in", headers=forwarded).status_code == 200
