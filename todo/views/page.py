"""Serves the page: the files of `todo/app`, which `make ui` builds. Knows nothing of what is in them."""

from __future__ import annotations

import errno
import hashlib
import os
import time
from pathlib import Path
from stat import S_ISREG

from apiflask import APIBlueprint
from flask import Response, abort, current_app, redirect, request
from werkzeug import Response as BaseResponse
from werkzeug.security import safe_join

from todo.cache import Cache

page = APIBlueprint("page", __name__, enable_openapi=False)

FOLDER = Path(__file__).parent.parent / "app"
"""Where the page is, unless the application's `PAGE_FOLDER` says otherwise."""

_ASK_FIRST = "no-cache"
_FOR_EVER = "public, max-age=31536000, immutable"  # the name of an asset changes with its content
# Not the machine's own table, which differs from one to the next.
_MEDIA_TYPES = {
    ".css": "text/css",
    ".html": "text/html",
    ".ico": "image/x-icon",
    ".js": "text/javascript",
    ".json": "application/json",
    ".map": "application/json",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain",
    ".webmanifest": "application/manifest+json",
    ".woff2": "font/woff2",
}
_ETAGS_MAX = 500  # a page has some dozens of files
_etags: Cache[str] = Cache(_ETAGS_MAX, size_of=lambda _: 1)  # by path, inode, time and size of a file
# Who writes twice within a tick of the file system's clock leaves the same time, so a new file's says too little.
_SETTLED_NANOSECONDS = 2_000_000_000
_NO_FILE = (errno.ENOENT, errno.EISDIR, errno.ENOTDIR, errno.ENAMETOOLONG)


@page.get("/")
@page.get("/calendar")
@page.get("/subscribe")
@page.get("/activity")
@page.get("/queues")
def index() -> Response:
    """The page; what it shows goes by its address."""
    return _page("index.html")


@page.get("/queues/<_source>/<_name>")
def deeper(_source: str, _name: str) -> Response:
    """The page at an address two folders further down, from where its parts have other relative addresses."""
    return _page("deeper.html")


@page.get("/queues/")
@page.get("/queues/<_source>")
def queues(_source: str = "") -> BaseResponse:
    """To the view that has them all: there is none for the queues of one source."""
    return redirect("../queues")


@page.get("/sw.js")
@page.get("/manifest.webmanifest")
@page.get("/icon.svg")
@page.get("/icon-192.png")
@page.get("/icon-512.png")
@page.get("/icon-maskable-512.png")
def root_file() -> Response:
    """A file that browsers look for under its own name."""
    return _answer(request.path[1:], _ASK_FIRST) or abort(404)


@page.get("/assets/<path:name>")
def asset(name: str) -> Response:
    """A file that the page loads."""
    return _answer(name, _FOR_EVER, below="assets") or abort(404)


def _page(name: str) -> Response:
    answer = _answer(name, _ASK_FIRST)
    if answer is None:
        text = "The page is not built yet. This command builds it:\n\n    make ui\n"
        return Response(text, 503, mimetype="text/plain", headers={"Cache-Control": "no-store"})
    return answer


def _answer(name: str, cache: str, *, below: str = "") -> Response | None:
    """A file of the page, or None when there is none; compressed when the build made it so and the client takes it."""
    path = _path_of(name, below)
    if path is None or not _is_file(path):
        return None
    takes_gzip = request.accept_encodings["gzip"] > 0
    compressed = _read(path.with_name(f"{path.name}.gz")) if takes_gzip else None
    found = compressed or _read(path)
    if found is None:
        return None
    content, etag = found
    response = Response(content, mimetype=_MEDIA_TYPES.get(path.suffix, "application/octet-stream"))
    response.vary.add("Accept-Encoding")
    if compressed is not None:
        response.content_encoding = "gzip"
    response.headers["Cache-Control"] = cache
    response.set_etag(etag)
    return response.make_conditional(request)  # type: ignore[return-value] # the response itself


def _path_of(name: str, below: str) -> Path | None:
    """The file's path, or None when it would lie outside of the folder."""
    folder = Path(current_app.config["PAGE_FOLDER"], below).resolve()
    joined = safe_join(str(folder), name)
    if joined is None or "\0" in joined:
        return None
    path = Path(joined).resolve()
    return path if path.is_relative_to(folder) else None  # a symbolic link may lead anywhere


def _is_file(path: Path) -> bool:
    try:
        return S_ISREG(path.stat().st_mode)
    except OSError as error:
        if error.errno in _NO_FILE:
            return False
        raise


def _read(path: Path) -> tuple[bytes, str] | None:
    """A file's content and its ETag, or None when there is none."""
    try:
        with path.open("rb") as file:
            content = file.read()
            state = os.fstat(file.fileno())  # after reading: what was written meanwhile shows in its time
    except OSError as error:
        if error.errno in _NO_FILE:
            return None
        raise
    # By the content: the file's time is another on each server. What is compressed has other octets, so another ETag.
    key = (str(path), state.st_ino, state.st_mtime_ns, state.st_size)
    etag = _etags.get(key)
    if etag is None:
        etag = hashlib.sha256(content).hexdigest()[:32]
        if state.st_mtime_ns < time.time_ns() - _SETTLED_NANOSECONDS:
            _etags.put(key, etag)
    return content, etag
