"""The book: the guide and the reference of docs/, under /docs.

Its pages are those that `scripts/docs_site.py` has built. Where nobody has, the same documents come
as plain pages, without search.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from pathlib import Path

from flask import Blueprint, Response, abort, redirect, render_template, request
from werkzeug.wrappers import Response as BaseResponse

from orders.api.static_files import REVALIDATE, StaticFile, StaticFiles, file_answer

DOCS = Path(__file__).resolve().parents[2] / "docs"
MOST_RENDERED = 100
"""Plain pages that are kept in memory."""
ENDINGS = ("", ".html", "/index.html")
SOURCES = (".md", "/README.md")


def make_book(site: Path) -> Blueprint:
    """The pages under /docs; `site` is where the built ones are, if there are any."""
    book = Blueprint("book", __name__)
    built, documents = StaticFiles(site), StaticFiles(DOCS)

    @book.get("/docs")
    def start() -> BaseResponse:
        # Links on the pages are relative to the folder.
        return page("index") if request.path.endswith("/") else redirect("docs/")

    @book.get("/docs/<path:name>")
    def page(name: str) -> BaseResponse:
        version = built.version()
        for ending in ENDINGS:
            if file := built.find(name + ending):
                response = file_answer(file)
                response.headers["Cache-Control"] = REVALIDATE
                response.set_etag(f"{version}-{response.headers.get('Content-Encoding', 'plain')}")
                return response.make_conditional(request)
        return _plain(documents, name.removesuffix(".html").removesuffix(".md"))

    return book


def _plain(documents: StaticFiles, name: str) -> Response:
    documents.version()
    found = filter(None, (documents.find(name + ending) for ending in SOURCES))
    document = next(found, None) or abort(404)
    title, page = _render(document)
    return Response(render_template("docs/page.html", name=title, page=page))


@lru_cache(maxsize=MOST_RENDERED)
def _render(document: StaticFile) -> tuple[str, str]:
    """Title and HTML of a document of ours; a heading has the anchor that links to it name."""
    # Imported late: few ask for this page, and every start would pay for it.
    from markdown_it import MarkdownIt

    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = parser.parse(document.body().decode())
    headings = [text for opening, text in pairwise(tokens) if opening.type == "heading_open"]
    for opening, text in pairwise(tokens):
        if opening.type == "heading_open":
            opening.attrSet("id", _anchor(text.content))
    rendered: str = parser.renderer.render(tokens, parser.options, {})
    return headings[0].content if headings else "", rendered


def _anchor(heading: str) -> str:
    """As GitHub names it, and the built pages do."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
