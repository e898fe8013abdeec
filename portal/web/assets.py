"""What is made of static/ and templates/ at the start: the files that pages load, and templates as they were compiled.

Style sheet, scripts and mark stand under addresses that carry their content's hash, so a browser keeps them for good;
they are joined and compressed once and answered from memory. Compiled templates are kept beside them for the next start
and the other workers, as Python keeps modules; where they cannot be, each worker compiles its own.
"""

import gzip
import hashlib
import re
from collections.abc import Callable, Iterable, MutableMapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache
from jinja2.bccache import Bucket
from jinja2.compiler import CodeGenerator, Frame
from jinja2.nodes import Expr
from jinja2.runtime import Context
from markupsafe import Markup, escape
from markupsafe import _escape_inner as escaped  # type: ignore[attr-defined]  # `escape` without its wrapping
from werkzeug.wrappers import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

STATIC = Path(__file__).resolve().parents[2] / "static"
PREFIX = "/assets/"
FOREVER = 31_536_000
MEDIA = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}
# What templates ask for by asset(name), and the files it is made of, in order.
PARTS: dict[str, tuple[str, ...]] = {
    "portal.css": ("css/tokens.css", "css/base.css", "css/components.css", "css/pages.css"),
    "htmx.js": ("vendor/htmx-2.0.11.min.js",),
    "portal.js": ("js/portal.js", "js/days.js", "js/typed.js"),
    "favicon.svg": ("favicon.svg",),
}


@dataclass(frozen=True, slots=True)
class Asset:
    """One of them under its hashed file name, as it is and compressed."""

    file_name: str
    content: bytes
    compressed: bytes

    def answer(self, request: Request) -> Response:
        """The whole of it, a part, or that the browser has it already."""
        if request.method not in ("GET", "HEAD"):
            return Response(status=405, headers={"Allow": "GET, HEAD"})
        zips = request.accept_encodings["gzip"] > 0
        answer = Response(
            self.compressed if zips else self.content,
            content_type=f"{MEDIA[self.file_name.rpartition('.')[2]]}; charset=utf-8",
            headers={
                "Cache-Control": f"max-age={FOREVER}, public, immutable",
                "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
                "Vary": "Accept-Encoding",
                "X-Content-Type-Options": "nosniff",
            },
        )
        if zips:
            answer.content_encoding = "gzip"
        answer.set_etag(self.file_name + "-gzip" * zips)
        return answer.make_conditional(request, accept_ranges=True, complete_length=answer.content_length)


def build(source: Path) -> dict[str, Asset]:
    """Each asset by the name that templates ask for."""
    assets: dict[str, Asset] = {}
    for name, parts in PARTS.items():
        content = b"\n".join((source / part).read_bytes() for part in parts)
        stem, ending = name.rsplit(".", 1)
        if ending == "css":  # what is written for people only, which nobody's browser waits for
            content = re.sub(rb"/\*.*?\*/|^ +", b"", content, flags=re.DOTALL | re.MULTILINE)
        file_name = f"{stem}.{hashlib.sha256(content).hexdigest()[:12]}.{ending}"
        assets[name] = Asset(file_name, content, gzip.compress(content, mtime=0))
    return assets


def install(app: Flask, source: Path = STATIC) -> Callable[[str], str]:
    """Serve the assets in front of `app` and give templates asset(name); an unknown name is a KeyError at rendering."""
    assets, portal = build(source), app.wsgi_app
    known = {PREFIX + asset.file_name: asset for asset in assets.values()}

    def serve(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asset = known.get(environ.get("PATH_INFO", ""))
        answer: WSGIApplication = portal if asset is None else asset.answer(Request(environ))
        return answer(environ, start_response)

    def asset(name: str) -> str:
        return PREFIX + assets[name].file_name

    app.wsgi_app = serve  # type: ignore[method-assign]
    app.jinja_env.globals["asset"] = asset
    return asset


class _Context(Context):
    """Calls what a template calls; Jinja's own looks first whether it wants the context, which none of ours does."""

    def call(self, called: Callable[..., Any], /, *args: Any, **named: Any) -> Any:
        named.pop("_loop_vars", None)
        named.pop("_block_vars", None)
        return called(*args, **named)


def _printed(value: object) -> str:
    """A value escaped as `markupsafe.escape` does it, but not marked as that anew: the page is joined of it at once."""
    if type(value) is str:
        return escaped(value)
    return value if type(value) is Markup else escape(value)


class _Compiler(CodeGenerator):
    def _output_child_pre(self, node: Expr, frame: Frame, finalize: Any) -> None:
        if frame.eval_ctx.autoescape:
            self.write("environment.printed(")
        else:
            super()._output_child_pre(node, frame, finalize)


class Templates(Environment):
    """Jinja for pages of hundreds of texts, whose templates share one set of globals."""

    context_class = _Context
    code_generator_class = _Compiler
    printed = staticmethod(_printed)

    def make_globals(self, more: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        return self.globals if more is None else super().make_globals(more)


class _TemplateCache(FileSystemBytecodeCache):
    """Jinja's own cache, which a full disk does not turn into a fault of the page."""

    def load_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().load_bytecode(bucket)

    def dump_bytecode(self, bucket: Bucket) -> None:
        with suppress(OSError):
            super().dump_bytecode(bucket)


def keep_compiled(app: Flask) -> None:
    """Keep compiled templates, where there is room for them.

    Whoever can write there can write the templates too: no folder is trusted in which others may have been first.
    """
    folder = Path(app.root_path, str(app.template_folder), "__pycache__")
    with suppress(OSError):
        folder.mkdir(exist_ok=True)
    if folder.is_dir():
        app.jinja_env.bytecode_cache = _TemplateCache(str(folder), "printed_%s.cache")
