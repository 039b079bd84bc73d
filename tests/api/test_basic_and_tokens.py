"""HTTP Basic and API tokens, over HTTP."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from ndscheduler.corescheduler.accounts.tokens import NewToken, Tokens
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.gate import token_hash
from ndscheduler.server.handlers import stream
from tests.api.api_server import NONE_JOB, YEARLY, Api, serving
from tests.api.logins import (
    BOSS,
    BROWSER,
    CURL,
    PASSWORD,
    add_account,
    add_token,
    audit,
    bearer,
    client,
    closed,
    datastore_of,
    log_in,
)
from tests.api.sse import Listener

JOB = {"name": "a job", "job_class_string": NONE_JOB, **YEARLY}


@pytest.fixture(scope="module")
def server(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server that asks for a login."""
    with closed(tmp_path_factory.mktemp("server")) as api:
        yield api


def basic(text: str | bytes) -> dict[str, str]:
    given = text.encode() if isinstance(text, str) else text
    return {"Authorization": f"Basic {base64.b64encode(given).decode()}"}


def status(api: Api, headers: dict[str, str]) -> int:
    """How a request for the jobs is answered."""
    return client(api).get("/api/v1/jobs", headers=headers).status_code


# HTTP Basic


def test_curl_logs_in_with_each_request(server: Api) -> None:
    curl = ["curl", "-sS", "-o", "/dev/null", "-w", "%{http_code}", f"{server.url}/api/v1/jobs"]

    statuses = [
        subprocess.run([*curl, *options], capture_output=True, text=True, check=True).stdout
        for options in (["-u", f"boss:{PASSWORD}"], ["--anyauth", "-u", f"boss:{PASSWORD}"], [])
    ]

    assert statuses == ["200", "200", "401"]


def test_who_comes_by_basic_is_told_so_and_gets_no_cookie(server: Api) -> None:
    answer = client(server).get("/api/v1/session", auth=BOSS)

    assert answer.json()["way"] == "basic"
    assert answer.json()["username"] == "boss"
    assert "Set-Cookie" not in answer.headers


def test_a_password_with_colons_and_umlauts_is_one(server: Api) -> None:
    add_account(server, "zoë", password="a:b:ü €uro")

    assert status(server, basic("zoë:a:b:ü €uro")) == 200
    assert status(server, basic("zoë:a:b")) == 401


MALFORMED = {
    "empty": "",
    "no scheme": "x",
    "no value": "Basic",
    "blank": "Basic ",
    "no base64": "Basic !!!",
    "cut base64": "Basic YQ",
    "latin": "Basic \u00fc",
    "no UTF-8": "Basic " + base64.b64encode(b"boss:\xff\xfe").decode(),
    "no colon": "Basic " + base64.b64encode(b"boss").decode(),
    "NUL in the name": "Basic " + base64.b64encode(b"bo\0ss:x").decode(),
    "NUL in the password": "Basic " + base64.b64encode(b"boss:\0").decode(),
    "nothing": "Basic " + base64.b64encode(b":").decode(),
    "long": "Basic " + base64.b64encode(b"boss:" + b"x" * 20_000).decode(),
    "another scheme": 'Digest username="boss"',
    "two": "Basic Ym9zczp4, Basic Ym9zczp4",
    "bearer of nothing": "Bearer",
    "bearer of latin": "Bearer \u00fc",
    "bearer of a session": "Bearer " + "x" * 22,
}


@pytest.mark.parametrize("header", MALFORMED.values(), ids=MALFORMED)
def test_a_header_that_is_none_is_a_401(server: Api, header: str) -> None:
    for method, path in (("GET", "/api/v1/jobs"), ("POST", "/api/v1/jobs")):
        answer = client(server, f"203.0.113.{len(header) % 250}").call(
            method, path, headers={"Authorization": header.encode("latin-1")}
        )
        assert answer.status_code == 401
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["WWW-Authenticate"].startswith("Basic")


