"""Requests that schemathesis makes of the description of the API, sent by everybody, and judged."""

from __future__ import annotations

import itertools
import logging
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import hypothesis
import requests
import schemathesis
from hypothesis import strategies as st
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_schema_conformance,
    status_code_conformance,
)

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.shapes import CRON_FIELDS
from tests.api.api_server import NONE_JOB, YEARLY
from tests.security.people import PEOPLE, People

# No answer takes longer, however busy the machine is.
DEADLINE_SECONDS = 20.0
# The last one: what the description does not allow is refused.
CHECKS = [
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    negative_data_rejection,
]
# A stream has no end: what it begins with is enough.
STREAM = "/api/v1/stream"
NOT_AVAILABLE = ("DELETE", "/api/v1/executions/{execution_id}")
# Here a role is not all that is asked for: who logs in has none, and other arguments need more.
LOGINS = ("/login", "/api/v1/session")
RUN = ("POST", "/api/v1/executions/{execution_id}")
SPARE = "spare"
SCHEDULE = ("trigger", "timezone", "start_date", "end_date", *CRON_FIELDS)


@dataclass
class Tally:
    """What was sent, and what came back."""

    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    urls: set[str] = field(default_factory=set)
    slowest: tuple[float, str] = (0.0, "")

    @property
    def total(self) -> int:
        return sum(self.counts.values())

    def add(self, who: Role | None, url: str, status: int, seconds: float) -> None:
        self.counts[name_of(who), f"{status // 100}xx"] += 1
        self.urls.add(url)
        self.slowest = max(self.slowest, (seconds, url))

    def lines(self) -> list[str]:
        """A table, role by class of status."""
        classes = sorted({kind for _, kind in self.counts})
        table = [f"{self.total} requests to {len(self.urls)} methods of URLs"]
        table.append(f"{'':10}" + "".join(f"{kind:>8}" for kind in classes))
        for who in PEOPLE:
            cells = [f"{self.counts[name_of(who), kind]:8}" for kind in classes]
            table.append(f"{name_of(who):10}" + "".join(cells))
        table.append("slowest: {:.2f} s, {}".format(*self.slowest))
        return table


