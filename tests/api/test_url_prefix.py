"""The server below a path: behind proxies that pass the prefix on, and that take it off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import Api, serving
from tests.api.logins import closed

PREFIX = "/ops/scheduler"


@pytest.fixture(scope="module")
def below(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server below PREFIX."""
    with serving(tmp_path_factory.mktemp("below"), URL_PREFIX=PREFIX, AUTH="none") as api:
        yield api


@pytest.mark.parametrize("before", [PREFIX, ""])
@pytest.mark.parametrize("path", ["/", "/api/v1/jobs", "/healthz", "/readyz"])
def test_urls_are_served_with_the_prefix_and_without(below: Api, before: str, path: str) -> None:
    assert below.get(before + path).status_code == 200


def test_all_files_of_the_page_are_below_the_prefix(below: Api) -> None:
    text = below.get(f"{PREFIX}/").text

    urls = re.findall(r'"(/[^"]*)"', text)
    assert len(urls) == 3
    for url in urls:
        assert url.startswith(f"{PREFIX}/static/dist/")
        assert below.get(url).status_code == 200
        assert below.get(url.removeprefix(PREFIX)).status_code == 200


@pytest.mark.parametrize(
    ("path", "location"),
    [
        (PREFIX, f"{PREFIX}/"),
        (f"{PREFIX}?a=b", f"{PREFIX}/?a=b"),
        (f"{PREFIX}/api/v1/jobs/?q=a", f"{PREFIX}/api/v1/jobs?q=a"),
        ("/api/v1/jobs/", f"{PREFIX}/api/v1/jobs"),
    ],
)
def test_redirects_lead_below_the_prefix(below: Api, path: str, location: str) -> None:
    answer = below.get(path)

    assert answer.status_code == 301
    assert answer.headers["Location"] == location


@pytest.mark.parametrize(
    "path",
    [
        f"{PREFIX}x/",
        f"{PREFIX}{PREFIX}/",
        f"{PREFIX}//evil.example/",
        f"/{PREFIX}/",
        "/ops/",
        "/OPS/SCHEDULER/",
    ],
)
def test_what_only_looks_like_the_prefix_is_404(below: Api, path: str) -> None:
    assert below.get(path).status_code == 404


def test_who_has_not_logged_in_is_led_from_the_prefix_to_the_page_too(tmp_path: Path) -> None:
    with closed(tmp_path, URL_PREFIX="/scheduler") as api:
        answer = api.get("/scheduler")

        assert (answer.status_code, answer.headers.get("Location")) == (301, "/scheduler/")
        assert api.post("/scheduler").status_code == 405


def test_the_prefix_alone_takes_no_writes(below: Api) -> None:
    assert below.post(PREFIX).status_code == 405


def test_a_static_prefix_of_a_users_own_is_kept(tmp_path: Path) -> None:

    class OwnServer(SchedulerServer):
        def __init__(self, scheduler_instance: SchedulerManager) -> None:
            super().__init__(scheduler_instance, {"static_url_prefix": "/files/"})

    with serving(tmp_path, OwnServer, URL_PREFIX=PREFIX, AUTH="none") as api:
        url = re.findall(r'"(/[^"]*)"', api.get(f"{PREFIX}/").text)[0]

        assert url.startswith(f"{PREFIX}/files/dist/")
        assert api.get(url).status_code == 200
