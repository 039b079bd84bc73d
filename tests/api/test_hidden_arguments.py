"""What a job class marks secret goes to nobody who may not edit jobs, by no URL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import bcrypt
import pytest
from sqlalchemy import update

from tests.api.api_server import Api, serving
from tests.api.sse import Listener

CONNECT = "extra_jobs.secret_jobs.Connect"
HIDDEN = {"$hidden": True}
CANARY = "canary-41d7"
SECRETS = {
    "pub_args": ["me", CANARY],
    "kwargs": {"token": [CANARY], "colour": "blue"},
}
SHOWN = {"pub_args": ["me", HIDDEN], "kwargs": {"token": HIDDEN, "colour": "blue"}}


# What the accounts of these roles are called, too.
PASSWORDS = {role: f"the password of the {role}" for role in ("viewer", "operator", "editor")}


@pytest.fixture(scope="module")
def api(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A server with an account of each role, which an admin asks."""
    folder = tmp_path_factory.mktemp("server")
    (folder / "old.html").write_text("{% raw jobs_meta_info %}")
    changes = {
        "TEMPLATE_DIR_PATH": str(folder),
        "APP_INDEX_PAGE": "old.html",
        "AUTH_CREDENTIALS": {"root": bcrypt.hashpw(b"root", bcrypt.gensalt(4)).decode()},
        "ADMIN_USER": ["root"],
    }
    with serving(folder, **changes) as made:
        made.session.auth = ("root", "root")
        for role, password in PASSWORDS.items():
            account = {"name": role, "password": password, "role": role}
            assert made.post("/api/v1/users", json=account).status_code == 201
        yield made


@pytest.fixture(params=["viewer", "operator"])
def role(request: pytest.FixtureRequest) -> str:
    """A role that is not shown what is secret."""
    return str(request.param)


def connect(api: Api, **fields: Any) -> str:
    return api.add_job(job_class_string=CONNECT, **{**SECRETS, **fields})


def shown_to(api: Api, role: str, path: str) -> Any:
    answer = api.get(path, auth=(role, PASSWORDS[role]))
    assert answer.status_code == 200, answer.text
    assert "canary" not in answer.text
    return answer.json()


def url_of(api: Api, role: str) -> str:
    """The server's URL, with the account of this role in it."""
    return api.url.replace("://", f"://{role}:{quote(PASSWORDS[role])}@")


def row(rows: list[dict[str, Any]], key: str, value: str) -> dict[str, Any]:
    (found,) = [each for each in rows if each[key] == value]
    return found


def arguments(shown: dict[str, Any]) -> dict[str, Any]:
    return {name: shown[name] for name in ("pub_args", "kwargs")}


def test_jobs_and_executions_hide_what_is_marked(api: Api, role: str) -> None:
    job_id = connect(api)
    execution = api.run_job(job_id)
    execution_id = execution["execution_id"]
    assert arguments(api.job(job_id)) == arguments(execution) == SECRETS

    jobs = [
        shown_to(api, role, f"/api/v1/jobs/{job_id}?include=summary"),
        row(shown_to(api, role, "/api/v1/jobs")["jobs"], "job_id", job_id),
        row(shown_to(api, role, "/api/v1/jobs?limit=1000")["jobs"], "job_id", job_id),
    ]
    executions = [
        shown_to(api, role, f"/api/v1/executions/{execution_id}?include=neighbours"),
        *(
            row(shown_to(api, role, path)["executions"], "execution_id", execution_id)
            for path in (
                "/api/v1/executions",
                "/api/v1/executions?limit=1000",
                "/api/v1/executions?limit=1000&include=brief",
            )
        ),
    ]

    assert [arguments(each) for each in (*jobs, *executions)] == [SHOWN] * 7
    assert [each["job"]["pub_args"] for each in executions] == [SHOWN["pub_args"]] * 4