@pytest.mark.parametrize("login", [None, ("ed", "wrong"), ("nobody", "wrong")])
def test_curl_is_told_of_basic_and_a_browser_is_not(
    server: Api, login: tuple[str, str] | None
) -> None:
    over_http = {name: value for name, value in BROWSER.items() if name == "User-Agent"}

    challenges = [
        client(server, "203.0.113.251")
        .get("/api/v1/jobs", headers=headers, auth=login)
        .headers["WWW-Authenticate"]
        for headers in (CURL, BROWSER, over_http)
    ]

    assert [challenge.partition(" ")[0] for challenge in challenges] == [
        "Basic",
        "Bearer",
        "Bearer",
    ]


def test_the_login_of_the_page_offers_no_basic(server: Api) -> None:
    browser = client(server, "203.0.113.252")
    browser.session.headers.update(BROWSER)

    answer = log_in(browser, "somebody", "wrong")

    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_what_is_refused_changes_nothing(server: Api) -> None:
    before = server.get("/api/v1/jobs", auth=BOSS).json()

    for headers in ({}, basic("someone:wrong"), bearer("x"), {"Cookie": "user=x"}):
        answer = client(server, "203.0.113.253").post("/api/v1/jobs", json=JOB, headers=headers)
        assert answer.status_code == 401

    assert server.get("/api/v1/jobs", auth=BOSS).json() == before


# API tokens


@pytest.mark.parametrize(
    ("role", "statuses"),
    [
        ("viewer", [200, 403, 403, 403]),
        ("operator", [200, 200, 403, 403]),
        ("editor", [200, 200, 201, 403]),
        ("admin", [200, 200, 201, 200]),
    ],
)
def test_a_token_may_what_its_role_may(server: Api, role: str, statuses: list[int]) -> None:
    job_id = server.post("/api/v1/jobs", json=JOB, auth=BOSS).json()["job_id"]
    headers = bearer(add_token(server, role)["token"])
    program = client(server)

    answers = [
        program.get("/api/v1/jobs", headers=headers),
        program.post(f"/api/v1/jobs/{job_id}/pause", headers=headers),
        program.post("/api/v1/jobs", json=JOB, headers=headers),
        program.get("/api/v1/users", headers=headers),
    ]

    assert [answer.status_code for answer in answers] == statuses


def test_what_a_token_does_is_audited_as_its_own(server: Api) -> None:
    token = add_token(server, "editor", name="deploy")
    job_id = (
        client(server)
        .post("/api/v1/jobs", json=JOB, headers=bearer(token["token"]))
        .json()["job_id"]
    )

    answer = server.get("/api/v1/logs", params={"job_id": job_id, "limit": 1}, auth=BOSS)

    assert answer.json()["logs"][0]["user"] == "token:deploy"


def test_a_token_is_shown_once_and_stored_as_a_hash(server: Api, tmp_path: Path) -> None:
    made = add_token(server, name="once")

    listed = server.get("/api/v1/tokens", auth=BOSS)
    table = datastore_of(server).tables.api_tokens
    rows = datastore_of(server).read(lambda connection: connection.execute(select(table)).all())

    assert made["token"].startswith("ndscheduler_")
    assert len(made["token"]) == len("ndscheduler_") + 43
    assert made["token"] not in listed.text
    assert made["token"] not in str(rows)
    assert made["token"] not in str(audit(server, "token_added"))
    assert "token" not in listed.json()["tokens"][0]
    assert listed.json()["tokens"][0]["made_by"] == "boss"


def test_the_last_use_of_a_token_is_listed(server: Api) -> None:
    made = add_token(server, name="used")

    def last_use() -> object:
        tokens = server.get("/api/v1/tokens", auth=BOSS).json()["tokens"]
        return next(token["last_used_at"] for token in tokens if token["name"] == "used")

    before = last_use()
    status(server, bearer(made["token"]))

    assert before is None
    assert last_use() is not None


def test_a_token_ends_at_its_expiry(server: Api) -> None:
    made = add_token(server, expires_at=(utc_now() + timedelta(days=1)).isoformat())
    assert status(server, bearer(made["token"])) == 200
    table = datastore_of(server).tables.api_tokens
    over = update(table).where(table.c.id == made["id"]).values(expires_at=utc_now())
    datastore_of(server).write(lambda connection: connection.execute(over))

    assert status(server, bearer(made["token"])) == 401


