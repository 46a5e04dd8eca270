"""How the built page is served, from a folder made for the test: what a browser may keep, and what it gets sent."""

from __future__ import annotations

import gzip
import hashlib
import os
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.integration.api import Answer, Api, application
from todo.cache import Cache
from todo.views import page

PAGE = b"<!doctype html><title>Tasks</title>" + b"<p>a task</p>" * 100
SCRIPT = b"let one = 1;\n" * 100
ROOT_FILES = {
    "sw.js": "text/javascript; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
    "icon.svg": "image/svg+xml; charset=utf-8",
    "icon-192.png": "image/png",
    "icon-512.png": "image/png",
    "icon-maskable-512.png": "image/png",
}
SCRIPT_PATH = "//assets/index-Ab12.js"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("page") / "app"
    (folder / "assets" / "fonts").mkdir(parents=True)
    files = {"index.html": PAGE, "assets/index-Ab12.js": SCRIPT, "assets/index-Cd34.css": b"p { margin: 0 }" * 100}
    for name, content in files.items():
        (folder / name).write_bytes(content)
        (folder / f"{name}.gz").write_bytes(gzip.compress(content, mtime=0))
    (folder / "assets" / "fonts" / "plain-Ef56.woff2").write_bytes(b"a font")
    for name in ROOT_FILES:
        (folder / name).write_bytes(name.encode())
    (folder / "other.txt").write_text("not for the world")
    (folder.parent / "secret.txt").write_text("a secret")
    (folder / "assets" / "link.txt").symlink_to(folder.parent / "secret.txt")
    return folder


@pytest.fixture(scope="module")
def site(folder: Path) -> Iterator[Api]:
    with application(f"sqlite:///{folder.parent / 'page.sqlite'}", PAGE_FOLDER=folder) as api:
        yield api


def get(site: Api, path: str, **headers: str) -> Answer:
    return site.get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.mark.parametrize("path", ["/", "/calendar", "/subscribe", "/activity", "/queues"])
def test_every_address_of_the_page_is_the_page(site: Api, path: str) -> None:
    answer = get(site, f"/{path}")
    assert (answer.status_code, answer.data) == (200, PAGE)
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'self';")
    assert "unsafe" not in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(("name", "media_type"), ROOT_FILES.items())
def test_files_at_the_root_have_their_media_types(site: Api, name: str, media_type: str) -> None:
    answer = get(site, f"//{name}")
    assert (answer.status_code, answer.data) == (200, name.encode())
    assert (answer.headers["Content-Type"], answer.headers["Cache-Control"]) == (media_type, "no-cache")


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("index-Ab12.js", "text/javascript; charset=utf-8"),
        ("index-Cd34.css", "text/css; charset=utf-8"),
        ("fonts/plain-Ef56.woff2", "font/woff2"),
    ],
)
def test_assets_are_kept_for_ever(site: Api, name: str, media_type: str) -> None:
    answer = get(site, f"//assets/{name}")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == media_type
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize(("path", "content"), [("//", PAGE), ("//calendar", PAGE), (SCRIPT_PATH, SCRIPT)])
def test_what_the_build_compressed_is_sent_so_to_who_takes_it(site: Api, path: str, content: bytes) -> None:
    sent = get(site, path, Accept_Encoding="gzip, br")
    plain = get(site, path)
    assert (sent.headers["Content-Encoding"], gzip.decompress(sent.data)) == ("gzip", content)
    assert sent.headers["Content-Type"] == plain.headers["Content-Type"]
    assert int(sent.headers["Content-Length"]) == len(sent.data) < len(content)
    for answer in (plain, get(site, path, Accept_Encoding="gzip;q=0"), get(site, path, Accept_Encoding="br")):
        assert answer.data == content
        assert "Content-Encoding" not in answer.headers
        assert answer.headers["ETag"] == plain.headers["ETag"] != sent.headers["ETag"]
    assert sent.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