def test_the_audit_log_hides_arguments(api: Api, role: str) -> None:
    job_id = connect(api)
    change = {"name": "other", "job_class_string": CONNECT, "minute": "1"}
    api.put(f"/api/v1/jobs/{job_id}", json={**change, "pub_args": ["me", f"{CANARY}-2"]})
    api.call("DELETE", f"/api/v1/jobs/{job_id}")
    assert CANARY in json.dumps(api.logs(job_id))

    listed = shown_to(api, role, f"/api/v1/logs?job_id={job_id}&limit=100")["logs"]
    whole = shown_to(api, role, "/api/v1/logs")["logs"]

    entries = {entry["event"]: entry for entry in listed}
    assert [entry for entry in whole if entry["job_id"] == job_id] == listed
    assert entries["modified"]["changes"]["pub_args"] == [HIDDEN, HIDDEN]
    assert entries["modified"]["changes"]["name"] == ["a job", "other"]
    assert json.loads(entries["deleted"]["description"])["pub_args"] == HIDDEN
    assert json.loads(entries["deleted"]["description"])["name"] == "other"


@pytest.mark.parametrize("kind", ["jobs", "executions", "logs"])
def test_nothing_is_found_by_what_is_hidden(api: Api, role: str, kind: str) -> None:
    job_id = connect(api, name="found by its name")
    change = {"name": "found by its name", "job_class_string": CONNECT, "minute": "1"}
    api.run_job(job_id)
    api.put(f"/api/v1/jobs/{job_id}", json={**change, "pub_args": ["me", f"{CANARY}-2"]})
    api.call("DELETE", f"/api/v1/jobs/{connect(api, name='found by its name')}")

    assert shown_to(api, role, f"/api/v1/{kind}?limit=10&q=found by")["total"] > 0
    assert shown_to(api, role, f"/api/v1/{kind}?limit=10&q=41d7")["total"] == 0
    assert (api.get(f"/api/v1/{kind}?limit=10&q=41d7").json()["total"] > 0) == (kind == "logs")


def test_a_class_that_is_gone_hides_all(api: Api, role: str) -> None:
    job_id = connect(api)
    execution_id = api.run_job(job_id)["execution_id"]
    store = api.server.scheduler_manager.get_datastore()
    with store.engine.begin() as connection:
        for table, column in ((store.tables.jobs, "id"), (store.tables.executions, "job_id")):
            gone = update(table).where(table.c[column] == job_id)
            connection.execute(gone.values(job_class_string="extra_jobs.gone.Away"))

    job = shown_to(api, role, f"/api/v1/jobs/{job_id}")
    execution = shown_to(api, role, f"/api/v1/executions/{execution_id}")

    nothing = {"pub_args": [HIDDEN, HIDDEN], "kwargs": {"token": HIDDEN, "colour": HIDDEN}}
    assert arguments(job) == arguments(execution) == nothing


def test_example_arguments_are_hidden(api: Api, role: str) -> None:
    listed = shown_to(api, role, "/api/v1/job-classes")["job_classes"]
    page = api.get("/", auth=(role, PASSWORDS[role])).text

    shown = row(listed, "job_class_string", CONNECT)
    assert shown["example_arguments"] == '["me", {"$hidden": true}]'
    assert [argument.get("secret", False) for argument in shown["arguments"]] == [False, True]
    assert CONNECT in page
    assert "example-canary" not in page
    assert "example-canary" in api.get("/").text


def test_the_stream_hides_what_is_marked(api: Api, role: str) -> None:
    with Listener(url_of(api, role)) as viewer, Listener(url_of(api, "editor")) as editor:
        viewer.event("hello")
        editor.event("hello")
        job_id = connect(api)
        execution_id = api.run_job(job_id)["execution_id"]
        api.call("DELETE", f"/api/v1/jobs/{job_id}")

        for listener, expected in ((viewer, SHOWN), (editor, SECRETS)):
            ended = {"execution_id": execution_id, "state": "succeeded"}
            assert arguments(listener.row("executions", **ended)) == expected
        told = viewer.row("logs", job_id=job_id, event="deleted")
        assert json.loads(told["description"])["pub_args"] == HIDDEN
        assert editor.row("logs", job_id=job_id, event="deleted") != told
        after = next(event.id for event in viewer.events if event.name != "hello")

    assert "canary" not in "".join(viewer.lines)
    assert "canary" in "".join(editor.lines)
    # Who comes back with the id of an event that an editor was sent is told no more than before.
    with Listener(url_of(api, role), after.rpartition("-")[0] + "-0") as again:
        again.row("logs", job_id=job_id, event="deleted")
    assert "canary" not in "".join(again.lines)


