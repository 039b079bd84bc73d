"""A server with an account of each role, and what shows it who asks."""

from __future__ import annotations

import base64
import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import DEADLINE_SECONDS, Api, serving

NOBODY = None
# Nobody first: each may do what those before may.
PEOPLE: tuple[Role | None, ...] = (NOBODY, *Role)
WAYS = ("session", "basic", "token")

Headers = dict[str, str]


@dataclass(frozen=True)
class Answer:
    """What came back; of a stream no body."""

    status: int
    headers: http.client.HTTPMessage
    body: bytes


class People:
    """An account of each role, named as the role is, and its ways in."""

    def __init__(self, api: Api) -> None:
        self.api = api
        for role in reversed(Role):
            fields = {"name": role.value, "password": password_of(role), "role": role.value}
            headers = {} if role is Role.ADMIN else basic(Role.ADMIN)
            added = api.post("/api/v1/users", json=fields, headers=headers)
            assert added.status_code == 201, added.text
        self._headers: dict[tuple[Role, str], Headers] = {}

    def headers(self, who: Role | None, way: str) -> Headers:
        """What `who` shows the server in this way; nothing, for nobody."""
        if who is None:
            return {}
        if (who, way) not in self._headers:
            self._headers[who, way] = getattr(self, f"_{way}")(who)
        return self._headers[who, way]

    def forget(self, who: Role | None, way: str) -> None:
        """What `who` had is over; it is made anew when it is needed."""
        if who is not None:
            self._headers.pop((who, way), None)

    def _basic(self, who: Role) -> Headers:
        return basic(who)

    def _session(self, who: Role) -> Headers:
        login = {"username": who.value, "password": password_of(who)}
        answer = self.api.post("/api/v1/session", json=login, cookies={})
        assert answer.status_code == 200, answer.text
        (cookie,) = answer.cookies.items()
        self.api.session.cookies.clear()
        return {"Cookie": "=".join(cookie)}

    def _token(self, who: Role) -> Headers:
        fields = {"name": f"of {who.value}", "role": who.value}
        answer = self.api.post("/api/v1/tokens", json=fields, headers=basic(Role.ADMIN))
        assert answer.status_code == 201, answer.text
        return {"Authorization": f"Bearer {answer.json()['token']}"}


class Wire:
    """Sends URLs as they are written: other clients tidy them up first."""

    def __init__(self, url: str) -> None:
        self._connection = http.client.HTTPConnection(
            urlsplit(url).netloc, timeout=DEADLINE_SECONDS
        )

    def send(self, method: str, path: str, headers: Headers, body: bytes = b"") -> Answer:
        """The answer to one request, with a body only if `body` has one."""
        given = {"Content-Type": "application/json", **headers} if body else headers
        self._connection.request(method, path, body or None, given)
        answer = self._connection.getresponse()
        if answer.headers.get_content_type() == "text/event-stream":
            # It would go on for ever.
            self._connection.close()
            return Answer(answer.status, answer.headers, b"")
        return Answer(answer.status, answer.headers, answer.read())

    def close(self) -> None:
        self._connection.close()


@contextmanager
def people_of(
    directory: Path, server_class: type[SchedulerServer] = SchedulerServer, **changes: Any
) -> Iterator[People]:
    """A running server with an account of each role."""
    with serving(directory, server_class, **changes) as api:
        yield People(api)


def password_of(who: Role) -> str:
    return f"the password of {who.value}"


def basic(who: Role) -> Headers:
    """The header of HTTP Basic."""
    text = f"{who.value}:{password_of(who)}"
    return {"Authorization": f"Basic {base64.b64encode(text.encode()).decode()}"}
