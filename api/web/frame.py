"""What every page stands in: templates, security headers, links, and the files that pages load.

A page is one template in `templates/` that extends `base.html`, and one small module that gives it its values::

    return frame.page(request, "compare.html", title="Compare", records=records)
"""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache, wraps
from pathlib import Path
from typing import Any, ParamSpec
from urllib.parse import quote, urlsplit

from fastapi import Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from api.exits import http_status
from api.serve.service import Service
from api.web.words import amount, figure, plain, shown_value
from nlq.wording import label, listing, quantity
from ontology.errors import EarthdexError
from ontology.namespaces import BASE

HERE = Path(__file__).parent
STATIC = HERE / "static"
POLICY = (
    "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
_HEADERS = {
    "content-security-policy": POLICY,
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "vary": "accept, accept-encoding",
}
_GZIP = re.compile(r"\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))")
_WEB = re.compile(r"https?://[^\s<>\"'\\]+\Z", re.IGNORECASE)
_LONGEST_LINK = 2000

P = ParamSpec("P")


@lru_cache(maxsize=4)
def _manifest(changed: int) -> dict[str, str]:
    found = json.loads((STATIC / "manifest.json").read_text(encoding="utf-8"))
    return {str(name): str(hashed) for name, hashed in found.items()}


def manifest() -> dict[str, str]:
    """Plain name -> name with digest of every file that pages load; empty where they were not built."""
    try:
        return _manifest((STATIC / "manifest.json").stat().st_mtime_ns)
    except OSError:
        return {}


def web_link(text: object) -> str:
    """An address that a page may link to, as it stands in a record; "" for every scheme but http and https."""
    found = str(text).strip()
    if found.startswith("10.") and "/" in found:
        found = f"https://doi.org/{quote(found, safe='/().;-_:')}"
    if len(found) > _LONGEST_LINK or not _WEB.match(found):
        return ""
    try:
        return found if urlsplit(found).hostname else ""
    except ValueError:
        return ""


class Frame:
    """Renders pages.

    Args:
        service: what every route works with.
    """

    def __init__(self, service: Service) -> None:
        self.service = service
        self._templates = Environment(
            loader=FileSystemLoader(HERE / "templates"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            finalize=lambda value: plain(value) if type(value) is str else value,
        )
        self._templates.filters.update(
            web_link=web_link, label=label, quantity=quantity, listing=listing,
            amount=amount,
            figure=figure,
            shown_as=lambda value, name: shown_value(str(name), value),
        )  # fmt: skip

    def root(self, request: Request) -> str:
        """What paths of this service begin with: "" unless it stands below a path of its host."""
        return urlsplit(self.service.base(request)).path.rstrip("/")

    def link(self, request: Request, iri: str) -> str:
        """Where the page of a thing is: here for our own IRIs, else the address itself if it is one of the web."""
        if iri.startswith(BASE):
            rest = iri.removeprefix(BASE)
            path, mark, fragment = rest.partition("#")
            return f"{self.root(request)}/{quote(path, safe='/:@%+,;=')}{mark}{quote(fragment)}"
        return web_link(iri)

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:  # noqa: ANN401
        """A page as a response.

        Args:
            request: the request it answers.
            template: its name in `templates/`.
            status: the status.
            values: what the template names besides the helpers of every page; `title` at least.
        """
        files, root = manifest(), self.root(request)

        def asset(name: str) -> str:
            return f"{root}/static/{files[name]}" if name in files else ""

        html = self._templates.get_template(template).render(
            root=root,
            base=self.service.base(request),
            here=request.url.path.removeprefix(root),
            address=self.service.base(request) + request.url.path.removeprefix(root),
            asset=asset,
            has_files=bool(files),
            link=lambda iri: self.link(request, str(iri)),
            data=json_block,
            **values,
        )
        return _sent(request, html, status)

    def error(self, request: Request, error: EarthdexError) -> HTMLResponse:
        """An error as a page."""
        status = http_status(error)
        page = self.page(
            request, "error.html", status=status, title=_TITLES.get(status, "Something went wrong"), error=error
        )
        if status in (429, 503):
            page.headers["retry-after"] = "5"
        return page

    def guarded(self, route: Callable[P, Awaitable[Response]]) -> Callable[P, Awaitable[Response]]:
        """A route whose errors are pages; it has the argument `request`."""

        @wraps(route)
        async def run(*arguments: P.args, **named: P.kwargs) -> Response:
            try:
                return await route(*arguments, **named)
            except EarthdexError as error:
                request = named["request"]
                if not isinstance(request, Request):
                    raise
                return self.error(request, error)

        return run


def _sent(request: Request, html: str, status: int) -> HTMLResponse:
    """A page, compressed where the browser reads that: most of one is markup that repeats."""
    if _GZIP.search(request.headers.get("accept-encoding", "").lower()):
        body = gzip.compress(html.encode("utf-8", "replace"), 5, mtime=0)
        return HTMLResponse(body, status, headers=_HEADERS | {"content-encoding": "gzip"})
    return HTMLResponse(html.encode("utf-8", "replace"), status, headers=_HEADERS)


_TITLES = {
    404: "Not found",
    400: "That cannot be read",
    413: "Too much at once",
    429: "Too many requests",
    503: "Too busy",
    504: "That takes too long",
    507: "That needs too much memory",
}


def json_block(value: Any) -> Markup:  # noqa: ANN401
    """JSON as the text of a data block (`<script type="application/json">`), which no text in it can end."""
    text = json.dumps(value, separators=(",", ":"))
    for character, escaped in (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026")):
        text = text.replace(character, escaped)
    return Markup(text)
