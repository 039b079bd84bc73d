"""A browser that is logged in here visits pages of others: they change nothing and read nothing."""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.api.api_server import NONE_JOB, YEARLY, Api, serving
from tests.security.evil_site import EvilSite, evil_site
from tests.ui.conftest import browser

__all__ = ["browser"]

ANN = {"username": "ann", "password": "correct horse"}
EVE = {"username": "eve", "password": "battery staple"}
# For a browser another host is another site; another port of the same host is the same site, to
# which it sends the cookie also with SameSite=Lax.
HOSTS = {"another site": "localhost", "another origin of the same site": "127.0.0.1"}


@dataclass(frozen=True)
class World:
    """A scheduler with a paused job, whose admin is logged in in `context`; and the other site."""

    api: Api
    context: BrowserContext
    site: EvilSite
    job: str

    def visit(self, host: str, html: str) -> Page:
        """A page of the other site that the user opens."""
        self.site.page = f"<!DOCTYPE html><title>kittens</title>{html}"
        page = self.context.new_page()
        page.goto(self.site.url(host))
        return page

    def everything(self) -> str:
        """What must stay as it is: jobs, accounts, executions, and who is logged in."""
        read = self.context.request
        paths = ("jobs", "users", "tokens", "executions?limit=1000", "session")
        answers = [read.get(f"{self.api.url}/api/v1/{path}") for path in paths]
        assert [answer.status for answer in answers] == [200] * len(paths)
        return json.dumps([answer.json() for answer in answers], sort_keys=True)


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    with serving(tmp_path_factory.mktemp("victim")) as api:
        for who in (ANN, EVE):
            body = {"name": who["username"], "password": who["password"], "role": "admin"}
            made = api.post("/api/v1/users", json=body)
            assert made.status_code == 201, made.text
            api.session.auth = (ANN["username"], ANN["password"])
        yield api


@pytest.fixture
def world(api: Api, browser: Browser) -> Iterator[World]:
    body = {"name": "victim", "job_class_string": NONE_JOB, **YEARLY}
    job = api.post("/api/v1/jobs", json=body).json()["job_id"]
    api.post(f"/api/v1/jobs/{job}/pause")
    context = browser.new_context()
    with evil_site() as site:
        answer = context.request.post(f"{api.url}/api/v1/session", data=ANN)
        assert answer.ok
        yield World(api, context, site, job)
    context.close()


JSON_JOB = json.dumps({"name": "evil", "job_class_string": NONE_JOB, "minute": "*"})
FORM_KINDS = ("application/x-www-form-urlencoded", "text/plain", "multipart/form-data")
FORM_PATHS = (
    "/api/v1/jobs",
    "/api/v1/executions/JOB",
    "/api/v1/jobs/JOB/resume",
    "/api/v1/users",
    "/logout",
    "/passwd",
    "/add_user",
)
FIELDS = {"username": "mallory", "password": "correct horse", "new_pwd": "password of mallory"}
WRITES = (
    ("POST", "/api/v1/jobs", JSON_JOB),
    ("POST", "/api/v1/executions/JOB", None),
    ("POST", "/api/v1/jobs/JOB/resume", None),
    ("DELETE", "/api/v1/jobs/JOB", None),
    ("PATCH", "/api/v1/jobs/JOB", None),
    ("OPTIONS", "/api/v1/jobs/JOB", None),
    ("DELETE", "/api/v1/session", None),
    ("POST", "/api/v1/tokens", json.dumps({"name": "evil", "role": "admin"})),
    ("PUT", "/api/v1/users/ann", json.dumps({"role": "viewer"})),
)


