"""Style sheet, scripts and mark under addresses that carry their content's hash, so a browser keeps them for good.

Knows which files make up what a page loads and in which order; the four style sheets become one. WhiteNoise serves
them, compressed once at the start. What pages look like is in static/, headers of pages are the business of security.
"""

import atexit
import hashlib
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from flask import Flask
from whitenoise import WhiteNoise
from whitenoise.compress import Compressor

STATIC = Path(__file__).resolve().parents[2] / "static"
PREFIX = "/assets/"
FOREVER = 31_536_000

# What templates ask for by asset(name), and the files it is made of, in order.
PARTS: dict[str, tuple[str, ...]] = {
    "portal.css": ("css/tokens.css", "css/base.css", "css/components.css", "css/pages.css"),
    "htmx.js": ("vendor/htmx-2.0.11.min.js",),
    "portal.js": ("js/portal.js",),
    "favicon.svg": ("favicon.svg",),
}


def build(source: Path, target: Path) -> dict[str, str]:
    """Write each asset under its hashed file name, with a compressed twin; answer name -> file name."""
    names: dict[str, str] = {}
    compressor = Compressor(use_brotli=False, quiet=True)
    for name, parts in PARTS.items():
        content = b"\n".join((source / part).read_bytes() for part in parts)
        stem, ending = name.rsplit(".", 1)
        hashed = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        path = target / hashed
        path.write_bytes(content)
        for _ in compressor.compress(str(path)):
            pass
        names[name] = hashed
    return names


def install(app: Flask, source: Path = STATIC) -> Callable[[str], str]:
    """Serve the assets in front of `app` and give templates asset(name); an unknown name is a KeyError at rendering."""
    target = Path(tempfile.mkdtemp(prefix="portal-assets-"))
    atexit.register(shutil.rmtree, target, ignore_errors=True)
    names = build(source, target)

    def harden(headers: dict[str, str], _path: str, _url: str) -> None:
        headers["X-Content-Type-Options"] = "nosniff"
        headers["Content-Security-Policy"] = "default-src 'none'; base-uri 'none'; frame-ancestors 'none'"

    def asset(name: str) -> str:
        return f"{PREFIX}{names[name]}"

    app.wsgi_app = WhiteNoise(  # type: ignore[method-assign]
        app.wsgi_app,
        root=target,
        prefix=PREFIX,
        max_age=FOREVER,
        immutable_file_test=lambda _path, _url: True,
        add_headers_function=harden,
        allow_all_origins=False,
        charset="utf-8",
    )
    app.jinja_env.globals["asset"] = asset
    return asset
