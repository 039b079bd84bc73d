"""Each hole that release 0.x had has a test of its own here, named after what went wrong there."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
import yaml

from ndscheduler.corescheduler.password_hashes import is_hash
from tests.api.api_server import NONE_JOB, YEARLY, Api
from tests.api.logins import (
    BOSS,
    HASH,
    PASSWORD,
    add_account,
    add_token,
    client,
    closed,
    log_in,
    logged_in,
)
from tests.api.test_server_process import program, url_of

JOB = {"name": "a job", "job_class_string": NONE_JOB, **YEARLY}
READS = ("jobs", "executions", "logs", "job-classes", "stats", "users", "tokens", "stream", "tags")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def server(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server that asks for a login."""
    with closed(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture(scope="module")
def job_id(server: Api) -> str:
    job_id: str = server.post("/api/v1/jobs", json=JOB, auth=BOSS).json()["job_id"]
    return job_id


def status(api: Api) -> int:
    """How a client's request for the jobs is answered."""
    return api.get("/api/v1/jobs").status_code


# What everybody could read


@pytest.mark.parametrize("name", READS)
def test_anonymous_reads_get_401_and_no_redirect(server: Api, name: str) -> None:
    answer = client(server).get(f"/api/v1/{name}")

    assert answer.status_code == 401
    assert answer.headers["Content-Type"].startswith("application/json")
    assert answer.json().keys() == {"error"}


def test_the_page_tells_anonymous_no_job_class(server: Api) -> None:
    page = client(server).get("/")

    assert page.status_code == 200
    for word in ("extra_jobs", "AwesomeJob", "sample_job", "boss", '"ed"'):
        assert word not in page.text


@pytest.mark.usefixtures("_extra_jobs_are_importable")
def test_a_page_of_old_tells_anonymous_no_job_class(tmp_path: Path) -> None:
    (tmp_path / "old.html").write_text(
        "<script>var jobs = {% raw jobs_meta_info %}; var u = '{{ current_user }}';</script>"
    )
    page = {"TEMPLATE_DIR_PATH": str(tmp_path), "APP_INDEX_PAGE": "old.html"}
    with closed(tmp_path, **page) as api:
        anonymous, known = client(api).get("/"), api.get("/", auth=BOSS)

    assert "var jobs = [];" in anonymous.text
    assert "AwesomeJob" in known.text


def test_the_audit_log_is_no_page_with_a_script_for_anonymous(server: Api) -> None:
    answer = client(server).get("/api/v1/logs?time_range_start=2020-01-01")

    assert answer.status_code == 401
    assert "script" not in answer.text
    assert "logs" not in answer.json()


def test_no_answer_of_the_api_is_html(server: Api, job_id: str) -> None:
    name = "<script>alert(1)</script>"
    server.put(f"/api/v1/jobs/{job_id}", json={**JOB, "name": name}, auth=BOSS)

    answers = [
        server.get(f"/api/v1/jobs/{job_id}", auth=BOSS),
        server.get("/api/v1/logs?limit=100", auth=BOSS),
        server.get(f"/api/v1/{name}", auth=BOSS),
        server.post("/api/v1/jobs", data="{", auth=BOSS),
    ]

    for answer in answers:
        assert answer.headers["Content-Type"].startswith("application/json")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
    entry = answers[1].json()["logs"][0]
    assert not re.search(r"<(b|font|br)\b", str(entry["description"]))


def test_an_unknown_url_is_not_led_to_the_page(server: Api) -> None:
    for path in ("/api/v1/nope", "/nope"):
        assert client(server).get(path).status_code == 404


# Cookies and sessions


def test_anonymous_answers_set_no_cookie(server: Api) -> None:
    anonymous = client(server)
    calls = [
        anonymous.get(path)
        for path in (
            "/",
            "/login",
            "/logout",
            "/passwd",
            "/api/v1/jobs",
            "/api/v1/session",
            "/healthz",
        )
    ]
    calls.append(anonymous.post("/logout"))
    calls.append(log_in(client(server, "203.0.113.9"), "nobody", "wrong"))

    assert [answer.url for answer in calls if "Set-Cookie" in answer.headers] == []


def test_the_cookie_has_the_attributes_that_it_lacked(server: Api) -> None:
    sent = log_in(client(server)).headers["Set-Cookie"]

    assert {"HttpOnly", "SameSite=Lax", "Path=/"} <= set(sent.split("; "))


def test_the_cookie_can_not_be_made_with_a_secret_that_everybody_knows(server: Api) -> None:
    """The cookie of old was signed, by default with a secret of the documentation."""
    forged = "2|1:0|10:1700000000|4:user|8:ImJvc3Mi|" + "0" * 64

    for value in (forged, "boss", '"boss"', "ImJvc3Mi"):
        answer = client(server).get("/api/v1/jobs", headers={"Cookie": f"user={value}"})
        assert answer.status_code == 401


def test_a_cookie_is_worth_nothing_after_the_logout(server: Api) -> None:
    for logout in (("DELETE", "/api/v1/session"), ("POST", "/logout")):
        ann = logged_in(server)
        kept = ann.session.cookies.get("user")
        ann.call(*logout)

        answer = client(server).get("/api/v1/jobs", headers={"Cookie": f"user={kept}"})
        assert answer.status_code == 401


def test_old_sessions_end_with_a_new_password(server: Api) -> None:
    add_account(server, "changer")
    here, there = logged_in(server, "changer"), logged_in(server, "changer")

    here.post("/passwd", data={"password": PASSWORD, "new_pwd": "another one"})

    assert (status(here), status(there)) == (200, 401)


def test_a_logout_is_no_link(server: Api) -> None:
    ann = logged_in(server)

    ann.get("/logout")

    assert status(ann) == 200


# Passwords


def test_a_wrong_login_is_told_and_is_no_redirect(server: Api) -> None:
    stranger = client(server, "203.0.113.10")

    wrong = stranger.post("/login", data={"username": "stranger", "password": "wrong"})
    missing = stranger.post("/login", data={"username": "stranger"})

    assert (wrong.status_code, missing.status_code) == (401, 400)
    assert wrong.json()["error"] == "The user name or the password is wrong."


def test_nobody_changes_a_password_without_a_login(server: Api) -> None:
    add_account(server, "owner")
    fields = {"username": "owner", "password": PASSWORD, "new_pwd": "another one"}

    answers = [
        client(server).post("/passwd", data=fields),
        logged_in(server, "ed").post("/passwd", data=fields),
    ]

    assert [answer.status_code for answer in answers] == [401, 400]
    assert log_in(client(server), "owner", PASSWORD).status_code == 200


@pytest.mark.parametrize("new", ["", "short", " "])
def test_an_empty_password_is_refused(server: Api, new: str) -> None:
    name = f"empty{len(new)}"
    add_account(server, name)
    ann = logged_in(server, name)

    form = ann.post("/passwd", data={"password": PASSWORD, "new_pwd": new})
    rest = ann.put("/api/v1/password", json={"password": PASSWORD, "new_password": new})
    added = server.post("/add_user", data={"username": "fresh", "password": new}, auth=BOSS)

    assert {answer.status_code for answer in (form, rest, added)} == {400}
    assert log_in(client(server), name).status_code == 200
    assert server.get("/api/v1/users/fresh", auth=BOSS).status_code == 404


def test_an_account_is_not_overwritten(server: Api) -> None:
    add_account(server, "taken", "viewer")

    answer = server.post(
        "/add_user", data={"username": "taken", "password": "another one"}, auth=BOSS
    )

    assert answer.status_code == 400
    assert log_in(client(server), "taken", PASSWORD).status_code == 200
    assert server.get("/api/v1/users/taken", auth=BOSS).json()["role"] == "viewer"


def test_who_is_no_admin_is_told_so_by_the_status(server: Api) -> None:
    fields = {"username": "fresh", "password": "a password"}

    as_editor = client(server).post("/add_user", data=fields, auth=("ed", PASSWORD))
    as_nobody = client(server).post("/add_user", data=fields)

    assert (as_editor.status_code, as_nobody.status_code) == (403, 401)
    assert server.get("/api/v1/users/fresh", auth=BOSS).status_code == 404


def test_no_hash_is_in_an_answer(server: Api) -> None:
    add_token(server)
    paths = ("users", "users/boss", "tokens", "session", "logs?limit=1000", "about")

    texts = [server.get(f"/api/v1/{path}", auth=BOSS).text for path in paths]
    texts.append(server.get("/", auth=BOSS).text)

    for text in texts:
        assert "$2b$" not in text
        assert HASH not in text


def test_the_settings_are_never_written_to(tmp_path: Path) -> None:
    file = tmp_path / "config.yaml"
    text = f"# A comment of the operator.\nAUTH_CREDENTIALS:\n  boss: {HASH}\nADMIN_USER: boss\n"
    file.write_text(text)
    assert is_hash(yaml.safe_load(text)["AUTH_CREDENTIALS"]["boss"])
    with program(tmp_path, ["-p", "0", "-y", str(file)]) as process:
        url = url_of(process)
        new = {"password": PASSWORD, "new_pwd": "another one"}
        added = {"username": "ann", "password": "a password"}
        answers = [
            requests.post(f"{url}/passwd", data=new, auth=BOSS, timeout=60),
            requests.post(f"{url}/add_user", data=added, auth=BOSS, timeout=60),
            requests.get(f"{url}/api/v1/jobs", auth=("ann", "a password"), timeout=60),
        ]
        process.terminate()
        process.wait(60)

    assert [answer.status_code for answer in answers] == [400, 201, 200]
    assert file.read_text() == text
    assert sorted(path.name for path in tmp_path.glob("config*")) == ["config.yaml"]


# Requests of other sites

WRITES = [
    ("POST", "/api/v1/jobs"),
    ("PUT", "/api/v1/jobs/{id}"),
    ("PATCH", "/api/v1/jobs/{id}"),
    ("OPTIONS", "/api/v1/jobs/{id}"),
    ("DELETE", "/api/v1/jobs/{id}"),
    ("POST", "/api/v1/executions/{id}"),
    ("POST", "/passwd"),
    ("POST", "/add_user"),
    ("POST", "/logout"),
    ("PUT", "/api/v1/password"),
    ("POST", "/api/v1/users"),
    ("POST", "/api/v1/tokens"),
]


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=["origin", "null", "cross-site", "same-site"],
)
@pytest.mark.parametrize(("method", "path"), WRITES)
def test_a_page_of_another_site_changes_nothing(
    server: Api, job_id: str, method: str, path: str, headers: dict[str, str]
) -> None:
    ann = logged_in(server)
    before = server.get("/api/v1/logs?limit=1", auth=BOSS).json()["total"]

    answer = ann.call(method, path.format(id=job_id), json=JOB, headers=headers)

    assert answer.status_code == 403
    assert server.get("/api/v1/logs?limit=1", auth=BOSS).json()["total"] == before
    assert status(ann) == 200


