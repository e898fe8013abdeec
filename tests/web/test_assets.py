"""What a browser loads beside a page: pinned, hashed, kept for good, and small."""

import gzip
import hashlib
import re
from pathlib import Path

import pytest
from flask import Flask

from portal.web import assets

ROOT = Path(__file__).parents[2]
VENDOR = ROOT / "static" / "vendor"


@pytest.fixture
def site() -> Flask:
    app = Flask("site", static_folder=None)
    assets.install(app)
    return app


def addresses(app: Flask) -> dict[str, str]:
    asset = app.jinja_env.globals["asset"]
    return {name: asset(name) for name in assets.PARTS}  # type: ignore[operator]


def test_every_vendored_script_is_the_one_that_was_reviewed() -> None:
    listed = dict(line.split()[::-1] for line in (VENDOR / "CHECKSUMS").read_text().splitlines())
    scripts = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in VENDOR.glob("*.js")}
    assert scripts
    assert scripts == listed


def test_each_asset_is_kept_for_good_under_an_address_that_changes_with_it(site: Flask) -> None:
    client = site.test_client()
    for name, address in addresses(site).items():
        answer = client.get(address)
        assert answer.status_code == 200, name
        assert hashlib.sha256(answer.data).hexdigest()[:12] in address
        assert "immutable" in answer.headers["Cache-Control"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        answer.close()


def test_an_edited_file_gets_a_new_address(tmp_path: Path) -> None:
    source = tmp_path / "static"
    for parts in assets.PARTS.values():
        for part in parts:
            (source / part).parent.mkdir(parents=True, exist_ok=True)
            (source / part).write_bytes((assets.STATIC / part).read_bytes())
    before = assets.build(source)
    (source / "css" / "base.css").write_text("a { color: red }")
    after = assets.build(source)
    assert {name for name in before if before[name].file_name != after[name].file_name} == {"portal.css"}


def test_an_asset_is_answered_whole_in_part_or_not_again(site: Flask) -> None:
    client, address = site.test_client(), addresses(site)["portal.css"]
    whole = client.get(address)
    assert (whole.mimetype, whole.headers["Vary"]) == ("text/css", "Accept-Encoding")
    assert client.head(address).headers["Content-Length"] == str(len(whole.data))
    assert client.get(address, headers={"If-None-Match": whole.headers["ETag"]}).status_code == 304
    part = client.get(address, headers={"Range": "bytes=0-5"})
    assert (part.status_code, part.data) == (206, whole.data[:6])
    assert client.post(address).status_code == 405
    assert client.get(f"{address}x").status_code == 404


def test_no_folder_is_made_for_them(site: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assets.install(Flask("another", static_folder=None))
    assert list(tmp_path.iterdir()) == []


def test_the_style_sheet_names_its_layers_before_it_fills_them(site: Flask) -> None:
    answer = site.test_client().get(addresses(site)["portal.css"])
    layers = re.findall(rb"^@layer ([a-z, ]+)[;{]", answer.data, re.MULTILINE)
    answer.close()
    assert [layer.strip() for layer in layers] == [
        b"tokens, base, components, pages",
        b"tokens",
        b"base",
        b"components",
        b"pages",
    ]


def test_what_is_loaded_once_leaves_room_for_the_page(site: Flask) -> None:
    client = site.test_client()
    sent = 0
    for name, address in addresses(site).items():
        answer = client.get(address, headers={"Accept-Encoding": "gzip"})
        assert answer.headers.get("Content-Encoding") == "gzip", name
        assert gzip.decompress(answer.data)
        sent += len(answer.data)
        answer.close()
    assert len(assets.PARTS) <= 5
    assert sent < 42_000


def test_templates_ask_for_assets_that_exist() -> None:
    asked = set()
    for template in (ROOT / "templates").rglob("*.html"):
        asked |= set(re.findall(r"asset\('([^']+)'\)", template.read_text(encoding="utf-8")))
    assert asked - {"..."} == set(assets.PARTS)


def test_styles_and_scripts_stay_within_the_policy() -> None:
    """Nothing inline and nothing from elsewhere: style and script come from files, pictures are not data: addresses."""
    for sheet in (ROOT / "static" / "css").glob("*.css"):
        assert not re.search(r"url\(|@import|https?:", sheet.read_text(encoding="utf-8")), sheet.name
    for template in (ROOT / "templates").rglob("*.html"):
        text = template.read_text(encoding="utf-8")
        found = re.search(
            r"<style|\sstyle=|\son[a-z]+=|hx-on|hx-boost|<script(?![^>]*src=)|javascript:", text
        )
        assert not found, f"{template.name}: {found}"
