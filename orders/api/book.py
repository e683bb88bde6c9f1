"""The book under /docs: the guide and the reference from docs/.

It serves the pages that `scripts/docs_site.py` has built. Without them it serves the same documents
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
"""Plain pages kept in memory."""
ENDINGS = ("", ".html", "/index.html")
SOURCES = (".md", "/README.md")


def make_book(site: Path) -> Blueprint:
    """The pages under /docs; `site` is the folder of the built ones, if there is one."""
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
    """Renders a document to its title and HTML; headings get the anchors that links use."""
    # Imported late: few ask for this page, and the import would slow every start.
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
    """The anchor of a heading, as on GitHub and in the built pages."""
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