def test_what_the_build_did_not_compress_is_sent_as_it_is(site: Api) -> None:
    answer = get(site, "//icon-192.png", Accept_Encoding="gzip")
    assert answer.data == b"icon-192.png"
    assert "Content-Encoding" not in answer.headers


@pytest.mark.parametrize("path", ["//", "//sw.js", SCRIPT_PATH])
@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_who_has_it_is_told_so(site: Api, path: str, encoding: str) -> None:
    first = get(site, path, Accept_Encoding=encoding)
    etag = first.headers["ETag"]
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = get(site, path, Accept_Encoding=encoding, If_None_Match=known)
        assert (again.status_code, again.data) == (304, b"")
        for name in ("ETag", "Cache-Control", "Vary"):
            assert again.headers[name] == first.headers[name]
    assert get(site, path, Accept_Encoding=encoding, If_None_Match='"other"').status_code == 200


def test_the_compressed_page_is_not_the_plain_one(site: Api) -> None:
    etag = get(site, "//", Accept_Encoding="gzip").headers["ETag"]
    assert get(site, "//", If_None_Match=etag).status_code == 200


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files that are read meanwhile."""
    names: list[str] = []
    real = page._read

    def read(path: Path) -> Any:
        names.append(path.name)
        return real(path)

    monkeypatch.setattr(page, "_read", read)
    return names


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """What is hashed meanwhile; nothing is remembered from before."""
    contents: list[bytes] = []

    def sha256(content: bytes) -> Any:
        contents.append(content)
        return hashlib.sha256(content)

    monkeypatch.setattr(page, "_etags", Cache[str](page._ETAGS_MAX, size_of=lambda _: 1))
    monkeypatch.setattr(page, "hashlib", SimpleNamespace(sha256=sha256))
    return contents


def test_only_the_file_that_is_sent_is_read(site: Api, reads: list[str]) -> None:
    get(site, "//", Accept_Encoding="gzip")
    get(site, SCRIPT_PATH, Accept_Encoding="identity")
    assert reads == ["index.html.gz", "index-Ab12.js"]


def age(path: Path, seconds: float = 3600) -> None:
    """Make a file look as old as the product's are."""
    at = time.time() - seconds
    os.utime(path, (at, at))


def test_each_file_is_hashed_once(site: Api, folder: Path, hashed: list[bytes]) -> None:
    age(folder / "index.html")
    age(folder / "index.html.gz")
    for encoding in ("gzip", "identity"):
        etags = {get(site, "//", Accept_Encoding=encoding).headers["ETag"] for _ in range(3)}
        assert len(etags) == 1
        assert get(site, "//", Accept_Encoding=encoding, If_None_Match=etags.pop()).status_code == 304
    assert hashed == [(folder / "index.html.gz").read_bytes(), PAGE]