def test_a_token_that_would_be_over_already_is_refused(server: Api) -> None:
    body = {"name": "late", "role": "viewer", "expires_at": "2020-01-01T00:00:00Z"}

    answer = server.post("/api/v1/tokens", json=body, auth=BOSS)

    assert answer.status_code == 400
    assert answer.json()["field"] == "expires_at"


def test_a_token_that_was_revoked_lets_nobody_in(server: Api) -> None:
    made = add_token(server)

    answers = [
        server.call("DELETE", f"/api/v1/tokens/{token_id}", auth=BOSS).status_code
        for token_id in (made["id"], made["id"], "nothing", "%00", "a%2Fb")
    ]

    assert answers == [200, 404, 404, 404, 404]
    assert status(server, bearer(made["token"])) == 401


def test_a_token_ends_with_who_made_it_also_if_a_token_has_made_it(server: Api) -> None:
    add_account(server, "maker", "admin")
    first = add_token(server, "admin", auth=("maker", PASSWORD))
    body = {"name": "of a token", "role": "admin"}
    made = client(server).post("/api/v1/tokens", json=body, headers=bearer(first["token"]))
    second = made.json()
    assert (made.status_code, second["made_by"]) == (201, "maker")
    assert status(server, bearer(second["token"])) == 200

    server.put("/api/v1/users/maker", json={"is_disabled": True}, auth=BOSS)

    assert status(server, bearer(first["token"])) == 401
    assert status(server, bearer(second["token"])) == 401


def test_a_token_may_no_more_than_who_made_it_now_may(server: Api) -> None:
    add_account(server, "lower", "admin")
    headers = bearer(add_token(server, "admin", auth=("lower", PASSWORD))["token"])
    assert client(server).get("/api/v1/users", headers=headers).status_code == 200

    server.put("/api/v1/users/lower", json={"role": "viewer"}, auth=BOSS)

    assert client(server).get("/api/v1/users", headers=headers).status_code == 403
    assert status(server, headers) == 200


def test_a_token_of_an_account_that_the_settings_have_no_more_ends(tmp_path: Path) -> None:
    with closed(tmp_path, ADMIN_USER=["boss", "ed"]) as api:
        token = add_token(api, auth=("ed", PASSWORD))["token"]
        assert status(api, bearer(token)) == 200
        hashed = api.server.context.config.AUTH_CREDENTIALS["boss"]

    with closed(tmp_path, AUTH_CREDENTIALS={"boss": hashed}) as api:
        assert status(api, bearer(token)) == 401


def test_nobody_makes_himself_a_token_while_a_server_is_open(tmp_path: Path) -> None:
    body = {"name": "for later", "role": "admin"}
    with serving(tmp_path) as api:
        answer = api.post("/api/v1/tokens", json=body)

        assert answer.status_code == 400
        assert api.get("/api/v1/tokens").json()["tokens"] == []


def test_a_token_of_a_server_that_was_open_lets_nobody_in(server: Api) -> None:
    new = NewToken("of nobody", token_hash("key"), Role.ADMIN, "anonymous")

    Tokens(datastore_of(server)).add(new, Actor("anonymous"))

    assert status(server, bearer("key")) == 401


def test_a_stream_of_a_token_ends_when_it_is_revoked(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = add_token(server)
    with Listener(server.url, headers=bearer(made["token"])) as listener:
        listener.event("hello")

        server.call("DELETE", f"/api/v1/tokens/{made['id']}", auth=BOSS)

        listener.event("bye")
        listener.wait_until_over()


def test_a_stream_ends_when_who_made_its_token_is_disabled(
    server: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    # So soon it is asked again whether who listens may.
    monkeypatch.setattr(stream, "CHECK_SECONDS", 0.0)
    add_account(server, "streamer", "admin")
    made = add_token(server, auth=("streamer", PASSWORD))
    with Listener(server.url, headers=bearer(made["token"])) as listener:
        listener.event("hello")

        server.put("/api/v1/users/streamer", json={"is_disabled": True}, auth=BOSS)
        # A stream asks when it has something to tell.
        server.post("/api/v1/jobs", json=JOB, auth=BOSS)

        listener.wait_until_over()
