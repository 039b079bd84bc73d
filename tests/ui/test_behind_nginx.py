"""The page behind a real nginx, set up as the manual says: at a name of its own, below a path."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import bcrypt
import pytest
from playwright.sync_api import Browser, Page, expect

from tests.api.api_server import AWESOME, Api, serving
from tests.certificates import make_pair
from tests.docs.markdown import ROOT, blocks_of
from tests.nginx import free_port, nginx
from tests.ui.accounts import PASSWORD, log_in
from tests.ui.window import DEADLINE_MILLISECONDS, Window

PREFIX = "/scheduler"
# Browsers know where that is.
NAME = "scheduler.localhost"
PASS = "proxy_pass http://127.0.0.1:8888;"


@pytest.fixture(scope="module")
def below(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server below PREFIX, for a proxy on this machine."""
    directory = tmp_path_factory.mktemp("below")
    with serving(directory, URL_PREFIX=PREFIX, TRUSTED_PROXIES="127.0.0.1", AUTH="none") as api:
        yield api


def block(beginning: str) -> str:
    """The block of the manual that begins so."""
    texts = [block.text for block in blocks_of(ROOT / "doc/howto/deploy.md")]
    (text,) = [text for text in texts if text.startswith(beginning)]
    assert PASS in text
    return text


@pytest.mark.parametrize("passes_prefix_on", [True, False])
def test_the_page_works_below_a_path_live_and_leaves_it_nowhere(
    below: Api, page: Page, tmp_path: Path, passes_prefix_on: bool
) -> None:
    port = free_port()
    location = block(f"location {PREFIX}/")
    upstream = f"proxy_pass {below.url}{'' if passes_prefix_on else '/'};"
    server = f"server {{ listen 127.0.0.1:{port}; {location.replace(PASS, upstream)} }}"
    root = f"http://127.0.0.1:{port}"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    name = f"Below {passes_prefix_on}"

    with nginx(tmp_path / "nginx", server, port):
        # Without its slash, as people type it.
        page.goto(f"{root}{PREFIX}")
        expect(page).to_have_url(f"{root}{PREFIX}/")
        window = Window(page, f"{root}{PREFIX}").open("jobs").live()
        job_id = below.add_job(name=name, job_class_string=AWESOME, pub_args=["a", "b"])
        expect(window.row(name).locator(".job-last")).to_have_text("never")

        window.choose(f"Actions for {name}", "Run now")

        expect(window.row(name).locator(".job-last")).to_contain_text("Succeeded")
        window.open(f"jobs/{job_id}").settled()
        window.check()
        page.goto("about:blank")

    paths = {urlsplit(url).path for url in asked if url.startswith("http")} - {PREFIX}
    assert f"{PREFIX}/api/v1/jobs" in paths
    assert {path for path in paths if not path.startswith(f"{PREFIX}/")} == set()


def test_a_login_by_https_has_a_cookie_that_nobody_else_can_set_or_read(
    browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    make_pair(tmp_path, NAME)
    accounts = {"ann": bcrypt.hashpw(PASSWORD.encode(), bcrypt.gensalt(4)).decode()}
    settings = {"TRUSTED_PROXIES": "127.0.0.1", "AUTH_CREDENTIALS": accounts, "ADMIN_USER": "ann"}
    context = browser.new_context(ignore_https_errors=True)
    context.set_default_timeout(DEADLINE_MILLISECONDS)
    with serving(tmp_path, **settings) as api:
        server = block("server {").replace(PASS, f"proxy_pass {api.url};")
        server = server.replace("listen 443", f"listen 127.0.0.1:{port}")
        server = server.replace("/etc/ssl/certs/scheduler.pem", str(tmp_path / "cert.pem"))
        server = server.replace("/etc/ssl/private/scheduler.key", str(tmp_path / "key.pem"))
        with nginx(tmp_path / "nginx", server, port):
            window = Window(context.new_page(), f"https://{NAME}:{port}")

            log_in(window, "ann", "jobs")

            (cookie,) = context.cookies()
            window.live().check()
            context.close()

    assert cookie["name"] == "__Host-user"
    assert (cookie["secure"], cookie["httpOnly"], cookie["sameSite"]) == (True, True, "Lax")
