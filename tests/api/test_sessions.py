"""Logging in and out: what a session is, and what ends it. Times are moved in the rows."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from ndscheduler.corescheduler.clock import utc_now
from tests.api.api_server import Api
from tests.api.logins import (
    BOSS,
    HASH,
    PASSWORD,
    add_account,
    cheap_hash,
    client,
    closed,
    cookie,
    datastore_of,
    log_in,
    logged_in,
    move_sessions,
    status,
)

HOUR = timedelta(hours=1)


@pytest.fixture(scope="module")
def server(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server that asks for a login."""
    with closed(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture
def fresh(tmp_path: Path) -> Iterator[Api]:
    """A server that asks for a login, of one test."""
    with closed(tmp_path) as api:
        yield api


def test_who_has_not_logged_in_is_asked_to(server: Api) -> None:
    answer = client(server).get("/api/v1/jobs")

    assert answer.status_code == 401
    assert answer.json() == {"error": "Log in first."}
    assert "Set-Cookie" not in answer.headers


def test_a_login_is_told_who_it_is(server: Api) -> None:
    ann = client(server)
    nobody = ann.get("/api/v1/session").json()

    answer = log_in(ann, "ed")

    assert nobody["login_required"]
    assert nobody["username"] is None
    assert answer.json() == {
        "username": "ed",
        "role": "editor",
        "way": "session",
        "source": "settings",
        "login_required": False,
    }
    assert ann.get("/api/v1/session").json() == answer.json()
    assert status(ann) == 200


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(server: Api) -> None:
    add_account(server, "sleeper")
    server.put("/api/v1/users/sleeper", json={"is_disabled": True}, auth=BOSS)

    answers = [
        log_in(client(server), "boss", "wrong"),
        log_in(client(server), "nobody", "wrong"),
        log_in(client(server), "sleeper", PASSWORD),
        log_in(client(server), "", ""),
        log_in(client(server), "BOSS", PASSWORD),
    ]

    assert {answer.status_code for answer in answers} == {401}
    assert {answer.text for answer in answers} == {
        '{"error":"The user name or the password is wrong."}'
    }
    assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_the_cookie_has_128_bits_and_no_script_reads_it(server: Api) -> None:
    answer = log_in(client(server))

    name, _, rest = answer.headers["Set-Cookie"].partition("=")
    value, *attributes = rest.split("; ")
    assert name == "user"
    assert len(value) == 22
    assert sorted(attributes) == ["HttpOnly", "Max-Age=86400", "Path=/", "SameSite=Lax"]


def test_over_https_the_cookie_is_secure_and_of_this_host_alone(tmp_path: Path) -> None:
    certificate, key = tmp_path / "cert.pem", tmp_path / "key.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"]
    names = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    made = subprocess.run([*command, *names, *files], capture_output=True)
    if made.returncode != 0:
        pytest.skip("openssl is not installed")
    directory = tmp_path / "server"
    directory.mkdir()
    # Without one the server's own check whether it is ready would not trust it.
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
        with closed(directory, SSL_CERT=str(certificate), SSL_KEY=str(key)) as api:
            answer = log_in(client(api))
            sent = answer.headers["Set-Cookie"]

            assert sent.startswith("__Host-user=")
            assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(sent.split("; "))
            value = sent.partition("=")[2].partition(";")[0]
            named = {"Cookie": f"user={value}"}
            assert client(api).get("/api/v1/jobs", headers=named).status_code == 401
            named = {"Cookie": f"__Host-user={value}"}
            assert client(api).get("/api/v1/jobs", headers=named).status_code == 200


def test_a_trusted_proxy_that_speaks_https_makes_the_cookie_secure(server: Api) -> None:
    ann = client(server)
    ann.session.headers["X-Forwarded-Proto"] = "https"

    sent = log_in(ann).headers["Set-Cookie"]

    assert sent.startswith("__Host-user=")
    assert "Secure" in sent.split("; ")


def test_only_a_hash_of_the_session_is_stored(fresh: Api, tmp_path: Path) -> None:
    ann = logged_in(fresh)

    table = datastore_of(fresh).tables.sessions
    rows = datastore_of(fresh).read(lambda connection: connection.execute(select(table)).all())

    assert len(rows) == 1
    assert len(rows[0].id_hash) == 64
    stored = b"".join(path.read_bytes() for path in tmp_path.glob("datastore.db*"))
    assert b"boss" in stored
    assert cookie(ann).encode() not in stored
    assert PASSWORD.encode() not in stored


