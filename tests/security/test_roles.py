"""Who may do what: every URL, every method, every role, every way in."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from tornado.web import RequestHandler

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.routes import routes
from tests.api.api_server import NONE_JOB, YEARLY, Api
from tests.security.people import NOBODY, PEOPLE, WAYS, People, Wire, people_of

# Which role each method of each URL needs, HEAD as GET: e is an editor ..., and - is everybody.
# Written by hand, and not read from the table of routes: that may change only on purpose.
# A method that a URL does not take is refused like any other first, then with 405.
COLUMNS = ("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS")
NEEDED = """
/                                  - - - - - -
/login                             - - - - - -
/logout                            - - - - - -
/passwd                            - v v e e e
/add_user                          - a a e e e
/healthz                           - - - - - -
/readyz                            - - - - - -
/static/js/app.js                  - - - - - -
/favicon.ico                       - - - - - -
/robots.txt                        - - - - - -
/nothing                           - - - - - -
/api                               - - - - - -
/api/v1                            - - - - - -
/api/v1/nothing                    - - - - - -
/api/v1/session                    - - - - - -
/api/v1/password                   v e v e e e
/api/v1/users                      a a a e e e
/api/v1/users/                     a a a e e e
/api/v1/users/nope                 a a a e e e
/api/v1/tokens                     a a e a e e
/api/v1/tokens/                    a a e a e e
/api/v1/tokens/nope                a a e a e e
/api/v1/jobs                       v e e e o o
/api/v1/jobs/                      v e e e o o
/api/v1/jobs/nope                  v e e e o o
/api/v1/jobs/nope/nope             v e e e o o
/api/v1/jobs/nope/pause            v o e e e e
/api/v1/jobs/nope/resume           v o e e e e
/api/v1/jobs/nope/skip-next        v o e e e e
/api/v1/executions                 v o e o e e
/api/v1/executions/                v o e o e e
/api/v1/executions/nope            v o e o e e
/api/v1/logs                       v e e e e e
/api/v1/job-classes                v e e e e e
/api/v1/triggers/preview           v v e e e e
/api/v1/stats                      v e e e e e
/api/v1/stats/hours                v e e e e e
/api/v1/stats/days                 v e e e e e
/api/v1/attention                  v e e e e e
/api/v1/upcoming                   v e e e e e
/api/v1/upcoming/hours             v e e e e e
/api/v1/timezones                  v e e e e e
/api/v1/about                      v e e e e e
/api/v1/tags                       v e e e e e
/api/v1/instances                  v e e e e e
/api/v1/stream                     v e e e e e
/api/v1/openapi.json               v e e e e e
"""
ROLES = {"-": None, "v": Role.VIEWER, "o": Role.OPERATOR, "e": Role.EDITOR, "a": Role.ADMIN}
# Methods that no URL takes are writes, as far as anybody knows.
UNKNOWN = ("TRACE", "CONNECT", "PROPFIND", "get", "Get", "GETX")

FILES = ("/static/", "/favicon.ico", "/robots.txt")
PREFLIGHT = {"Access-Control-Request-Method": "GET", "Origin": "http://evil.example"}

Needs = dict[tuple[str, str], Role | None]


def needs() -> Needs:
    """The role that (method, URL) needs."""
    table: Needs = {}
    for line in NEEDED.strip().splitlines():
        path, *letters = line.split()
        roles = dict(zip(COLUMNS, (ROLES[letter] for letter in letters), strict=True))
        table.update({(method, path): roles[method] for method in COLUMNS})
        table["HEAD", path] = roles["GET"]
    return table


def refusal(who: Role | None, needed: Role | None) -> int | None:
    """The status with which `who` is refused; None for who may come in."""
    if needed is None:
        return None
    if who is None:
        return 401
    return None if who.includes(needed) else 403


@pytest.fixture(scope="module")
def people(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    with people_of(tmp_path_factory.mktemp("roles")) as people:
        yield people


@pytest.fixture
def wire(people: People) -> Iterator[Wire]:
    wire = Wire(people.api.url)
    yield wire
    wire.close()


def test_the_table_has_every_url_and_every_method() -> None:
    paths = {path for _, path in needs()}
    first = {
        path: next((r for r in routes("v1") if _takes(r.pattern, path)), None) for path in paths
    }

    missing = [route.pattern for route in routes("v1") if route not in first.values()]

    assert missing == []
    assert {method for method, _ in needs()} == set(RequestHandler.SUPPORTED_METHODS)


@pytest.mark.parametrize("way", WAYS)
def test_a_request_is_refused_exactly_where_the_table_says_so(
    people: People, wire: Wire, way: str
) -> None:
    wrong = []

    for ((method, path), needed), who in itertools.product(needs().items(), PEOPLE):
        answer = wire.send(method, path, people.headers(who, way))
        expected = refusal(who, needed)
        got = answer.status if answer.status in (401, 403) else None
        if got != expected or (answer.status >= 500 and answer.status != 501):
            wrong.append((method, path, who, expected, answer.status))
        if "Set-Cookie" in answer.headers:
            # That was the logout.
            people.forget(who, way)

    assert wrong == []


def test_a_method_that_nothing_knows_is_for_nobody(people: People, wire: Wire) -> None:
    wrong = []

    for path, method, who in itertools.product(
        sorted({path for _, path in needs()}), UNKNOWN, PEOPLE
    ):
        answer = wire.send(method, path, people.headers(who, "token"))
        expected = refusal(who, Role.EDITOR) or 405
        if answer.status != expected:
            wrong.append((method, path, who, expected, answer.status))

    assert wrong == []


def _spellings(path: str) -> Iterator[str]:
    """The same path, as somebody might write it who looks for a way round."""
    parts = path.strip("/").split("/")
    for index in range(len(parts) + 1):
        for between in ("", ".", "..", "x/..", "%2e", "%2e%2e", "%2f", "%00", ";", "%20"):
            yield "/" + "/".join([*parts[:index], between, *parts[index:]])
    for index, part in enumerate(parts):
        for other in (
            f"%{ord(part[0]):02x}{part[1:]}",
            f"%25{ord(part[0]):02x}{part[1:]}",
            part.upper(),
            part.capitalize(),
            f"{part};x=y",
            f"{part}%00",
            f"{part}%0a",
            f"{part}.json",
            f"{part}%2f",
            f"{part}%3f",
            f"{part}\\",
            f"{part}%c0%ae",
        ):
            yield "/" + "/".join([*parts[:index], other, *parts[index + 1 :]])
    yield from (
        f"{path}?",
        f"{path}??",
        f"{path}#",
        f"http://localhost{path}",
        f"//localhost{path}",
    )


def test_no_spelling_of_a_url_is_a_way_round(people: People, wire: Wire) -> None:
    let_in = []

    for (method, path), needed in _one_method_for_each_role():
        who = PEOPLE[PEOPLE.index(needed) - 1]
        for spelling in dict.fromkeys(_spellings(path)):
            answer = wire.send(method, spelling, people.headers(who, "token"))
            # Not for you, nothing is here, or that is no URL.
            if answer.status not in (401, 403, 404, 400):
                let_in.append((method, spelling, who, answer.status))

    assert let_in == []


def test_what_looks_like_a_preflight_does_nothing(people: People, wire: Wire) -> None:
    wrong = []

    for (method, path), needed in needs().items():
        answer = wire.send(method, path, PREFLIGHT)
        if method == "OPTIONS":
            # Those of browsers carry no login. Files are nobody's to change, and need none.
            expected = 403 if path.startswith(FILES) else 204
        else:
            expected = refusal(NOBODY, needed)
            expected = 403 if method not in ("GET", "HEAD") else expected
        if expected is not None and answer.status != expected:
            wrong.append((method, path, answer.status))

    assert wrong == []


@pytest.mark.parametrize("who", [NOBODY, Role.VIEWER, Role.OPERATOR])
def test_a_refused_write_changes_nothing(people: People, wire: Wire, who: Role | None) -> None:
    api, admin = people.api, people.headers(Role.ADMIN, "token")
    api.session.headers.update(admin)
    job_id = api.add_job(name="stays")
    before = _everything(api)
    job = {"name": "other", "job_class_string": NONE_JOB, **YEARLY}
    user = {"name": "eve", "password": "a long password", "role": "admin"}

    refused = [
        wire.send(method, path, people.headers(who, "token"), json.dumps(body).encode()).status
        for method, path, body in [
            ("POST", "/api/v1/jobs", job),
            ("PUT", f"/api/v1/jobs/{job_id}", job),
            ("DELETE", f"/api/v1/jobs/{job_id}", {}),
            ("POST", "/api/v1/users", user),
            ("PUT", f"/api/v1/users/{Role.VIEWER.value}", {"role": "admin"}),
            ("POST", "/api/v1/tokens", {"name": "eve", "role": "admin"}),
        ]
    ]

    assert refused == [401 if who is None else 403] * 6
    assert _everything(api) == before


def _everything(api: Api) -> dict[str, Any]:
    accounts = {kind: api.get(f"/api/v1/{kind}").json()[kind] for kind in ("users", "tokens")}
    for token in accounts["tokens"]:
        del token["last_used_at"]
    return {**api.everything(), **accounts}


def _one_method_for_each_role() -> list[tuple[tuple[str, str], Role]]:
    """Of each guarded URL, one method for each role that is needed there."""
    found: dict[tuple[str, Role], str] = {}
    for (method, path), needed in needs().items():
        if needed is not None:
            found.setdefault((path, needed), method)
    return [((method, path), needed) for (path, needed), method in found.items()]


def _takes(pattern: str, path: str) -> bool:
    return re.fullmatch(pattern, path) is not None
