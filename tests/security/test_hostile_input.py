"""Nasty values in every field, parameter and header: refused in words, at once; nothing breaks."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator
from typing import Any

import pytest

from ndscheduler.corescheduler.roles import Role
from tests.api.api_server import NONE_JOB, YEARLY
from tests.security.fuzzing import troubles
from tests.security.hostile import AUTHORIZATIONS, COOKIES, FORMS, HEADERS, IN_JSON, IN_URL
from tests.security.people import NOBODY, PEOPLE, WAYS, Answer, People, Wire, people_of

JOB = {"name": "x", "job_class_string": NONE_JOB, **YEARLY}
# Of each model what is asked for; everything else about it stands in the description.
GOOD: dict[str, dict[str, Any]] = {
    "JobRequest": JOB,
    "PreviewRequest": YEARLY,
    "LoginRequest": {"username": "viewer", "password": "wrong"},
    "PasswordRequest": {"password": "wrong", "new_password": "another password"},
    "UserRequest": {"name": "somebody", "password": "a long password", "role": "viewer"},
    "TokenRequest": {"name": "a token", "role": "viewer"},
}
LONG = 15_000
LONG_PATHS = ("/api/v1/jobs", "/api/v1/session")
NOT_AVAILABLE = ("delete", "/api/v1/executions/{execution_id}")


@pytest.fixture(scope="module")
def people(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    with people_of(tmp_path_factory.mktemp("hostile"), JOB_CLASS_PACKAGES=["extra_jobs"]) as people:
        # Now, since what is sent here slows down logins.
        for who, way in itertools.product(PEOPLE, WAYS):
            people.headers(who, way)
        yield people


@pytest.fixture
def wire(people: People) -> Iterator[Wire]:
    """A connection; at its end the server works, and has logged no fault of its own."""
    wire = Wire(people.api.url)
    with troubles() as seen:
        yield wire
        ready = people.api.get("/readyz").status_code
    wire.close()
    assert (ready, seen) == (200, [])


@pytest.fixture(scope="module")
def document(people: People) -> dict[str, Any]:
    answer = people.api.get("/api/v1/openapi.json", headers=people.headers(Role.ADMIN, "token"))
    document: dict[str, Any] = answer.json()
    return document


@pytest.mark.timeout(300)
def test_no_value_of_a_field_is_a_server_error(
    people: People, wire: Wire, document: dict[str, Any]
) -> None:
    headers = people.headers(Role.ADMIN, "token")
    wrong = []

    for method, path, model in _bodies(document):
        url = _aimed(path, _job_id(people))
        fields = document["components"]["schemas"][model]["properties"]
        for field, (name, text) in itertools.product((None, "unknown", *fields), IN_JSON.items()):
            # What is long takes a while to send, and is dealt with before anybody looks at fields.
            if len(text) < LONG or (field in (None, "pub_args") and path in LONG_PATHS):
                answer = wire.send(method, url, headers, _body(GOOD.get(model, {}), field, text))
                if not _is_fine(answer):
                    wrong.append((method, path, field, name, answer.status, answer.body[:200]))

    assert wrong == []


# Roles read alike: one stands for all.
@pytest.mark.parametrize("who", [NOBODY, Role.VIEWER])
def test_no_parameter_is_a_server_error(
    people: People, wire: Wire, document: dict[str, Any], who: Role | None
) -> None:
    headers = people.headers(who, "token")
    wrong = []

    for method, path, names in _queries(document):
        for name in (*(names if who is Role.VIEWER else names[:1]), "unknown"):
            queries = {key: f"{name}={value}" for key, value in IN_URL.items()}
            queries["1000 times"] = "&".join([f"{name}=1"] * 1000)
            queries["1000 values"] = "&".join(f"{name}=x{i}" for i in range(1000))
            queries["without a value"] = name
            for key, query in queries.items():
                answer = wire.send(method, f"{path}?{query}", headers)
                if not _is_fine(answer):
                    wrong.append((method, path, name, key, answer.status))

    assert wrong == []


@pytest.mark.parametrize("who", PEOPLE)
def test_no_id_is_a_server_error(
    people: People, wire: Wire, document: dict[str, Any], who: Role | None
) -> None:
    headers = people.headers(who, "token")
    wrong = []

    for path, methods in document["paths"].items():
        for method in [method for method in methods if "{" in path]:
            for name, value in IN_URL.items():
                answer = wire.send(method.upper(), _aimed(path, value), headers, b"{}")
                if not _is_fine(answer) and (answer.status, method, path) != (501, *NOT_AVAILABLE):
                    wrong.append((method, path, name, answer.status))

    assert wrong == []


@pytest.mark.parametrize(
    ("who", "way"),
    [
        (NOBODY, "session"),
        (Role.ADMIN, "session"),
    ],
)
def test_no_header_is_a_server_error(
    people: People, wire: Wire, who: Role | None, way: str
) -> None:
    shown = people.headers(who, way)
    wrong = []
    given = [
        *[("Authorization", value) for value in AUTHORIZATIONS],
        *[("Cookie", value) for value in COOKIES],
        *HEADERS,
    ]

    for method, path in (("GET", "/"), ("GET", "/api/v1/jobs"), ("POST", "/api/v1/jobs")):
        for name, value in given:
            answer = wire.send(method, path, {**shown, name: value})
            if not _is_fine(answer):
                wrong.append((method, path, name, value[:50], answer.status))

    assert wrong == []


@pytest.mark.parametrize("count", [100, 800, 5000])
def test_many_parameters_and_many_headers_are_read_or_refused(
    people: People, wire: Wire, count: int
) -> None:
    headers = people.headers(Role.VIEWER, "token")
    query = "&".join(f"p{i}=1" for i in range(count))[:30_000]

    asked = wire.send("GET", f"/api/v1/jobs?{query}", headers)
    headed = _send_many(wire, {**headers, **{f"X-{i}": "1" for i in range(count)}})

    assert asked.status == (200 if count < 1000 else 400)
    # Above 32 KiB the connection is closed.
    assert headed is None if count == 5000 else headed is not None and _is_fine(headed)


@pytest.mark.parametrize("who", [NOBODY, Role.ADMIN])
def test_no_form_is_a_server_error(people: People, wire: Wire, who: Role | None) -> None:
    wrong = []

    for path in ("/login", "/logout", "/passwd", "/add_user"):
        for number, (media_type, body) in enumerate(FORMS):
            headers = {**people.headers(who, "token"), "Content-Type": media_type}
            answer = wire.send("POST", path, headers, body)
            if not _is_fine(answer):
                wrong.append((path, number, answer.status, answer.body[:200]))

    assert wrong == []


def test_no_url_outside_of_the_api_is_a_server_error(people: People, wire: Wire) -> None:
    wrong = []

    for before in ("/", "/?", "/login?next=", "/login/", "/static/", "/static/dist/", "/api/v1/"):
        for name, value in IN_URL.items():
            answer = wire.send("GET", before + value, people.headers(Role.VIEWER, "token"))
            if answer.status >= 500:
                wrong.append((before, name, answer.status))

    assert wrong == []


@pytest.mark.parametrize("path", ["/api/v1/session", "/login"])
def test_who_is_not_logged_in_may_not_send_much(wire: Wire, path: str) -> None:
    login = b'{"username": [' + b"[]," * 22_000 + b'[]], "password": ""}'

    answer = wire.send("POST", path, {}, login)

    assert answer.status == 413


def _send_many(wire: Wire, headers: dict[str, str]) -> Answer | None:
    try:
        return wire.send("GET", "/api/v1/jobs", headers)
    except ConnectionError:
        return None


def _is_fine(answer: Answer) -> bool:
    """True for what is no server error, and names no inside of the server."""
    if answer.status >= 500 or b"Traceback" in answer.body:
        return False
    if answer.status < 400 or not answer.body:
        return True
    return set(json.loads(answer.body)) <= {"error", "field"}


def _body(good: dict[str, Any], field: str | None, text: str) -> bytes:
    """`good` with this JSON text as a field of it; without a field, the text is all."""
    if field is None:
        return text.encode()
    rest = {name: value for name, value in good.items() if name != field}
    parts = [f"{json.dumps(name)}: {json.dumps(value)}" for name, value in rest.items()]
    return ("{" + ", ".join([*parts, f"{json.dumps(field)}: {text}"]) + "}").encode()


def _job_id(people: People) -> str:
    headers = people.headers(Role.ADMIN, "token")
    added = people.api.post("/api/v1/jobs", json=JOB, headers=headers)
    job_id: str = added.json()["job_id"]
    return job_id


def _aimed(path: str, thing: str) -> str:
    return re.sub(r"\{\w+\}", lambda _: thing, path)


def _bodies(document: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """(method, path, name of the model) of whatever takes JSON."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            content = operation.get("requestBody", {}).get("content", {})
            if "application/json" in content:
                model = content["application/json"]["schema"]["$ref"].rpartition("/")[2]
                yield method.upper(), path, model


def _queries(document: dict[str, Any]) -> Iterator[tuple[str, str, list[str]]]:
    """(method, path, names of its parameters) of whatever takes some."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            names = [p["name"] for p in operation["parameters"] if p["in"] == "query"]
            if names and "{" not in path:
                yield method.upper(), path, names