def form(number: int, action: str, fields: dict[str, str], kind: str = FORM_KINDS[0]) -> str:
    """A form that sends itself, and says in `window.loaded` when it is answered."""
    inputs = "".join(f"<input name='{name}' value='{text}'>" for name, text in fields.items())
    return (
        f"<iframe name=there{number}></iframe>"
        f"<form id=f{number} method=post enctype='{kind}' action='{action}' target=there{number}>"
        f"{inputs}</form><script>window.loaded ??= 0;"
        f"document.querySelector('[name=there{number}]').onload = () => loaded++;"
        f"f{number}.submit()</script>"
    )


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_the_forms_of_another_site_do_nothing(world: World, host: str) -> None:
    before = world.everything()
    attempts = list(itertools.product(FORM_KINDS, FORM_PATHS))

    forms = (
        form(number, world.api.url + path.replace("JOB", world.job), FIELDS, kind)
        for number, (kind, path) in enumerate(attempts)
    )
    page = world.visit(host, "".join(forms))
    page.wait_for_function(f"window.loaded >= {len(attempts)}")

    assert world.everything() == before


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
@pytest.mark.parametrize("mode", ["cors", "no-cors"])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
def test_the_scripts_of_another_site_do_nothing(
    world: World, host: str, mode: str, kind: str
) -> None:
    before = world.everything()

    page = world.visit(host, "")
    ended = [
        page.evaluate(
            """([url, options]) => fetch(url, {credentials: "include", ...options})
                .then((answer) => answer.text(), () => "refused")""",
            [
                world.api.url + path.replace("JOB", world.job),
                {
                    "method": method,
                    "mode": mode,
                    "headers": {"Content-Type": kind},
                    **({"body": body} if body else {}),
                },
            ],
        )
        for method, path, body in WRITES
    ]

    # What no-cors brings back can not be read.
    assert set(ended) <= {"refused", ""}
    assert world.everything() == before


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_a_page_of_another_site_reads_nothing(world: World, host: str) -> None:
    page = world.visit(host, "")
    ended = page.evaluate(
        """(url) => fetch(url, {credentials: "include"})
            .then((answer) => answer.text(), () => "refused")""",
        f"{world.api.url}/api/v1/jobs",
    )
    assert ended == "refused"

    streaming = (
        f"<script>const s = new EventSource('{world.api.url}/api/v1/stream',"
        " {withCredentials: true});"
        "s.onmessage = s.onopen = () => { document.title = 'read'; };"
        "s.onerror = () => { document.title = 'refused'; };</script>"
    )
    page = world.visit(host, streaming)
    page.wait_for_function("document.title !== 'kittens'")
    assert page.title() == "refused"


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_a_page_of_another_site_can_not_frame_ours(world: World, host: str) -> None:
    page = world.visit(host, f"<iframe src='{world.api.url}/' onload='window.loaded = 1'></iframe>")
    page.wait_for_function("window.loaded >= 1")

    assert [frame.url for frame in page.frames[1:]] == ["chrome-error://chromewebdata/"]


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_a_window_that_another_site_opened_is_out_of_its_reach(world: World, host: str) -> None:
    page = world.visit(host, "<button id=b>kittens</button>")
    page.evaluate(f"b.onclick = () => {{ window.ours = window.open('{world.api.url}/'); }}")
    with page.expect_popup() as opened:
        page.click("#b")
    opened.value.wait_for_load_state("load")

    assert opened.value.evaluate("window.opener") is None


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_nobody_is_logged_in_as_somebody_else_by_another_site(world: World, host: str) -> None:
    page = world.visit(host, form(0, f"{world.api.url}/login", EVE))
    page.wait_for_function("window.loaded >= 1")

    shown = world.context.request.get(f"{world.api.url}/api/v1/session").json()
    assert shown["username"] == "ann"


@pytest.mark.parametrize("host", HOSTS.values(), ids=HOSTS.keys())
def test_the_links_of_another_site_change_nothing(world: World, host: str) -> None:
    before = world.everything()

    for path in ("/logout", "/login", "/passwd", "/add_user", "/api/v1/session"):
        page = world.visit(host, f"<a id=a href='{world.api.url}{path}'>kittens</a>")
        page.click("#a")
        page.wait_for_url(f"{world.api.url}/**")
        page.close()

    assert world.everything() == before


def test_no_script_of_a_page_of_ours_reads_the_cookie(world: World) -> None:
    page = world.context.new_page()
    page.goto(f"{world.api.url}/")
    (cookie,) = world.context.cookies()

    assert page.evaluate("document.cookie") == ""
    assert (cookie["httpOnly"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")


def test_no_inline_script_and_no_script_of_others_runs_on_our_page(world: World) -> None:
    page = world.context.new_page()
    page.goto(f"{world.api.url}/")
    world.site.page = "window.ran = 1"
    ran = page.evaluate(
        """(other) => new Promise((done) => {
            const inline = document.createElement("script");
            inline.textContent = "window.ran = 1";
            const foreign = document.createElement("script");
            foreign.src = other;
            foreign.onload = foreign.onerror = () => done(window.ran ?? 0);
            document.body.append(inline, foreign);
        })""",
        world.site.url("localhost"),
    )

    assert ran == 0
