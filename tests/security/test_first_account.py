"""Closed by default: what a server without accounts does, as a real process at a real address."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests
from sqlalchemy import select
from tornado.netutil import bind_sockets

from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.server.listener import Listener
from ndscheduler.server.server import SchedulerServer
from tests.api.api_server import Api, serving, wait_for
from tests.api.logins import BOSS, HASH, PASSWORD, cheap_hashes, client, datastore_of, log_in
from tests.api.sse import Listener as StreamListener
from tests.api.test_server_process import ROOT, program
from tests.databases import PROVIDER_PATHS, db_config, table_names

EVERYWHERE = ["-p", "0", "-a", "0.0.0.0"]
FIRST = {"name": "boss", "password": PASSWORD, "role": "admin"}


class Started:
    """A server process, and what it had said when it began to serve."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self.said = ""
        assert process.stderr is not None
        for line in process.stderr:
            self.said += line
            found = re.search(r"serves https?://\S+:(\d+)", line)
            if found:
                self.url = f"http://127.0.0.1:{found[1]}"
                return
        raise AssertionError(f"the server did not start: {self.said}")

    @property
    def password(self) -> str | None:
        """The password of the first account, where it was printed."""
        found = re.search(r"^    (\S{20})$", self.said, re.MULTILINE)
        return found[1] if found else None

    def stop(self) -> str:
        """All that it said, in the end, on both streams."""
        self._process.terminate()
        out, err = self._process.communicate(timeout=60)
        assert self._process.returncode == 0
        return out + self.said + err


def login_status(url: str, name: str, password: str) -> int:
    fields = {"username": name, "password": password}
    return requests.post(f"{url}/api/v1/session", json=fields, timeout=60).status_code


def jobs_status(url: str) -> int:
    return requests.get(f"{url}/api/v1/jobs", timeout=60).status_code


def test_a_server_for_others_makes_one_account_and_prints_its_password_once(tmp_path: Path) -> None:
    with program(tmp_path, EVERYWHERE) as process:
        started = Started(process)
        password = started.password
        assert password is not None
        assert jobs_status(started.url) == 401
        assert login_status(started.url, "admin", password) == 200
        assert login_status(started.url, "admin", "admin") == 401
        logs = requests.get(
            f"{started.url}/api/v1/logs?limit=100", auth=("admin", password), timeout=60
        )
        said = started.stop()

    with program(tmp_path, EVERYWHERE) as process:
        again = Started(process)
        assert again.password is None
        assert "was made" not in again.said
        assert login_status(again.url, "admin", password) == 200
        assert password not in again.stop()

    assert said.count(password) == 1
    # Not through the log, whose lines begin with a time.
    assert re.search(rf"^    {password}$", said, re.MULTILINE)
    assert "user_added" in logs.text
    assert password not in logs.text
    for file in tmp_path.rglob("*"):
        assert file.is_dir() or password.encode() not in file.read_bytes(), file


@pytest.fixture
def environment(kind: str, prefix: str, datastore: DatastoreBase, tmp_path: Path) -> dict[str, str]:
    """The settings of servers that share a database of this kind."""
    return {
        "NDSCHEDULER_DATABASE_CLASS": PROVIDER_PATHS[kind],
        "NDSCHEDULER_DATABASE_CONFIG_DICT": str(db_config(kind, tmp_path)),
        "NDSCHEDULER_DATABASE_TABLENAMES": str(table_names(prefix)),
    }


def test_two_servers_that_start_at_once_make_one_account(
    environment: dict[str, str], datastore: DatastoreBase, tmp_path: Path
) -> None:
    with (
        program(tmp_path, EVERYWHERE, **environment) as first,
        program(tmp_path, EVERYWHERE, **environment) as second,
    ):
        started = [Started(first), Started(second)]
        (password,) = {one.password for one in started} - {None}
        assert password is not None
        statuses = [login_status(one.url, "admin", password) for one in started]

        # They share the key of the logins too: a session of one is one of the other.
        session = requests.Session()
        fields = {"username": "admin", "password": password}
        session.post(f"{started[0].url}/api/v1/session", json=fields, timeout=60)
        shared = session.get(f"{started[1].url}/api/v1/jobs", timeout=60).status_code
        for one in started:
            one.stop()

    assert statuses == [200, 200]
    assert shared == 200
    assert [account.name for account in datastore.read(datastore.users.all)] == ["admin"]


def test_no_account_is_made_where_the_settings_have_one_or_want_none(tmp_path: Path) -> None:
    for number, (name, value) in enumerate(
        [("AUTH", "none"), ("AUTH_CREDENTIALS", f"{{boss: {HASH}}}")]
    ):
        directory = tmp_path / str(number)
        directory.mkdir()
        with program(directory, EVERYWHERE, **{f"NDSCHEDULER_{name}": value}) as process:
            started = Started(process)
            status = jobs_status(started.url)
            said = started.stop()

        assert "was made" not in said
        assert status == (200 if name == "AUTH" else 401)