@pytest.mark.parametrize(
    "path", ["/stats", "/attention", "/upcoming", "/upcoming/hours", "/tags", "/instances"]
)
def test_no_other_answer_has_arguments(api: Api, role: str, path: str) -> None:
    connect(api)

    assert "canary" not in json.dumps(shown_to(api, role, f"/api/v1{path}"))


def test_what_was_hidden_can_not_be_sent_back(api: Api, role: str) -> None:
    job_id = connect(api)
    shown = shown_to(api, role, f"/api/v1/jobs/{job_id}")
    job = {name: shown[name] for name in ("name", "job_class_string", "trigger")}

    refused = [
        api.put(f"/api/v1/jobs/{job_id}", json={**job, "pub_args": shown["pub_args"]}),
        api.post("/api/v1/jobs", json={**job, "kwargs": shown["kwargs"]}),
        api.post(f"/api/v1/executions/{job_id}", json={"pub_args": shown["pub_args"]}),
    ]

    assert [answer.status_code for answer in refused] == [400] * 3
    assert refused[0].json()["error"] == (
        "pub_args[1]: is hidden from you: leave arguments out to keep them"
    )
    assert arguments(api.job(job_id)) == SECRETS


def test_a_value_that_looks_like_the_mask_is_kept(api: Api) -> None:
    literal = {"$dict": {"$hidden": True}}
    job_id = api.add_job(pub_args=[literal])

    assert api.job(job_id)["pub_args"] == [literal]


@pytest.mark.parametrize("body", [{"kwargs": {"k": [{"$secret": "KEY"}]}}, {"pub_args": []}])
def test_only_who_may_edit_jobs_gives_one_run_other_arguments(
    api: Api, body: dict[str, Any]
) -> None:
    job_id = api.add_job()
    path = f"/api/v1/executions/{job_id}"

    answers = {
        role: api.post(path, json=body, auth=(role, password))
        for role, password in PASSWORDS.items()
    }
    stored = api.post(path, auth=("operator", PASSWORDS["operator"]))

    assert [answer.status_code for answer in answers.values()] == [403, 403, 200]
    assert answers["operator"].json()["error"] == "This needs the role editor; yours is operator."
    assert stored.status_code == 200


def test_an_operator_runs_again_what_he_is_not_shown(api: Api) -> None:
    job_id = connect(api)
    execution_id = api.run_job(job_id)["execution_id"]

    answer = api.post(
        f"/api/v1/executions/{job_id}",
        json={"arguments_of": execution_id},
        auth=("operator", PASSWORDS["operator"]),
    )

    assert answer.status_code == 200, answer.text
    again = api.finished(answer.json()["execution_id"])
    assert arguments(again) == SECRETS
    assert again["state"] == "succeeded"


def test_only_editors_run_again_what_the_job_would_not_do_now(api: Api) -> None:
    job_id = connect(api)
    execution_id = api.run_job(job_id, pub_args=["other", "more"])["execution_id"]
    path, body = f"/api/v1/executions/{job_id}", {"arguments_of": execution_id}

    refused = api.post(path, json=body, auth=("operator", PASSWORDS["operator"]))
    taken = api.post(path, json=body, auth=("editor", PASSWORDS["editor"]))

    assert refused.status_code == 403
    assert api.finished(taken.json()["execution_id"])["pub_args"] == ["other", "more"]


def test_arguments_of_another_job_are_refused(api: Api) -> None:
    other = api.run_job(connect(api))["execution_id"]
    path = f"/api/v1/executions/{connect(api)}"

    for name in (other, "none", "\x00"):
        answer = api.post(path, json={"arguments_of": name})
        assert answer.status_code == 400
    both = api.post(path, json={"arguments_of": other, "pub_args": []})

    assert both.status_code == 400
    assert "either arguments_of" in both.json()["error"]
    assert api.post("/api/v1/executions/none", json={"arguments_of": other}).status_code == 404
