"""Guessing passwords over HTTP: slowed down, told of, and no trouble for anybody else."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from ndscheduler.server.auth import login
from tests.api.api_server import Api, wait_for
from tests.api.hashings import Hashings
from tests.api.logins import (
    BOSS,
    PASSWORD,
    add_account,
    add_token,
    audit,
    bearer,
    client,
    closed,
    log_in,
    logged_in,
)


@pytest.fixture
def hashings(monkeypatch: pytest.MonkeyPatch) -> Hashings:
    hashings = Hashings()
    hashings.watch(monkeypatch)
    return hashings


@pytest.fixture
def server(tmp_path: Path, hashings: Hashings, _extra_jobs_are_importable: None) -> Iterator[Api]:
    """A server that asks for a login, whose client boss has logged in from 127.0.0.1."""
    with closed(tmp_path) as api:
        assert api.get("/api/v1/jobs", auth=BOSS).status_code == 200
        yield api


def guess(api: Api, name: str, address: str, times: int = 1) -> list[requests.Response]:
    """The answers to wrong passwords, one after another."""
    guesser = client(api, address)
    return [log_in(guesser, name, f"wrong {i}") for i in range(times)]


def test_guesses_are_slowed_down_without_hashing(server: Api, hashings: Hashings) -> None:
    heard = guess(server, "ed", "198.51.100.9", 5)
    before = hashings.count

    refused = [
        guess(server, "ed", "198.51.100.9")[0],
        guess(server, "ed", "203.0.113.1")[0],
        client(server, "203.0.113.2").get("/api/v1/jobs", auth=("ed", PASSWORD)),
    ]

    assert [answer.status_code for answer in heard] == [401] * 5
    assert [answer.status_code for answer in refused] == [429] * 3
    assert [answer.headers["Retry-After"] for answer in refused] == ["1"] * 3
    assert "try again in 1 s" in refused[0].json()["error"]
    assert hashings.count == before


def test_an_owner_goes_on_from_where_he_has_logged_in_before(server: Api) -> None:
    add_account(server, "ann")
    owner = client(server, "192.0.2.77")
    assert log_in(owner, "ann").status_code == 200
    for i in range(5):
        guess(server, "ann", f"198.51.100.{i}")
    assert guess(server, "ann", "198.51.100.9")[0].status_code == 429

    assert log_in(owner, "ann").status_code == 200
    assert owner.get("/api/v1/jobs").status_code == 200
    # His success does not open the door to them.
    assert log_in(client(server, "192.0.2.77"), "ann").status_code == 200


def test_who_is_logged_in_notices_nothing_of_guesses(server: Api) -> None:
    add_account(server, "ann")
    ann = logged_in(server, "ann")
    headers = bearer(add_token(server)["token"])
    for i in range(20):
        guess(server, "ann", f"198.51.100.{i}")

    assert ann.get("/api/v1/jobs").status_code == 200
    assert client(server, "198.51.100.1").get("/api/v1/jobs", headers=headers).status_code == 200


def test_the_audit_log_tells_whose_account_and_from_where(server: Api) -> None:
    guess(server, "ed", "198.51.100.9", 7)

    (refused,), (slowed,) = audit(server, "login_refused"), audit(server, "login_throttled")

    assert (refused["user"], refused["remote"]) == ("ed", "198.51.100.9")
    assert refused["description"] == "A login was refused: account ed."
    assert (slowed["user"], slowed["remote"]) == ("ed", "198.51.100.9")
    assert slowed["description"] == "Logins were slowed down: account ed."


def test_a_flood_has_few_lines_of_its_own_in_the_log(
    server: Api, caplog: pytest.LogCaptureFixture
) -> None:
    guess(server, "ed", "198.51.100.9", 50)

    lines = [r.getMessage() for r in caplog.records if r.name == login.__name__]
    assert lines == [
        "A login was refused: account ed. (from 198.51.100.9)",
        "Logins were slowed down: account ed. (from 198.51.100.9)",
    ]


def test_a_login_and_a_logout_are_audited(server: Api) -> None:
    ann = client(server, "192.0.2.8")
    log_in(ann, "ed")
    ann.call("DELETE", "/api/v1/session")

    entries = [audit(server, event)[0] for event in ("login", "logout")]

    assert [(entry["user"], entry["remote"]) for entry in entries] == [("ed", "192.0.2.8")] * 2


def test_a_name_that_is_none_is_told_nowhere(
    server: Api, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    # As when somebody types the password into the field above it.
    typed = "my-Secret-Passw0rd"

    log_in(client(server, "198.51.100.9"), typed, "x")
    client(server, "198.51.100.9").post("/login", data={"username": typed, "password": "x"})
    client(server, "198.51.100.9").get("/api/v1/jobs", auth=(typed, "x"))

    (entry,) = audit(server, "login_refused")
    assert (entry["user"], entry["description"]) == ("", "A login was refused: an unknown name.")
    assert typed not in caplog.text
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or typed.encode() not in file.read_bytes(), file


ODD = "\x1b[2J\r\nX: y\x00\x7f\u202e\u2028"


def test_control_characters_reach_neither_the_log_nor_the_audit_log(
    server: Api, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    boss = client(server)
    name = requests.utils.quote(ODD)

    boss.get(f"/api/v1/users/{name}", auth=BOSS)
    boss.put(f"/api/v1/users/{name}", json={"role": "viewer"}, auth=BOSS)
    boss.call("DELETE", f"/api/v1/tokens/{name}", auth=BOSS)
    for text in (f"ann{ODD}", f"{ODD}ann", "an\x1bn"):
        fields = {"name": text, "password": PASSWORD, "role": "viewer"}
        assert boss.post("/api/v1/users", json=fields, auth=BOSS).status_code == 400
        token = {"name": text, "role": "viewer"}
        assert boss.post("/api/v1/tokens", json=token, auth=BOSS).status_code == 400
        guesser = client(server, "198.51.100.9")
        guesser.get("/api/v1/jobs", auth=(text.encode(), b"x"))
        guesser.post("/login", data={"username": text, "password": "x"})

    told = str(server.get("/api/v1/logs?limit=1000", auth=BOSS).json())
    assert not any(character in told for character in "\x1b\r\x00\x7f\u202e")
    lines = [record.getMessage() for record in caplog.records]
    assert "Account not found: \\x1b[2J\\r\\nX: y" in caplog.text
    assert [line for line in lines if not line.isprintable()] == []


def test_a_flood_of_hashing_stops_nothing_else(server: Api, hashings: Hashings) -> None:
    ed = logged_in(server, "ed")
    places = login.HASHING_THREADS + login.MAX_WAITING
    hashings.may_go_on.clear()
    with ThreadPoolExecutor(places + 10) as pool:
        try:
            # From clients of their own, since each is slowed down after 20.
            waiting = [
                pool.submit(guess, server, f"name {i}", f"10.9.{i}.1") for i in range(places)
            ]
            wait_for(lambda: server.server.context.gate.passwords.hashing._unfinished >= places)

            refused = guess(server, "name", "10.8.0.1", 3)
            health = client(server).get("/healthz")
            jobs = ed.get("/api/v1/jobs")
        finally:
            hashings.may_go_on.set()
        answers = [future.result()[0].status_code for future in waiting]

    assert [answer.status_code for answer in refused] == [503] * 3
    assert all("Retry-After" in answer.headers for answer in refused)
    assert (health.status_code, jobs.status_code) == (200, 200)
    assert answers == [401] * places


def test_hashing_does_not_hold_up_the_loop(server: Api, hashings: Hashings) -> None:
    hashings.may_go_on.clear()
    with ThreadPoolExecutor(1) as pool:
        try:
            waiting = pool.submit(guess, server, "ed", "198.51.100.9")
            wait_for(lambda: server.server.context.gate.passwords.hashing._unfinished)
            health = client(server).get("/healthz")
        finally:
            hashings.may_go_on.set()
        (answer,) = waiting.result()

    assert (health.status_code, answer.status_code) == (200, 401)