def test_a_server_on_loopback_behind_a_proxy_makes_none_and_warns(tmp_path: Path) -> None:
    hosts = {"NDSCHEDULER_ALLOWED_HOSTS": "scheduler.example.com"}
    with program(tmp_path, ["-p", "0"], **hosts) as process:
        started = Started(process)
        status = jobs_status(started.url)
        said = started.stop()

    assert status == 200
    assert started.password is None
    assert "make one by `ndscheduler users add`" in said


@pytest.fixture
def local(tmp_path: Path, _extra_jobs_are_importable: None) -> Iterator[Api]:
    """A server on a loopback address without any account."""
    with cheap_hashes(), serving(tmp_path) as api:
        yield api


def test_a_loopback_server_is_open_until_the_first_account_is_made(local: Api) -> None:
    before = local.get("/api/v1/session").json()
    refused = local.post("/api/v1/users", json={**FIRST, "role": "editor"})
    still_open = local.get("/api/v1/jobs").status_code
    made = local.post("/api/v1/users", json=FIRST)

    assert (before["username"], before["role"], before["way"]) == ("anonymous", "admin", "open")
    assert (refused.status_code, still_open, made.status_code) == (400, 200, 201)
    assert local.get("/api/v1/jobs").status_code == 401
    assert local.post("/api/v1/users", json={**FIRST, "name": "eve"}).status_code == 401
    assert local.get("/api/v1/session").json()["login_required"]
    assert log_in(client(local)).status_code == 200


def test_an_account_that_was_disabled_keeps_a_loopback_server_closed(local: Api) -> None:
    local.post("/api/v1/users", json=FIRST)
    local.post("/api/v1/users", json={**FIRST, "name": "ann"}, auth=BOSS)

    local.put("/api/v1/users/boss", json={"is_disabled": True}, auth=("ann", PASSWORD))

    assert client(local).get("/api/v1/jobs").status_code == 401


def test_an_account_that_another_process_makes_closes_it_too(local: Api, tmp_path: Path) -> None:
    assert local.get("/api/v1/jobs").status_code == 200
    database = {"NDSCHEDULER_DATABASE_CONFIG_DICT": f"{{file_path: {tmp_path}/datastore.db}}"}

    done = subprocess.run(
        [sys.executable, "-m", "ndscheduler", "users", "add", "boss", "--role", "admin"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", **database},
        input=f"{PASSWORD}\n",
        capture_output=True,
        text=True,
    )

    assert (done.returncode, done.stdout) == (0, "Added boss as admin.\n"), done.stderr
    wait_for(lambda: local.get("/api/v1/jobs").status_code == 401)
    assert log_in(client(local)).status_code == 200


def test_a_stream_of_an_open_server_ends_with_the_first_account(local: Api) -> None:
    with StreamListener(local.url) as listener:
        listener.event("hello")

        local.post("/api/v1/users", json=FIRST)

        listener.event("bye")
        listener.wait_until_over()


class TwoAddresses(SchedulerServer):
    """A program that hands its server a socket which listens elsewhere too."""

    other: str

    async def serve(self, listener: Listener) -> None:
        bound = bind_sockets(0, _address_of_this_machine())
        host, port = bound[0].getsockname()
        self.other = f"http://{host}:{port}"
        listener.sockets.extend(bound)
        await super().serve(listener)


def test_a_loopback_server_that_is_reached_through_another_address_is_closed(
    tmp_path: Path,
) -> None:
    with serving(tmp_path, TwoAddresses) as api:
        assert isinstance(api.server, TwoAddresses)
        other = Api(api.server, api.server.other)

        assert api.get("/api/v1/jobs").status_code == 200
        assert other.get("/api/v1/jobs").status_code == 401
        assert other.post("/api/v1/users", json=FIRST).status_code == 401
        assert other.get("/healthz").status_code == 200


def _address_of_this_machine() -> str:
    """An address of this machine that is no loopback address."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            # Sends nothing: it chooses the address that packets would come from.
            probe.connect(("192.0.2.1", 9))
        except OSError:
            pytest.skip("this machine has no address but loopback")
        return str(probe.getsockname()[0])


def test_only_hashes_and_one_key_are_in_the_database(local: Api) -> None:
    local.post("/api/v1/users", json=FIRST)
    log_in(client(local))

    datastore = datastore_of(local)
    rows = datastore.read(lambda c: c.execute(select(datastore.tables.keys)).all())

    assert [(row.name, len(row.value)) for row in rows if row.name == "session"] == [
        ("session", 43)
    ]


@pytest.mark.parametrize(
    "secret",
    [
        "TODO:_change_this_to_a_random_value",
        "short",
        "x" * 60,
        "abcabcabcabcabcabcabcabcabcabc",
    ],
)
def test_a_secret_that_is_none_is_refused_in_one_sentence(tmp_path: Path, secret: str) -> None:
    with program(tmp_path, ["-p", "0"], NDSCHEDULER_SECURE_COOKIE=secret) as process:
        out, err = process.communicate(timeout=60)

    assert process.returncode == 2
    assert (out, err.count("\n")) == ("", 1)
    assert "SECURE_COOKIE must be random, with at least 24 characters" in err
    assert secret not in err
    assert not (tmp_path / "datastore.db").exists()
