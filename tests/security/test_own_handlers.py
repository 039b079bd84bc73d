"""Handlers that users write: nobody comes in unasked, whatever they override."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import tornado.web

from ndscheduler.corescheduler.roles import Role
from ndscheduler.corescheduler.scheduler_manager import SchedulerManager
from ndscheduler.server.handlers import base, index, jobs
from ndscheduler.server.server import SchedulerServer
from tests.security.people import PEOPLE, People, Wire, people_of

METHODS = tornado.web.RequestHandler.SUPPORTED_METHODS
READS = ("GET", "HEAD")


class Own(base.BaseHandler):
    """Answers every method."""

    def get(self, *args: str) -> None:
        self.write("in")

    head = post = put = delete = patch = options = get


class OwnPrepare(Own):
    """Its `prepare` does not call ours."""

    def prepare(self) -> None:
        self.set_header("X-Prepared", "yes")


class OwnApi(base.ApiHandler):
    """Derives from the handler of the REST API, and replaces its checks."""

    def prepare(self) -> None:
        self.set_header("X-Prepared", "yes")

    def get(self, *args: str) -> None:
        self.write("in")

    post = put = delete = patch = options = get

    async def head(self, *args: str) -> None:
        self.get()


class OwnUser(Own):
    """Says itself who asks, as handlers of 0.x did."""

    def get_current_user(self) -> str | None:
        return "somebody"


@tornado.web.stream_request_body
class OwnUpload(Own):
    """Takes the body as it comes in."""

    def data_received(self, chunk: bytes) -> None:
        """Let it go."""


class OwnJobs(jobs.Handler):
    """Derives from a handler that has a row in the table, and takes a method more."""

    def prepare(self) -> None:
        self.set_header("X-Prepared", "yes")

    async def put(self, job_id: str) -> None:
        self.write("in")


class OwnPage(index.Handler):
    """Derives from a handler that serves everybody, and takes a method more."""

    collection_methods = ("GET", "HEAD", "POST")

    async def post(self) -> None:
        self.write("in")


class OwnServer(SchedulerServer):
    """Serves them."""

    def __init__(self, scheduler_instance: SchedulerManager) -> None:
        super().__init__(scheduler_instance)
        self.application.add_handlers(
            ".*",
            [
                ("/own", Own),
                ("/own-prepare", OwnPrepare),
                ("/own-api", OwnApi),
                ("/own-user", OwnUser),
                ("/own-upload", OwnUpload),
                ("/own-jobs/(.+)", OwnJobs),
                ("/own-page", OwnPage),
            ],
        )


@pytest.fixture(scope="module")
def people(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[People]:
    with people_of(tmp_path_factory.mktemp("own"), OwnServer) as people:
        yield people


@pytest.fixture
def wire(people: People) -> Iterator[Wire]:
    wire = Wire(people.api.url)
    yield wire
    wire.close()


@pytest.mark.parametrize("path", ["/own", "/own-prepare", "/own-api", "/own-user"])
def test_a_handler_of_a_users_own_is_read_by_viewers_and_written_by_editors(
    people: People, wire: Wire, path: str
) -> None:
    got = {
        (method, who): wire.send(method, path, people.headers(who, "token"), _body(method)).status
        for method in METHODS
        for who in PEOPLE
    }

    assert got == {(method, who): _expected(method, who) for method in METHODS for who in PEOPLE}


def test_a_handler_that_takes_its_body_in_parts_is_asked_first(people: People) -> None:
    got = []

    for who in PEOPLE:
        # Tornado closes the connection of such a request that is answered early. And it waits at
        # its end, which that of the fixture is, for every one that nobody has answered.
        wire = Wire(people.api.url)
        got.append(wire.send("POST", "/own-upload", people.headers(who, "token")).status)
        wire.close()

    assert got == [_expected("POST", who) for who in PEOPLE]


@pytest.mark.parametrize("path", ["/own", "/own-prepare", "/own-user", "/own-api"])
@pytest.mark.parametrize("method", METHODS)
def test_nothing_that_looks_like_a_preflight_reaches_a_handler_of_a_users_own(
    people: People, wire: Wire, path: str, method: str
) -> None:
    answer = wire.send(method, path, {"Access-Control-Request-Method": method}, _body(method))

    is_preflight = path == "/own-api" and method == "OPTIONS"
    assert answer.status == (204 if is_preflight else 401)
    assert b"in" != answer.body
    assert "X-Prepared" not in answer.headers


def test_a_handler_derived_from_one_of_ours_keeps_its_roles(people: People, wire: Wire) -> None:
    got = [
        wire.send("PUT", "/own-jobs/x", people.headers(who, "token"), b"{}").status
        for who in PEOPLE
    ]

    assert got == [401, 403, 403, 200, 200]


def test_only_what_a_handler_of_ours_serves_everybody_is_public_in_one_derived_from_it(
    people: People, wire: Wire
) -> None:
    got = [
        wire.send(method, "/own-page", people.headers(who, "token"), _body(method)).status
        for method in ("GET", "POST")
        for who in PEOPLE
    ]

    assert got == [200] * 5 + [401, 403, 403, 200, 200]


def _body(method: str) -> bytes:
    return b"" if method in READS else b"{}"


def _expected(method: str, who: Role | None) -> int:
    if who is None:
        return 401
    return 200 if who.includes(Role.VIEWER if method in READS else Role.EDITOR) else 403