class Fuzzer:
    """Sends every request that it is given as everybody, and fails at an answer that may not be."""

    def __init__(self, people: People) -> None:
        self.tally = Tally()
        self._people = people
        self._url = people.api.url
        self._session = requests.Session()
        headers = people.headers(Role.ADMIN, "token")
        document = people.api.get("/api/v1/openapi.json", headers=headers).json()
        self._paths = document["paths"]
        self.operations = [
            found.ok()
            for found in schemathesis.openapi.from_dict(strict(document)).get_all_operations()
        ]
        fields = {"name": SPARE, "password": "a spare password", "role": "viewer"}
        people.api.post("/api/v1/users", json=fields, headers=headers)
        self._turn = itertools.cycle(range(len(PEOPLE)))

    def close(self) -> None:
        self._session.close()

    def run(self, operation: Any, mode: GenerationMode, examples: int, seed: int) -> None:
        """Send so many requests of one kind, each once for every role."""
        strategy = operation.as_strategy(generation_mode=mode)
        there = self._something()

        @hypothesis.seed(seed)
        @hypothesis.settings(
            max_examples=examples,
            database=None,
            deadline=None,
            phases=[hypothesis.Phase.generate],
            suppress_health_check=list(hypothesis.HealthCheck),
        )
        @hypothesis.given(case=strategy, is_aimed=st.booleans())
        def send(case: Case, is_aimed: bool) -> None:
            if is_aimed and mode is GenerationMode.POSITIVE:
                aim(case, there)
            # Whoever comes first may take away what the others ask for.
            first = next(self._turn)
            for who in (*PEOPLE[first:], *PEOPLE[:first]):
                self._send(case, who)

        try:
            send()
        except hypothesis.errors.Unsatisfiable:
            # A URL that takes nothing can get nothing wrong.
            assert mode is GenerationMode.NEGATIVE

    def _send(self, case: Case, who: Role | None) -> None:
        headers = self._people.headers(who, "token")
        began = time.monotonic()
        if case.path == STREAM:
            status = self._look_into_stream(case, headers)
        else:
            answer = case.call(
                base_url=self._url,
                session=self._session,
                headers=headers,
                timeout=DEADLINE_SECONDS,
                allow_redirects=False,
            )
            # PHP writes an empty object as [], which is taken for one.
            checks = CHECKS if case.body != [] else CHECKS[:-1]
            case.validate_response(answer, checks=checks)
            status = answer.status_code
        seconds = time.monotonic() - began
        self.tally.add(who, f"{case.method} {case.path}", status, seconds)
        self._judge(case, who, status)

    def _look_into_stream(self, case: Case, headers: dict[str, str]) -> int:
        with requests.get(
            self._url + STREAM,
            params=case.query,
            headers=headers,
            stream=True,
            timeout=DEADLINE_SECONDS,
        ) as answer:
            return answer.status_code

    def _judge(self, case: Case, who: Role | None, status: int) -> None:
        at = (case.method, case.path)
        assert status < 500 or (status == 501 and at == NOT_AVAILABLE), (at, who, status)
        needed = self._paths[case.path][case.method.lower()]["x-role"]
        if needed is None:
            assert status != 401 or case.path in LOGINS, (at, who, status)
        elif who is None:
            # What is made up for nobody may be a login, and there are many.
            assert status in (401, 429), (at, status)
        elif not who.includes(Role(needed)):
            assert status == 403, (at, who, status)
        else:
            assert status != 401, (at, who)
            assert status != 403 or (at == RUN and who is Role.OPERATOR), (at, who)

    def _something(self) -> dict[str, str]:
        """Ids of a job, of an account and of a token that are there."""
        api = self._people.api
        job = {"name": "there", "job_class_string": NONE_JOB, **YEARLY}
        token = {"name": "there", "role": "viewer"}
        headers = self._people.headers(Role.ADMIN, "token")
        job_id = api.post("/api/v1/jobs", json=job, headers=headers).json()["job_id"]
        run = api.post(f"/api/v1/executions/{job_id}", headers=headers).json()
        made = api.post("/api/v1/tokens", json=token, headers=headers).json()
        return {"job_id": job_id, "name": SPARE, "token_id": made["id"], **run}


def aim(case: Case, there: dict[str, str]) -> None:
    """Let `case` ask for something that is there, and add jobs that can be added."""
    if (case.method, case.path) == RUN:
        there = {**there, "execution_id": there["job_id"]}
    case.path_parameters = {
        name: there.get(name, value) for name, value in (case.path_parameters or {}).items()
    }
    if isinstance(case.body, dict) and "job_class_string" in case.body:
        unscheduled = {name: value for name, value in case.body.items() if name not in SCHEDULE}
        case.body = {**unscheduled, "job_class_string": NONE_JOB, **YEARLY}


def strict(schema: Any) -> Any:
    """The same description, but what it does not name in an answer may not be there."""
    if isinstance(schema, list):
        return [strict(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    parts = {name: strict(part) for name, part in schema.items()}
    if isinstance(parts.get("properties"), dict) and "required" in parts:
        parts.setdefault("additionalProperties", False)
    return parts


def name_of(who: Role | None) -> str:
    return "nobody" if who is None else who.value


class Troubles(logging.Handler):
    """Keeps what the server logs as its own fault."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        # The access log says of 501 that it is an error.
        if record.name != "tornado.access" and (record.exc_info or record.levelno >= logging.ERROR):
            self.seen.append(logging.Formatter("%(name)s: %(message)s").format(record))


@contextmanager
def troubles() -> Iterator[list[str]]:
    """What the server logs as its own fault, meanwhile."""
    handler = Troubles()
    logging.getLogger().addHandler(handler)
    try:
        yield handler.seen
    finally:
        logging.getLogger().removeHandler(handler)
