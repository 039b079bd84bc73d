"""How the page and its built files go out: names, caching, compression, a build that is missing."""

from __future__ import annotations

import gzip
import json
import os
import re
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.api.api_server import Api, serving

FOR_EVER = "public, max-age=31536000, immutable"
SCRIPT = b"export const answer = 42;\n" * 100
TEMPLATE = """<!DOCTYPE html>
<meta name="ndscheduler" content="{{ page_info }}">
<script type="module" src="{{ page_asset("app.js") }}"></script>"""


def build(page: Path, script: bytes = SCRIPT, name: str = "app.ABCD2345.js") -> None:
    """What the build of the page leaves in `page`, in small."""
    dist = page / "dist"
    dist.mkdir(exist_ok=True)
    (dist / name).write_bytes(script)
    (dist / f"{name}.gz").write_bytes(gzip.compress(script))
    (dist / "LICENSES.txt").write_text("© Everybody\n", encoding="utf-8")
    manifest = dist / "manifest.json"
    earlier = manifest.stat().st_mtime if manifest.exists() else 0
    manifest.write_text(json.dumps({"app.js": name}))
    os.utime(manifest, (earlier + 10, earlier + 10))


def of_page(page: Path, **changes: Any) -> dict[str, Any]:
    """The settings with which the page in `page` is served."""
    (page / "index.html").write_text(TEMPLATE)
    return {"STATIC_DIR_PATH": str(page), "TEMPLATE_DIR_PATH": str(page), **changes}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("page")


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, page: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server of a page that is built."""
    build(page)
    changes = of_page(page, WEBSITE_TITLE="\"><script>alert(1)</script>' &amp;")
    with serving(tmp_path_factory.mktemp("server"), **changes) as api:
        yield api


def test_the_page_names_the_files_of_the_build_and_is_asked_for_each_time(api: Api) -> None:
    answer = api.get("/")

    assert answer.status_code == 200
    assert 'src="/static/dist/app.ABCD2345.js"' in answer.text
    assert answer.headers["Cache-Control"] == "no-cache"
    again = api.get("/", headers={"If-None-Match": answer.headers["Etag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "no-cache")


def test_the_page_gets_what_it_has_to_know_as_json_in_an_attribute(api: Api) -> None:
    text = api.get("/").text

    content = re.search(r'<meta name="ndscheduler" content="([^"]*)">', text)
    assert content is not None
    info = json.loads(unescape(content[1]))
    assert info["title"] == "\"><script>alert(1)</script>' &amp;"
    assert (info["username"], info["timezone"]) == ("anonymous", "UTC")
    assert (info["session"]["way"], info["session"]["role"]) == ("open", "admin")
    assert set(info["job_defaults"]) == {"misfire_grace_time", "coalesce", "max_instances"}
    assert {"version", "host", "user", "help_url", "issues_url", "job_versions"} <= set(info)
    assert text.count("<script") == 1


def test_a_file_with_a_hash_in_its_name_is_kept_for_ever(api: Api) -> None:
    answer = api.get("/static/dist/app.ABCD2345.js")

    assert answer.headers["Cache-Control"] == FOR_EVER
    assert "javascript" in answer.headers["Content-Type"]
    assert answer.content == SCRIPT


@pytest.mark.parametrize("accepted", ["gzip", "deflate, gzip;q=0.5", "*", "GZIP"])
def test_a_built_file_goes_out_as_the_build_compressed_it(
    api: Api, page: Path, accepted: str
) -> None:
    path, headers = "/static/dist/app.ABCD2345.js", {"Accept-Encoding": accepted}
    compressed = (page / "dist/app.ABCD2345.js.gz").read_bytes()

    with api.get(path, headers=headers, stream=True) as answer:
        body = answer.raw.read(decode_content=False)
    head = api.call("HEAD", path, headers=headers)

    assert body == compressed
    for sent in (answer.headers, head.headers):
        assert sent["Content-Encoding"] == "gzip"
        assert sent["Content-Length"] == str(len(compressed))
        assert sent["Vary"] == "Accept-Encoding"
        assert "javascript" in sent["Content-Type"]
    assert head.content == b""


@pytest.mark.parametrize("accepted", ["identity", "gzip;q=0", "br", "gzip; q=0.000, *"])
def test_a_client_that_does_not_take_gzip_gets_the_file_itself(api: Api, accepted: str) -> None:
    answer = api.get("/static/dist/app.ABCD2345.js", headers={"Accept-Encoding": accepted})

    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Content-Length"] == str(len(SCRIPT))
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_each_coding_has_an_etag_of_its_own_that_is_answered_with_304(api: Api) -> None:
    path = "/static/dist/app.ABCD2345.js"
    etags = {}
    for coding in ("identity", "gzip"):
        headers = {"Accept-Encoding": coding}
        etags[coding] = api.get(path, headers=headers).headers["Etag"]
        again = api.get(path, headers={**headers, "If-None-Match": etags[coding]})

        assert again.status_code == 304
        assert again.headers["Vary"] == "Accept-Encoding"
        assert again.headers["Cache-Control"] == FOR_EVER

    assert etags["identity"] != etags["gzip"]


def test_the_licences_are_text_that_is_asked_for_each_time(api: Api) -> None:
    answer = api.get("/static/dist/LICENSES.txt")

    assert answer.text == "© Everybody\n"
    assert answer.headers["Content-Type"] == "text/plain; charset=UTF-8"
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_file_without_a_hash_is_never_taken_from_a_cache_unasked(api: Api, page: Path) -> None:
    path = "/static/own.css?v=1"
    (page / "own.css").write_text("p { color: red }")
    before = api.get(path)
    same = api.get(path, headers={"If-None-Match": before.headers["Etag"]})
    (page / "own.css").write_text("p { color: tan }")
    after = api.get(path, headers={"If-None-Match": before.headers["Etag"]})

    assert before.headers["Cache-Control"] == after.headers["Cache-Control"] == "no-cache"
    assert "Expires" not in before.headers
    assert (same.status_code, after.status_code) == (304, 200)
    assert after.text == "p { color: tan }"


def test_an_error_is_not_kept_for_ever(api: Api) -> None:
    answer = api.get("/static/dist/app.ZZZZ2345.js")

    assert answer.status_code == 404
    assert answer.headers["Cache-Control"] == "no-cache"


def test_a_page_that_is_not_built_says_so_and_comes_once_it_is(tmp_path: Path) -> None:
    page = tmp_path / "page"
    page.mkdir()
    with serving(tmp_path, **of_page(page)) as api:
        missing = api.get("/")
        jobs = api.get("/api/v1/jobs")
        build(page)
        built = api.get("/")

    assert missing.status_code == 503
    assert missing.headers["Content-Type"].startswith("text/html")
    assert "<p>The web page is not built yet: run `make static`." in missing.text
    assert jobs.status_code == built.status_code == 200


@pytest.mark.parametrize(("debug", "expected"), [(True, "app.BCDE3456.js"), (False, None)])
def test_a_new_build_is_noticed_while_debugging(
    tmp_path: Path, debug: bool, expected: str | None
) -> None:
    page = tmp_path / "page"
    page.mkdir()
    build(page)
    with serving(tmp_path, **of_page(page, DEBUG=debug)) as api:
        first = api.get("/").text
        build(page, name="app.BCDE3456.js")
        second = api.get("/").text

    assert "app.ABCD2345.js" in first
    assert (expected or "app.ABCD2345.js") in second
