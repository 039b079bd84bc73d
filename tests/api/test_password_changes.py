"""Changing passwords, and the forms of 0.x."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.api.api_server import Api
from tests.api.logins import (
    BOSS,
    HASH,
    PASSWORD,
    add_account,
    client,
    closed,
    cookie,
    log_in,
    logged_in,
    status,
)


@pytest.fixture(scope="module")
def server(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server that asks for a login."""
    with closed(tmp_path_factory.mktemp("server")) as api:
        yield api


def test_a_new_password_ends_all_sessions_but_the_one_that_asks(server: Api) -> None:
    add_account(server, "ann")
    here, there = logged_in(server, "ann"), logged_in(server, "ann")
    before = cookie(here)

    answer = here.put(
        "/api/v1/password", json={"password": PASSWORD, "new_password": "another one"}
    )

    assert answer.status_code == 200
    assert status(here) == 200
    assert status(there) == 401
    assert cookie(here) != before
    assert client(server).get("/api/v1/jobs", cookies={"user": before}).status_code == 401
    assert log_in(client(server), "ann", PASSWORD).status_code == 401
    assert log_in(client(server), "ann", "another one").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", "another one", "password"),
        (PASSWORD, "", "new_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "x" * 2000, "new_password"),
        (PASSWORD, "nul\0 inside", None),
    ],
)
def test_a_password_that_can_not_be_changed_stays(
    server: Api, old: str, new: str, field: str | None, request: pytest.FixtureRequest
) -> None:
    name = f"p{abs(hash(request.node.callspec.id))}"
    add_account(server, name)
    ann = logged_in(server, name)

    answer = ann.put("/api/v1/password", json={"password": old, "new_password": new})

    assert answer.status_code == 400
    assert field is None or answer.json()["field"] == field
    assert new not in answer.text or not new
    assert status(ann) == 200
    assert log_in(client(server), name).status_code == 200


def test_passwords_of_the_settings_are_not_changed_here(server: Api) -> None:
    boss = logged_in(server)

    own = boss.put("/api/v1/password", json={"password": PASSWORD, "new_password": "another one"})
    other = boss.put("/api/v1/users/ed", json={"password": "another one"})
    added = boss.post(
        "/api/v1/users", json={"name": "ed", "password": "another one", "role": "admin"}
    )

    assert [answer.status_code for answer in (own, other, added)] == [400, 400, 400]
    assert log_in(client(server), "ed").status_code == 200


def test_a_login_of_old_and_its_cookie_jar_work(server: Api, tmp_path: Path) -> None:
    jar, url = str(tmp_path / "jar"), server.url
    form = ["-d", "username=boss", "--data-urlencode", f"password={PASSWORD}"]
    curl = ["curl", "-sS", "-o", str(tmp_path / "answer"), "-w", "%{http_code}"]
    job = '{"name": "by curl", "job_class_string": "extra_jobs.probe_jobs.NoneJob", "minute": "59"}'
    post = ["-X", "POST", "-H", "Content-Type: application/json", "-d", job]

    logged = subprocess.run([*curl, "-c", jar, *form, f"{url}/login"], capture_output=True)
    posted = subprocess.run([*curl, "-b", jar, *post, f"{url}/api/v1/jobs"], capture_output=True)
    refused = subprocess.run([*curl, *post, f"{url}/api/v1/jobs"], capture_output=True)

    assert [one.stdout for one in (logged, posted, refused)] == [b"302", b"201", b"401"]
    names = [job["name"] for job in server.get("/api/v1/jobs", auth=BOSS).json()["jobs"]]
    assert names.count("by curl") == 1


def test_the_forms_of_old_answer_without_a_page(server: Api) -> None:
    ann = client(server)

    answers = [
        ann.get("/login"),
        ann.get("/login?next=/api/v1/jobs"),
        ann.get("/login?next=https://evil.example/"),
        ann.get("/login?next=//evil.example/"),
        ann.get("/logout"),
        ann.get("/passwd"),
        ann.get("/add_user"),
    ]

    assert [answer.headers["Location"] for answer in answers] == [
        "./#login",
        "./#login?next=%2Fapi%2Fv1%2Fjobs",
        "./#login",
        "./#login",
        "./",
        "./#password",
        "./#users",
    ]
    assert {answer.status_code for answer in answers} == {302}


def test_the_form_of_old_changes_the_password_of_who_is_logged_in(server: Api) -> None:
    add_account(server, "old")
    ann = logged_in(server, "old")
    new = {"password": PASSWORD, "new_pwd": "another one"}

    for_another = ann.post("/passwd", data={**new, "username": "ed"})
    own = ann.post("/passwd", data={**new, "username": "old"})

    assert (for_another.status_code, own.status_code) == (400, 200)
    assert status(ann) == 200
    assert requests.get(f"{server.url}/api/v1/jobs", auth=("old", "another one")).ok


@pytest.mark.parametrize("password", [12345678, ["hunter22"], {"a": "hunter22"}, "hunter22" * 600])
def test_a_refusal_does_not_quote_a_password(server: Api, password: object) -> None:
    boss = logged_in(server)
    bodies = [
        ("POST", "/api/v1/session", {"username": "kim", "password": password}),
        ("PUT", "/api/v1/password", {"password": password, "new_password": password}),
        ("POST", "/api/v1/users", {"name": "kim", "role": "viewer", "password": password}),
        ("PUT", "/api/v1/users/kim", {"password": password}),
    ]

    for method, path, body in bodies:
        answer = boss.call(method, path, json=body)
        assert answer.status_code == 400
        assert "hunter22" not in answer.text
        assert "12345678" not in answer.text


@pytest.mark.parametrize("mark", ["$2a$", "$2b$", "$2y$"])
def test_accounts_of_the_settings_log_in_by_hashes_of_any_program(
    tmp_path: Path, mark: str
) -> None:
    line = f"user:{HASH.replace('$2b$', mark)}"
    with closed(tmp_path, AUTH_CREDENTIALS=[line], ADMIN_USER="user") as api:
        right, wrong = (
            log_in(client(api), "user", "Very$ecret"),
            log_in(client(api), "user", "Very"),
        )

    assert right.json()["role"] == "admin"
    assert wrong.status_code == 401


def test_who_is_no_admin_user_is_an_editor_and_accounts_are_listed_without_hashes(
    server: Api,
) -> None:
    listed = server.get("/api/v1/users", auth=BOSS)

    of_settings = [user for user in listed.json()["users"] if user["source"] == "settings"]
    assert [(user["name"], user["role"]) for user in of_settings] == [
        ("boss", "admin"),
        ("ed", "editor"),
    ]
    assert HASH not in listed.text
