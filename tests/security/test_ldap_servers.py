"""LDAP servers with wrong certificates, that hang, that are away; settings that can not work."""

from __future__ import annotations

import contextlib
import logging
import os
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import requests

from ndscheduler.config import Config
from ndscheduler.corescheduler.errors import ConfigError
from ndscheduler.server.auth.making import make_directory
from tests.api.api_server import serving, wait_for
from tests.security.ldap_logins import (
    add_account,
    at_once,
    log_in,
    needs_python_ldap,
    status,
    who,
)
from tests.security.slapd import GROUPS, PASSWORD, Slapd, self_signed

pytestmark = needs_python_ldap

AWAY = {"error": "The directory of accounts does not answer now; try again soon."}


def test_a_server_with_a_trusted_certificate_is_asked(directory: Slapd, tmp_path: Path) -> None:
    trusted = str(directory.certificate)
    certificates = tmp_path / "certificates"
    certificates.mkdir()
    (certificates / "server.pem").write_bytes(directory.certificate.read_bytes())

    assert status(tmp_path / "a", directory.tls_url, LDAP_CERT_FILE=trusted) == 200
    assert status(tmp_path / "b", directory.tls_url, LDAP_CERT_DIR=str(certificates)) == 200
    assert status(tmp_path / "c", directory.tls_url, LDAP_REQUIRE_CERT="never") == 200
    starttls = {"LDAP_STARTTLS": True, "LDAP_CERT_FILE": trusted}
    assert status(tmp_path / "d", directory.url, **starttls) == 200


@pytest.mark.parametrize("check", ["demand", "try"])
@pytest.mark.parametrize("case", ["unknown", "other", "other name", "starttls"])
def test_a_server_with_a_wrong_certificate_is_shown_no_password(
    directory: Slapd, tmp_path: Path, check: str, case: str
) -> None:
    url, changes = directory.tls_url, {}
    if case in ("other", "starttls"):
        changes["LDAP_CERT_FILE"] = str(self_signed(tmp_path, "other"))
    if case == "other name":
        url, changes["LDAP_CERT_FILE"] = directory.other_name, str(directory.certificate)
    if case == "starttls":
        url, changes["LDAP_STARTTLS"] = directory.url, True
    before = directory.asked()

    assert status(tmp_path / "server", url, LDAP_REQUIRE_CERT=check, **changes) == 503
    assert directory.asked() == before


@pytest.mark.parametrize("tls", [False, True])
def test_a_server_that_hangs_holds_nobody_else_up(
    directory: Slapd, tmp_path: Path, tls: bool
) -> None:
    url = directory.tls_url if tls else directory.url
    changes = {"LDAP_CERT_FILE": str(directory.certificate)} if tls else {}
    with serving(tmp_path, LDAP_SERVER=url, **changes) as api:
        add_account(api, "local")
        log_in(api, "cid")
        cookies = dict(api.session.cookies)
        with directory.hanging():
            answers = at_once(api, ["ann", "dan", "smith, eve", "Bea.Smith", "nobody", "unseen"])
            local = requests.get(
                f"{api.url}/api/v1/jobs", auth=("local", "a word of its own"), timeout=30
            )
            still_in = requests.get(f"{api.url}/api/v1/jobs", cookies=cookies, timeout=30)
            refused = [answer() for answer in answers]

        assert local.status_code == still_in.status_code == 200
        assert [(answer.status_code, answer.json()) for answer in refused] == [(503, AWAY)] * 6
        assert who(api, "ann") == ("ann", "viewer")


def test_the_process_that_asks_shows_no_secret_and_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMETHING_ELSE", "hunter2hunter2")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"ldaps://127.0.0.1:{silent.getsockname()[1]}"
        with serving(tmp_path, LDAP_SERVER=url) as api:
            (answer,) = at_once(api, ["ann"])
            process = Path("/proc", wait_for(asking_process))
            shown = (process / "cmdline").read_bytes() + (process / "environ").read_bytes()
            refused = answer()

    assert refused.status_code == 503
    assert b"ldap_process" in shown
    assert b"PATH=" in shown
    assert not any(secret in shown for secret in (PASSWORD.encode(), b"hunter2", b"ann\0"))
    wait_for(lambda: asking_process() is None)


