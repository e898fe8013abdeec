"""Compiled templates are kept between starts, and nothing fails where they cannot be."""

import errno
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from portal.app import ROOT
from tests.support import portals


@pytest.fixture
def start(
    make_app: Callable[..., Flask], sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], Any]:
    """Starts a portal anew from templates of the test's own, and asks for the sign-in page."""
    shutil.copytree(ROOT / "templates", tmp_path / "templates", ignore=shutil.ignore_patterns("__pycache__"))
    (tmp_path / "temporary").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temporary"))
    monkeypatch.setattr("portal.app.ROOT", tmp_path)
    monkeypatch.setattr(portals, "_MADE", {})

    def again() -> Any:
        portals._MADE.clear()
        return make_app(database_url=sqlite_url).test_client().get("/sign-in")

    return again


def kept(folder: Path) -> list[Path]:
    return list((folder / "templates" / "__pycache__").glob("*.cache"))


def test_a_second_start_finds_them(start: Callable[[], Any], tmp_path: Path) -> None:
    assert start().status_code == 200
    first = {path: path.stat().st_mtime_ns for path in kept(tmp_path)}
    assert first
    assert start().status_code == 200
    assert {path: path.stat().st_mtime_ns for path in kept(tmp_path)} == first
    assert list((tmp_path / "temporary").iterdir()) == [], "nothing is kept where others may have been first"


def test_where_no_folder_can_be_made_each_compiles_its_own(start: Callable[[], Any], tmp_path: Path) -> None:
    (tmp_path / "templates" / "__pycache__").write_text("no folder")
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