def test_a_file_that_was_just_written_is_hashed_each_time(site: Api, folder: Path, hashed: list[bytes]) -> None:
    path = folder / "icon.svg"
    age(path, 0)
    at = path.stat().st_mtime_ns
    etag = get(site, "//icon.svg").headers["ETag"]
    path.write_bytes(b"ICON.svg")  # as long
    os.utime(path, ns=(at, at))  # and within the same tick of the clock
    answer = get(site, "//icon.svg", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (200, b"ICON.svg")
    assert hashed == [b"icon.svg", b"ICON.svg"]
    path.write_bytes(b"icon.svg")


@pytest.mark.parametrize("change", ["time", "size", "file"])
def test_a_changed_file_is_hashed_anew(site: Api, folder: Path, hashed: list[bytes], change: str) -> None:
    path = folder / "icon-192.png"
    age(path)
    at = path.stat().st_mtime_ns
    etag = get(site, "//icon-192.png").headers["ETag"]
    content = b"another icon" if change == "size" else b"ICON-192.png"
    if change == "size":
        content += b", longer"
    new = folder / "new.png"
    new.write_bytes(content)
    at -= 10**9 if change == "time" else 0
    if change == "file":
        os.utime(new, ns=(at, at))
        new.replace(path)
    else:
        path.write_bytes(content)
        new.unlink()
        os.utime(path, ns=(at, at))
    answer = get(site, "//icon-192.png", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (200, content)
    assert len(hashed) == 2
    path.write_bytes(b"icon-192.png")


def test_few_hashes_are_remembered(site: Api, folder: Path, hashed: list[bytes], monkeypatch: Any) -> None:
    monkeypatch.setattr(page, "_etags", Cache[str](2, size_of=lambda _: 1))
    names = ["icon-192.png", "icon-512.png", "icon-maskable-512.png"]
    for name in names:
        age(folder / name)
    for name in [*names, names[2], names[0]]:
        get(site, f"//{name}")
    assert hashed == [name.encode() for name in [*names, names[0]]]


def test_a_compressed_file_alone_is_none(site: Api, folder: Path) -> None:
    alone = folder / "assets" / "alone-Ij90.js.gz"
    alone.write_bytes(gzip.compress(b"alone"))
    assert get(site, "//assets/alone-Ij90.js", Accept_Encoding="gzip").status_code == 404
    alone.unlink()


def test_a_new_build_is_seen_at_once(site: Api, folder: Path) -> None:
    etag = get(site, "//sw.js").headers["ETag"]
    (folder / "sw.js").write_bytes(b"SW.js")  # as long, and maybe in the same second
    answer = get(site, "//sw.js", If_None_Match=etag)
    assert (answer.status_code, answer.data) == (200, b"SW.js")
    (folder / "sw.js").write_bytes(b"sw.js")


def test_head_is_answered_without_content(site: Api) -> None:
    answer = site.call("HEAD", SCRIPT_PATH)
    assert (answer.status_code, answer.data, answer.headers["Content-Length"]) == (200, b"", str(len(SCRIPT)))


@pytest.mark.parametrize(
    "path",
    [
        "other.txt",
        "index.html",
        "secret.txt",
        "assets/missing-Gh78.js",
        "assets",
        "assets/",
        "assets/fonts",
        "assets/fonts/",
        "assets/link.txt",
        "assets/index-Ab12.js/x",
        "assets/../other.txt",
        "assets/..%2fother.txt",
        "assets/%2e%2e/other.txt",
        "assets/fonts/../../other.txt",
        "assets/..%5cother.txt",
        "assets/../../secret.txt",
        "assets/..%2f..%2fsecret.txt",
        "assets/%2fetc%2fpasswd",
        "assets//etc/passwd",
        "assets/%00",
        "assets/index-Ab12.js%00",
        "assets/" + "x" * 300,
        "assets/%ff",
        "tasks",
        "calendar/",
        "activity.html",
    ],
)
def test_no_other_file_is_served(site: Api, path: str) -> None:
    for headers in ({}, {"Accept-Encoding": "gzip"}):
        answer = site.get(f"//{path}", headers=headers, follow_redirects=True)  # two slashes lead to one
        assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@pytest.mark.parametrize("path", ["/", "/calendar", "/subscribe", "/activity", "/queues"])
def test_a_page_that_is_not_built_says_how_to_build_it(tmp_path: Path, path: str) -> None:
    with application(f"sqlite:///{tmp_path / 'page.sqlite'}", PAGE_FOLDER=tmp_path / "none") as api:
        answer = get(api, f"/{path}", Accept_Encoding="gzip")
        assert (answer.status_code, answer.mimetype) == (503, "text/plain")
        assert "make ui" in answer.text
        assert answer.headers["Cache-Control"] == "no-store"
        assert get(api, "//sw.js").status_code == get(api, "//assets/x.js").status_code == 404
        assert get(api, "//api/v1/health").json == {"status": "ok"}