def asking_process() -> str | None:
    """The id of a child of this process that asks the directory."""
    children = Path("/proc/self/task").glob("*/children")
    for child in " ".join(file.read_text() for file in children).split():
        with contextlib.suppress(FileNotFoundError):
            if b"ldap_process" in Path("/proc", child, "cmdline").read_bytes():
                return child
    return None


@pytest.mark.parametrize("scheme", ["ldap", "ldaps"])
def test_a_socket_that_says_nothing_is_no_answer(tmp_path: Path, scheme: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert status(tmp_path / "server", f"{scheme}://127.0.0.1:{silent.getsockname()[1]}") == 503


def test_a_server_that_is_away_is_logged_once_without_names_and_passwords(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(tmp_path, LDAP_SERVER="ldap://127.0.0.1:1") as api:
        answers = [log_in(api, "ann"), log_in(api, "dan")]

    assert [(answer.status_code, answer.json()) for answer in answers] == [(503, AWAY)] * 2
    said = [record.getMessage() for record in caplog.records if "can not be asked" in record.msg]
    assert len(said) == 1
    assert "Can't contact LDAP server" in said[0]
    assert "ann" not in said[0]
    assert PASSWORD not in caplog.text


def test_the_second_server_is_asked_where_the_first_is_away(
    directory: Slapd, tmp_path: Path
) -> None:
    assert status(tmp_path / "server", f"ldap://127.0.0.1:1 {directory.url}") == 200


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"LDAP_SERVER": "ldap.example.com"}, "LDAP_SERVER must be URLs"),
        ({"LDAP_LOGIN_DN": "uid=ann,dc=example"}, "LDAP_LOGIN_DN must have {username}"),
        ({"LDAP_GROUP_ROLES": {"staff": "viewer"}}, "must name groups by DN"),
        (
            {"LDAP_LOGIN_DN": "{username}@example.com", "LDAP_GROUP_ROLES": GROUPS},
            "LDAP_GROUP_ROLES needs an LDAP_LOGIN_DN such as",
        ),
        ({"LDAP_CERT_FILE": "/nowhere/ca.pem"}, "'/nowhere/ca.pem'"),
        ({"LDAP_STARTTLS": True}, "LDAP_STARTTLS is for ldap://"),
    ],
)
def test_settings_that_can_not_work_are_refused_at_the_start(
    changes: dict[str, Any], sentence: str
) -> None:
    config = Config(**{"LDAP_SERVER": "ldaps://127.0.0.1", **changes})

    with pytest.raises(ConfigError) as refused:
        make_directory(config)

    assert sentence in str(refused.value)


@pytest.mark.parametrize(
    ("changes", "warned"),
    [
        ({"LDAP_SERVER": "ldap://a"}, "unencrypted"),
        ({"LDAP_SERVER": "ldap://a", "LDAP_STARTTLS": True}, ""),
        ({"LDAP_SERVER": "ldaps://a"}, ""),
        ({"LDAP_SERVER": "ldaps://a", "LDAP_REQUIRE_CERT": "never"}, "LDAP_REQUIRE_CERT never"),
    ],
)
def test_settings_that_give_passwords_away_are_warned_of(
    changes: dict[str, Any], warned: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        made = make_directory(Config(**changes))

    assert made is not None
    made.close()
    assert warned in caplog.text
    assert bool(caplog.text) == bool(warned)


def test_without_python_ldap_the_server_says_what_to_install(tmp_path: Path) -> None:
    program = (
        "import sys; sys.modules['ldap'] = None; from ndscheduler.cli import main; sys.exit(main())"
    )
    root = Path(__file__).parents[2]
    environment = {**os.environ, "NDSCHEDULER_LDAP_SERVER": "ldaps://x", "PYTHONPATH": str(root)}

    ended = subprocess.run(
        [sys.executable, "-c", program, "serve", "-p", "0"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )

    assert ended.returncode == 2
    assert ended.stderr.splitlines()[-1].endswith("pip install 'ndscheduler[ldap]'.")
    assert "Traceback" not in ended.stderr