def test_a_cookie_sent_in_is_never_adopted(server: Api) -> None:
    for planted in ("x" * 22, "", "a" * 5000, cookie(logged_in(server, "ed"))):
        ann = client(server)
        answer = ann.post(
            "/api/v1/session",
            json={"username": "boss", "password": PASSWORD},
            headers={"Cookie": f"user={planted}"},
        )

        assert answer.status_code == 200
        assert cookie(ann) != planted
        thief = client(server)
        thief.session.headers["Cookie"] = f"user={planted}"
        assert status(thief) == 401


def test_each_login_is_a_new_session_and_ends_the_one_before(server: Api) -> None:
    ann = logged_in(server)
    before = cookie(ann)

    log_in(ann)

    assert cookie(ann) != before
    assert status(ann) == 200
    assert client(server).get("/api/v1/jobs", cookies={"user": before}).status_code == 401


def test_a_logout_ends_the_session_also_for_who_has_kept_the_cookie(server: Api) -> None:
    ann, other = logged_in(server), logged_in(server)
    kept = cookie(ann)

    answer = ann.call("DELETE", "/api/v1/session")

    assert answer.status_code == 200
    assert answer.json()["login_required"]
    assert "user" not in ann.session.cookies
    assert client(server).get("/api/v1/jobs", cookies={"user": kept}).status_code == 401
    assert status(other) == 200


def test_a_logout_without_a_session_is_no_error_and_sets_no_cookie(server: Api) -> None:
    answer = client(server).call("DELETE", "/api/v1/session")

    assert answer.status_code == 200
    assert "Set-Cookie" not in answer.headers


def test_a_session_that_is_not_used_ends(fresh: Api) -> None:
    ann = logged_in(fresh)
    move_sessions(fresh, last_seen_at=utc_now() - 8 * HOUR + HOUR / 2)
    assert status(ann) == 200

    move_sessions(fresh, last_seen_at=utc_now() - 8 * HOUR)

    assert status(ann) == 401


def test_a_session_ends_at_its_age_however_much_it_is_used(fresh: Api) -> None:
    ann = logged_in(fresh)
    assert status(ann) == 200

    move_sessions(fresh, expires_at=utc_now())

    assert status(ann) == 401


@pytest.mark.parametrize(
    "change",
    [{"role": "editor"}, {"is_disabled": True}, {"password": "another one"}],
    ids=["role", "disabled", "password"],
)
def test_a_change_of_the_account_ends_its_sessions(
    server: Api, change: dict[str, object], request: pytest.FixtureRequest
) -> None:
    name = request.node.callspec.id
    add_account(server, name)
    ann = logged_in(server, name)
    assert status(ann) == 200

    answer = server.put(f"/api/v1/users/{name}", json=change, auth=BOSS)

    assert answer.status_code == 200
    assert status(ann) == 401


def test_sessions_of_another_server_of_the_database_end_too(tmp_path: Path) -> None:
    with closed(tmp_path) as one, closed(tmp_path) as two:
        add_account(one, "ann")
        ann = logged_in(two, "ann")
        here = client(one)
        here.session.cookies.update(ann.session.cookies)
        assert status(here) == 200

        one.put("/api/v1/users/ann", json={"is_disabled": True}, auth=BOSS)

        assert (status(ann), status(here)) == (401, 401)


def test_sessions_survive_a_restart(tmp_path: Path) -> None:
    with closed(tmp_path) as api:
        ann = logged_in(api)

    with closed(tmp_path) as api:
        again = client(api)
        again.session.cookies.update(ann.session.cookies)
        assert status(again) == 200


@pytest.mark.parametrize(
    "change",
    [
        {"SECURE_COOKIE": "quite another key, 0123456789"},
        {"AUTH_CREDENTIALS": {"boss": cheap_hash("another one")}},
        {"AUTH_CREDENTIALS": {"ed": HASH}},
        {"ADMIN_USER": ["ed"]},
    ],
    ids=["key", "password", "gone", "role"],
)
def test_a_change_of_the_settings_ends_sessions_at_the_next_start(
    tmp_path: Path, change: dict[str, object]
) -> None:
    with closed(tmp_path) as api:
        ann = logged_in(api)

    with closed(tmp_path, **change) as api:
        again = client(api)
        again.session.cookies.update(ann.session.cookies)
        assert status(again) == 401
