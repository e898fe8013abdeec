"""Compiled templates are kept between starts, and nothing fails where they cannot be."""

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from tests.support import portals


@pytest.fixture
def start(
    make_app: Callable[..., Flask], sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Any]:
    """Starts a portal anew, whose temporary folder is the test's, and asks for the sign-in page."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setattr(portals, "_MADE", {})

    def again() -> Any:
        portals._MADE.clear()
        return make_app(database_url=sqlite_url).test_client().get("/sign-in")

    return again


def kept(folder: Path) -> list[Path]:
    return list(folder.glob("_jinja2-cache-*/*.cache"))


def test_a_second_start_finds_them(start: Callable[[], Any], tmp_path: Path) -> None:
    assert start().status_code == 200
    first = {path: path.stat().st_mtime_ns for path in kept(tmp_path)}
    assert first
    assert all(path.parent.stat().st_mode & 0o077 == 0 for path in first)
    assert start().status_code == 200
    assert {path: path.stat().st_mtime_ns for path in kept(tmp_path)} == first


def test_a_folder_that_others_could_write_to_is_not_used(start: Callable[[], Any], tmp_path: Path) -> None:
    (tmp_path / f"_jinja2-cache-{os.getuid()}").write_text("somebody else was here first")
    assert start().status_code == 200
    assert kept(tmp_path) == []


def test_a_full_disk_fails_no_page(
    start: Callable[[], Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_args: Any, **_values: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("jinja2.bccache.tempfile.NamedTemporaryFile", full)
    assert start().status_code == 200
    assert kept(tmp_path) == []
