"""Clients that ask servers without a pause, and what they were answered when."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from types import TracebackType

from ndscheduler.corescheduler.clock import uptime
from tests.chaos.processes import Server

PAUSE_SECONDS = 0.25
# Far beyond what any answer may take: what takes longer is no answer.
CLIENT_TIMEOUT_SECONDS = 20
HEALTH = "/healthz"
READY = "/readyz"
READ = "/api/v1/jobs?limit=5"


@dataclass(frozen=True, slots=True)
class Answer:
    """What one request came to."""

    request: str
    # The machine's uptime when it was sent, and how long the answer took.
    at: float
    seconds: float
    # 0 where the connection failed: `body` is then the error.
    status: int
    body: str

    @property
    def is_json(self) -> bool:
        """True if the body is a JSON object."""
        try:
            return isinstance(json.loads(self.body), dict)
        except ValueError:
            return False

    @property
    def is_refusal(self) -> bool:
        """True if it says that the database is away, as it should."""
        return self.status == 503 and self.is_json and "error" in json.loads(self.body)

    @property
    def is_api(self) -> bool:
        """True for what needs the database."""
        return self.request not in (f"GET {HEALTH}", f"GET {READY}")

    def __str__(self) -> str:
        return f"{self.request} at {self.at:.2f} {self.seconds:.3f} s {self.status} {self.body:.80}"


def ask(port: int, method: str, path: str, body: str | None = None) -> Answer:
    """The answer of the server at `port`."""
    headers = {"Content-Type": "application/json"} if body else {}
    began = uptime()
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=CLIENT_TIMEOUT_SECONDS)
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            status, text = response.status, response.read().decode()
        finally:
            connection.close()
    except (OSError, http.client.HTTPException) as error:
        status, text = 0, repr(error)
    return Answer(f"{method} {path}", began, uptime() - began, status, text)


@dataclass
class ApiWatch:
    """Four clients per server: one reads, one runs a job, two ask how the server is."""

    servers: Sequence[Server]
    job_id: str
    answers: list[Answer] = field(default_factory=list)
    _closing: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> ApiWatch:
        run = f"/api/v1/executions/{self.job_id}"
        asked = (("GET", READ), ("POST", run), ("GET", HEALTH), ("GET", READY))
        for server in self.servers:
            for method, path in asked:
                self._start(self._go_on_asking, server.port, method, path)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def burst(self, count: int) -> None:
        """Send `count` requests at once to each server: more than it has threads. Does not wait."""
        for server in self.servers:
            for _ in range(count):
                self._start(self._ask, server.port, "GET", READ)

    def close(self) -> None:
        """End the clients, once each has its last answer."""
        self._closing.set()
        for client in self._threads:
            client.join()

    def executions(self) -> list[str]:
        """The ids of the executions that were promised."""
        promised = [a for a in self.answers if a.request.startswith("POST") and a.status == 200]
        return [json.loads(answer.body)["execution_id"] for answer in promised]

    def _start(self, work: Callable[[int, str, str], None], *args: int | str) -> None:
        client = threading.Thread(target=work, args=args)
        self._threads.append(client)
        client.start()

    def _ask(self, port: int, method: str, path: str) -> None:
        self.answers.append(ask(port, method, path))

    def _go_on_asking(self, port: int, method: str, path: str) -> None:
        while not self._closing.wait(PAUSE_SECONDS):
            self._ask(port, method, path)


def slowest(answers: Iterable[Answer], which: Callable[[Answer], bool]) -> float:
    """How long the slowest of `answers` took that is `which`; fails where there is none."""
    return max(answer.seconds for answer in answers if which(answer))
