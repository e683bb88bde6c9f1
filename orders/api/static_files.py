"""The files that pages load: compressed, and cached by browsers for as long as they do not change.

Their addresses carry a hash over all of them, because modules import each other by relative
addresses.
"""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, g, request
from werkzeug.wrappers import Response as BaseResponse

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"
VERSION_DIGITS = 16
LEAST_COMPRESSED = 512
"""Bytes below which compression gains nothing."""
MOST_KEPT = 512
"""Files kept in memory."""
MEDIA_TYPES = {".js": "text/javascript", ".mjs": "text/javascript", ".woff2": "font/woff2"}


@dataclass(frozen=True, slots=True)
class StaticFile:
    """A file as it was when read."""

    path: str
    changed_ns: int

    def body(self) -> bytes:
        """The file's content."""
        return _body(self)

    def compressed(self) -> bytes | None:
        """The content in gzip, or None if that is not smaller."""
        return _compressed(self)


@lru_cache(maxsize=MOST_KEPT)
def _body(file: StaticFile) -> bytes:
    return Path(file.path).read_bytes()


@lru_cache(maxsize=MOST_KEPT)
def _compressed(file: StaticFile) -> bytes | None:
    body = file.body()
    if len(body) < LEAST_COMPRESSED:
        return None
    packed = gzip.compress(body, mtime=0)
    return packed if len(packed) < len(body) else None


class StaticFiles:
    """The files under a folder, by their path in it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files: dict[str, StaticFile] = {}
        self.known = ""
        """The version of the files as they were last looked at."""

    def version(self) -> str:
        """A hash over all files as they are now. They are read again only if one has changed."""
        files = dict(_files_under(str(self._folder)))
        if files != self._files:
            digest = hashlib.sha256()
            for name, file in sorted(files.items()):
                digest.update(name.encode() + b"\0" + hashlib.sha256(file.body()).digest())
            self._files, self.known = files, digest.hexdigest()[:VERSION_DIGITS]
        return self.known

    def holds(self, version: str | None) -> bool:
        """Whether the files have this version. Looks at them only if it is not the known one."""
        return version == self.known or version == self.version()

    def find(self, name: str) -> StaticFile | None:
        """The file at this path, as it was last looked at."""
        return self._files.get(name)


def _files_under(folder: str, prefix: str = "") -> Iterator[tuple[str, StaticFile]]:
    """Their paths in the folder, and what they are. A folder that is not there has none."""
    with suppress(FileNotFoundError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                yield from _files_under(entry.path, f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, StaticFile(entry.path, entry.stat().st_mtime_ns)


def register_static_files(app: Flask, folder: Path) -> None:
    """Serves the folder under /static, and puts the version into the addresses of templates."""
    files = StaticFiles(folder)

    def serve(filename: str, version: str | None = None) -> BaseResponse:
        is_current = files.holds(version)
        file = files.find(filename)
        if file is None:
            abort(404)
        response = file_answer(file)
        response.headers["Cache-Control"] = FOREVER if is_current else REVALIDATE
        response.set_etag(f"{files.known}-{response.headers.get('Content-Encoding', 'plain')}")
        return response.make_conditional(request)

    def add_version(endpoint: str, values: dict[str, Any]) -> None:
        if endpoint == "static":
            # All addresses of one page have one version.
            if "static_version" not in g:
                g.static_version = files.version()
            values.setdefault("version", g.static_version)

    app.add_url_rule("/static/v-<version>/<path:filename>", "static", serve)
    app.add_url_rule("/static/<path:filename>", "static-unversioned", serve)
    app.url_defaults(add_version)


def file_answer(file: StaticFile) -> Response:
    """A file, compressed for whoever takes that."""
    kind = MEDIA_TYPES.get(Path(file.path).suffix) or mimetypes.guess_type(file.path)[0]
    response = Response(mimetype=kind or "application/octet-stream")
    packed = file.compressed()
    if packed is not None:
        response.vary.add("Accept-Encoding")
    if packed is not None and request.accept_encodings["gzip"]:
        response.headers["Content-Encoding"] = "gzip"
        response.set_data(packed)
    else:
        response.set_data(file.body())
    return response
