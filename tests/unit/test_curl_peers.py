"""Whom CurlJob connects to, with real servers on several loopback addresses."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pytest
import requests

from ndscheduler import settings
from ndscheduler.corescheduler.errors import PeerRefused
from simple_scheduler.jobs.curl_job import CurlJob
from tests.unit.loopback import answer_with, http_server


def curl(*args: object, **kwargs: object) -> dict[str, object]:
    return CurlJob.create_test_instance().run(*args, **kwargs)


@contextmanager
def listening(host: str, port: int = 0) -> Iterator[socket.socket]:
    """A listener that nobody answers for: a connection to it would wait in its queue."""
    with closing(socket.create_server((host, port))) as listener:
        listener.setblocking(False)
        yield listener


def was_connected(listener: socket.socket) -> bool:
    try:
        listener.accept()[0].close()
    except BlockingIOError:
        return False
    return True


def port_of(listener: socket.socket) -> int:
    return int(listener.getsockname()[1])


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[list[str]]]:
    """Host names of the test: for each the answers of the name server, one after another."""
    table: dict[str, list[list[str]]] = {}
    real = socket.getaddrinfo

    def look_up(host: str, *args: Any, **kwargs: Any) -> list[Any]:
        if host not in table:
            return real(host, *args, **kwargs)
        answers = table[host]
        addresses = answers.pop(0) if len(answers) > 1 else answers[0]
        return [found for address in addresses for found in real(address, *args, **kwargs)]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    return table


def test_an_address_outside_the_list_gets_no_connection() -> None:
    settings.CURL_JOB_ALLOW = ["127.0.0.1"]
    with http_server(answer_with(200)) as allowed, listening("127.0.0.2") as other:
        curl(allowed.url)
        with pytest.raises(PeerRefused, match=r"127\.0\.0\.2 since CURL_JOB_ALLOW") as refusal:
            curl(f"http://user:SECRET@127.0.0.2:{port_of(other)}/SECRET?token=SECRET")

        assert not was_connected(other)
    assert len(allowed.seen) == 1
    assert "SECRET" not in str(refusal.value)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_out_of_the_list_gets_no_connection(status: int) -> None:
    settings.CURL_JOB_ALLOW = ["127.0.0.1"]
    with listening("127.0.0.2") as other:
        target = f"http://127.0.0.2:{port_of(other)}/SECRET"
        with http_server(answer_with(status, Location=target)) as server:
            with pytest.raises(PeerRefused, match=r"127\.0\.0\.2") as refusal:
                curl(server.url)

        assert not was_connected(other)
    assert "SECRET" not in str(refusal.value)


@pytest.mark.parametrize(
    "host",
    [
        "169.254.169.254",
        "0xA9FEA9FE",
        "2852039166",
        "0251.0376.0251.0376",
        "169.254.43518",
        "[::ffff:169.254.169.254]",
        "[::ffff:a9fe:a9fe]",
        "[64:ff9b::a9fe:a9fe]",
        "[2002:a9fe:a9fe::1]",
        "[fe80::1]",
        "[fd00:ec2::254]",
        "100.100.100.200",
        "0.0.0.0",
        "0",
    ],
)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_metadata_services_are_refused_however_they_are_spelled(host: str, scheme: str) -> None:
    with pytest.raises(PeerRefused, match="unless CURL_JOB_ALLOW names it"):
        curl(f"{scheme}://{host}/latest/meta-data/", timeout=5)


def test_a_redirect_to_a_metadata_service_is_refused() -> None:
    with http_server(answer_with(302, Location="http://169.254.169.254/latest")) as server:
        with pytest.raises(PeerRefused, match=r"169\.254\.169\.254"):
            curl(server.url, timeout=5)


def test_a_name_that_changes_its_address_is_connected_where_it_was_checked(
    names: dict[str, list[list[str]]],
) -> None:
    settings.CURL_JOB_ALLOW = ["127.0.0.1"]
    names["rebind.example"] = [["127.0.0.1"], ["127.0.0.2"]]
    with http_server(answer_with(200, b"checked")) as server:
        port = int(server.url.rpartition(":")[2])
        with listening("127.0.0.2", port) as other:
            first = curl(f"http://rebind.example:{port}/")
            with pytest.raises(PeerRefused, match=r"127\.0\.0\.2, which is 'rebind\.example'"):
                curl(f"http://rebind.example:{port}/")

            assert not was_connected(other)
    assert first["body"] == "checked"
    assert server.seen[0].headers["Host"] == f"rebind.example:{port}"


def test_of_several_addresses_those_that_are_refused_are_passed_over(
    names: dict[str, list[list[str]]],
) -> None:
    settings.CURL_JOB_ALLOW = ["127.0.0.1"]
    names["both.example"] = [["169.254.169.254", "127.0.0.2", "127.0.0.1"]]
    names["none.example"] = [["169.254.169.254", "127.0.0.2"]]
    with http_server(answer_with(200, b"here")) as server:
        port = int(server.url.rpartition(":")[2])
        with listening("127.0.0.2", port) as other:
            answer = curl(f"http://both.example:{port}/")
            with pytest.raises(PeerRefused, match=r"169\.254\.169\.254"):
                curl(f"http://none.example:{port}/")

            assert not was_connected(other)
    assert answer["body"] == "here"


def test_an_address_that_may_be_asked_and_does_not_answer_is_the_error(
    names: dict[str, list[list[str]]],
) -> None:
    names["down.example"] = [["169.254.169.254", "127.0.0.1", "fe80::1"]]
    with listening("127.0.0.1") as listener:
        port = port_of(listener)

    with pytest.raises(requests.ConnectionError, match="Connection refused"):
        curl(f"http://down.example:{port}/")


def test_many_addresses_where_nobody_answers_take_no_more_than_the_timeout(
    names: dict[str, list[list[str]]],
) -> None:
    names["slow.example"] = [["127.0.0.1"] * 100]
    with closing(socket.create_server(("127.0.0.1", 0), backlog=0)) as full:
        with closing(socket.create_connection(full.getsockname())):
            started = time.monotonic()
            with pytest.raises(TimeoutError, match="no complete answer"):
                curl(f"http://slow.example:{port_of(full)}/", timeout=0.5)

    assert time.monotonic() - started < 20


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nothing_is_sent_where_the_peer_is_another_than_was_asked_for(scheme: str) -> None:
    settings.CURL_JOB_ALLOW = ["0.0.0.0"]
    with listening("127.0.0.1") as listener:
        with pytest.raises(PeerRefused, match=r"127\.0\.0\.1"):
            curl(f"{scheme}://0.0.0.0:{port_of(listener)}/", timeout=5)

        connection = listener.accept()[0]
        connection.settimeout(5)
        with connection:
            assert connection.recv(100) == b""


def test_a_real_metadata_address_answers_only_where_it_is_named() -> None:
    code = """
    from ndscheduler import settings
    from ndscheduler.corescheduler.errors import PeerRefused
    from simple_scheduler.jobs.curl_job import CurlJob
    from tests.unit.loopback import answer_with, http_server

    with http_server(answer_with(200, b"credentials"), host="169.254.169.254") as server:
        for allow in (None, ["0.0.0.0/0"], ["169.254.169.254"]):
            settings.CURL_JOB_ALLOW = allow
            try:
                print(CurlJob.create_test_instance().run(server.url)["body"], len(server.seen))
            except PeerRefused:
                print("refused", len(server.seen))
    """
    script = 'ip link set lo up && ip addr add 169.254.169.254/32 dev lo && exec "$0" -c "$1"'
    namespace = ["unshare", "--net", "--map-root-user", "sh", "-ec"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*namespace, "ip link"], check=False).returncode
    ):
        pytest.skip("no network namespace can be made here")

    done = subprocess.run(
        [*namespace, script, sys.executable, textwrap.dedent(code)],
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split("\n") == ["refused 0", "refused 0", "credentials 1", ""]


@pytest.mark.parametrize("source", ["environment", "settings module"])
def test_the_setting_counts_where_the_class_is_run_by_hand(source: str, tmp_path: Path) -> None:
    variables = {"NDSCHEDULER_CURL_JOB_ALLOW": "10.0.0.0/8"}
    if source == "settings module":
        (tmp_path / "own_settings.py").write_text("CURL_JOB_ALLOW = ['10.0.0.0/8']\n")
        variables = {"NDSCHEDULER_SETTINGS_MODULE": "own_settings"}
    root = Path(__file__).parents[2]

    with listening("127.0.0.1") as other:
        url = f"http://127.0.0.1:{port_of(other)}/"
        done = subprocess.run(
            [sys.executable, "-m", "simple_scheduler.jobs.curl_job", url],
            cwd=tmp_path,
            env={**os.environ, "PYTHONPATH": str(root), **variables},
            capture_output=True,
            text=True,
            check=False,
        )

        assert not was_connected(other)
    assert done.returncode == 1
    assert "PeerRefused: No connection is made to 127.0.0.1 since CURL_JOB_ALLOW" in done.stderr
