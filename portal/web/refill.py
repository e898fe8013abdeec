"""Another language without a script: each form that posts ends in buttons that send it to its own address, and it is
answered by its page in that language with what was typed put back. With a script `typed.js` keeps it in the tab.

Works on the HTML that the portal writes, so that no form and no view does anything for it.
"""

import re
from collections.abc import Iterable, Mapping
from html import escape
from html.parser import HTMLParser
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import MultiDict

from portal.domain.refusal import N_
from portal.domain.scheme import LANGUAGES
from portal.language.catalogue import said
from portal.web import current, errors, language, render, sessions
from portal.web.account.views import choose

_TEXTLESS = frozenset({"file", "password", "submit", "button", "image", "reset"})
_TICKED = frozenset({"radio", "checkbox"})
AGAIN = N_("What you chose here did not come along. Choose it again.")


def install(app: Flask) -> None:
    """Answer those buttons, wherever the form goes."""
    app.before_request(lambda: _switched(app))


def _switched(app: Flask) -> ResponseReturnValue | None:
    code = request.form.get(language.SWITCH, "") if request.method == "POST" else ""
    if (
        code not in LANGUAGES
        or request.endpoint == "account.switch_language"
        or current.person_or_none() is None
    ):
        return None
    chosen = Response()
    choose(code, chosen)
    page = _page(app, _address())
    if page.status_code != 200 or page.mimetype != "text/html":
        return errors.show(404 if page.status_code == 404 else 409)
    lost = {name: said(AGAIN, code) for name, file in request.files.items() if file.filename}
    page.set_data(filled(page.get_data(as_text=True), request.path, request.form, lost))
    page.headers.extend([(name, value) for name, value in chosen.headers if name == "Set-Cookie"])
    return page


def _address() -> str:
    """The page that the form stands on: where the browser says it was, else the one above the form's address."""
    came_from = urlsplit(request.headers.get("Referer", ""))
    lines = 1 + max((int(found[1]) for name in request.form if (found := _LINE.search(name))), default=-1)
    if came_from.netloc == request.host and render.page_above(came_from.path) == came_from.path:
        query = came_from.query
    else:
        came_from, query = came_from._replace(path=render.page_above(request.path)), ""
    return f"{came_from.path}?{query}&lines={lines}" if lines else f"{came_from.path}?{query}"


_FORM = re.compile(r'<form\b[^>]*\bmethod="post"[^>]*>.*?</form>', re.DOTALL)
_LINE = re.compile(r"-(\d{1,3})-\w+$")


def _page(app: Flask, address: str) -> Response:
    """That page as this browser would get it now."""
    path, _, query = address.partition("?")
    environ = {
        **{name: value for name, value in request.environ.items() if not name.startswith(("werkzeug.", "flask."))},
        "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "CONTENT_LENGTH": "0", "CONTENT_TYPE": "",
    }  # fmt: skip
    with (
        app.app_context(),
        app.request_context(environ),
    ):  # the second alone would share `g` with this request
        return app.full_dispatch_request()


def filled(html: str, action: str, typed: "MultiDict[str, str]", lost: Mapping[str, str]) -> str:
    """The page with what was typed in the form that goes to that address; of several, in the one with the same hidden
    fields and most of what was typed. `lost` is what to say beside fields of files, for no page can put a file back."""
    here = re.compile(rf'action="{re.escape(escape(action))}(\?[^"]*)?"')
    forms = [each for each in _FORM.finditer(html) if here.search(each[0].partition(">")[0])]
    if not forms:
        return html
    hidden = {f'name="{escape(name)}" value="{escape(value)}"' for name, value in typed.items(multi=True)}
    names = [f'name="{escape(name)}"' for name in typed]
    form = max(forms, key=lambda each: [sum(one in each[0] for one in those) for those in (hidden, names)])
    return html[: form.start()] + _Filled(form[0], typed, lost).text + html[form.end() :]


class _Filled(HTMLParser):
    """A form written anew."""

    def __init__(self, form: str, typed: "MultiDict[str, str]", lost: Mapping[str, str]) -> None:
        super().__init__(convert_charrefs=False)
        self._beside = {f"{name}-error": text for name, text in lost.items()}
        self._typed = {name: list(texts) for name, texts in typed.lists() if not sessions.is_secret(name)}
        self._parts: list[str] = []
        self._choices: set[str] = set()
        self._writes = True
        self.feed(form)
        self.close()

    @property
    def text(self) -> str:
        return "".join(self._parts)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        of, raw = dict(attrs), self.get_starttag_text() or ""
        name, kind, value = of.get("name") or "", of.get("type") or "text", of.get("value") or ""
        if tag == "input" and kind in _TICKED:
            raw = _tag(tag, attrs, "checked", value in self._typed.get(name, ()))
        elif tag == "input" and kind not in _TEXTLESS and name in self._typed and name != "csrf_token":
            raw = _tag(tag, attrs, "value", self._next(name))
        elif tag == "select":
            self._choices = set(self._typed.get(name, ()))
        elif tag == "option" and self._choices:
            raw = _tag(tag, attrs, "selected", value in self._choices)
        self._parts += [raw, escape(self._beside.get(of.get("id") or "", ""))]
        if tag == "textarea" and name in self._typed:
            self._parts.append("\n" + escape(self._next(name)))
            self._writes = False

    def handle_endtag(self, tag: str) -> None:
        self._writes = True
        self._parts.append(f"</{tag}>")

    def handle_data(self, data: str) -> None:
        if self._writes:
            self._parts.append(data)

    def handle_entityref(self, name: str) -> None:
        self.handle_data(f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.handle_data(f"&#{name};")

    def _next(self, name: str) -> str:
        """One value for each field of that name, in their order."""
        texts = self._typed[name]
        return texts.pop(0) if len(texts) > 1 else texts[0]


def _tag(tag: str, attrs: Iterable[tuple[str, str | None]], name: str, value: str | bool) -> str:
    """A start tag with one attribute as it should be."""
    kept = [each for each in attrs if each[0] != name]
    if value is not False:
        kept.append((name, None if value is True else str(value)))
    return f"<{tag}" + "".join(f" {n}" if v is None else f' {n}="{escape(v)}"' for n, v in kept) + ">"