def test_a_form_of_another_site_adds_no_job(server: Api) -> None:
    ann = logged_in(server)

    answers = [
        ann.post("/api/v1/jobs", data=json.dumps(JOB), headers={"Content-Type": kind})
        for kind in ("text/plain", FORM, "multipart/form-data; boundary=x", "")
    ]

    assert {answer.status_code for answer in answers} == {400}


def test_a_preflight_resumes_no_job(server: Api, job_id: str) -> None:
    server.post(f"/api/v1/jobs/{job_id}/pause", auth=BOSS)
    asks = {"Access-Control-Request-Method": "PUT", "Origin": "https://evil.example"}

    answer = logged_in(server).call("OPTIONS", f"/api/v1/jobs/{job_id}", headers=asks)

    assert answer.ok
    assert not [name for name in answer.headers if name.startswith("Access-Control-Allow")]
    assert server.get(f"/api/v1/jobs/{job_id}", auth=BOSS).json()["next_run_time"] == ""


# What was done to jobs


def test_what_a_request_names_is_not_imported(server: Api) -> None:
    answer = server.post("/api/v1/jobs", json={**JOB, "job_class_string": "os.system"}, auth=BOSS)

    assert answer.status_code == 400


def test_the_audit_log_names_who_is_logged_in(server: Api) -> None:
    ed = logged_in(server, "ed")
    job_id = ed.post("/api/v1/jobs", json=JOB).json()["job_id"]

    answer = server.get("/api/v1/logs", params={"job_id": job_id, "limit": 5}, auth=BOSS)
    (entry,) = answer.json()["logs"]

    assert (entry["event"], entry["user"], entry["remote"]) == ("added", "ed", "127.0.0.1")


def test_no_input_shows_a_traceback(server: Api) -> None:
    for body in ("", "null", "[]", '"x"', "{", '{"name": null}'):
        answer = server.post(
            "/api/v1/jobs", data=body, headers={"Content-Type": "application/json"}, auth=BOSS
        )
        assert answer.status_code == 400
        assert "Traceback" not in answer.text
