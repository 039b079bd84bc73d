"""Logging in with LDAP, on a real slapd: who comes in, as whom, and who does not."""

from __future__ import annotations

import logging
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count, product
from pathlib import Path
from typing import Any

import pytest
import requests

from ndscheduler.config import Config
from ndscheduler.corescheduler.errors import ConfigError
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import hash_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.making import make_directory
from tests.api.api_server import Api, serving
from tests.security.slapd import BASE, PASSWORD, Slapd, self_signed, slapd

pytestmark = pytest.mark.skipif(find_spec("ldap") is None, reason="python-ldap is not installed")

BEHIND_PROXY: dict[str, Any] = {"TRUSTED_PROXIES": ["127.0.0.1"]}
CLIENTS = (f"10.0.{number // 256}.{number % 256}" for number in count())
WRONG = {"error": "The user name or the password is wrong."}
AWAY = {"error": "The directory of accounts does not answer now; try again soon."}
GROUPS = {
    f"cn={name},ou=groups,{BASE}": role
    for name, role in {
        "operators": "operator",
        "admins": "admin",
        "editors": "editor",
        "hidden": "editor",
        "posix": "viewer",
        "missing": "viewer",
    }.items()
}


@pytest.fixture(scope="module")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """The LDAP server, for all tests of the module."""
    with slapd(tmp_path_factory.mktemp("slapd")) as server:
        yield server


@pytest.fixture(scope="module")
def for_all(directory: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A scheduler that lets all people of the directory in."""
    with serving(
        tmp_path_factory.mktemp("server"), LDAP_SERVER=directory.url, **BEHIND_PROXY
    ) as api:
        yield api


def log_in(api: Api, name: str, password: str = PASSWORD) -> requests.Response:
    """The answer to a login without a cookie, from a client of its own: many are slowed down."""
    api.session.cookies.clear()
    body = {"username": name, "password": password}
    return api.post("/api/v1/session", json=body, headers={"X-Forwarded-For": next(CLIENTS)})


def who(api: Api, name: str, password: str = PASSWORD) -> tuple[str, str] | None:
    """Name and role after a login; None where it is refused."""
    answer = log_in(api, name, password)
    if answer.status_code == 401:
        assert answer.json() == WRONG
        return None
    assert answer.status_code == 200, answer.text
    shown = answer.json()
    assert shown["source"] == "ldap"
    return shown["username"], shown["role"]


def test_a_right_password_lets_in_and_a_wrong_one_does_not(for_all: Api) -> None:
    assert who(for_all, "ann") == ("ann", "viewer")
    assert who(for_all, "ann", "wrong horse") is None
    assert who(for_all, "nobody") is None


def test_a_session_goes_on_with_the_role_of_the_login(for_all: Api) -> None:
    log_in(for_all, "ann")

    shown = for_all.get("/api/v1/session").json()

    assert (shown["username"], shown["role"], shown["way"]) == ("ann", "viewer", "session")
    assert for_all.get("/api/v1/jobs").status_code == 200
    assert for_all.get("/api/v1/users").status_code == 403


def test_basic_asks_the_directory_once_a_minute(directory: Slapd, for_all: Api) -> None:
    for_all.session.cookies.clear()
    before = directory.asked()

    answers = [for_all.get("/api/v1/jobs", auth=("cid", PASSWORD)) for _ in range(5)]

    assert [answer.status_code for answer in answers] == [200] * 5
    assert directory.asked() == before + 1
    assert for_all.get("/api/v1/jobs", auth=("cid", "wrong horse")).status_code == 401


def test_an_empty_password_never_reaches_the_directory(directory: Slapd, for_all: Api) -> None:
    before = directory.asked()

    assert who(for_all, "dan", "") is None
    assert for_all.get("/api/v1/jobs", auth=("dan", "")).status_code == 401
    assert directory.asked() == before


def test_the_directory_would_let_an_empty_password_in(directory: Slapd) -> None:
    import ldap

    connection = ldap.initialize(directory.url)

    connection.simple_bind_s(f"uid=dan,ou=users,{BASE}", "")

    assert connection.whoami_s() == ""
    connection.unbind_s()


@pytest.mark.parametrize("spelling", ["ann", "Ann", "ANN", "ａｎｎ"])
def test_all_spellings_of_a_name_are_one_account(for_all: Api, spelling: str) -> None:
    assert who(for_all, spelling) == ("ann", "viewer")


def test_a_name_is_spelled_as_the_directory_has_it(for_all: Api) -> None:
    assert who(for_all, "BEA.smith") == ("Bea.Smith", "viewer")


def test_who_may_not_see_his_own_entry_is_one_account_too(for_all: Api) -> None:
    assert who(for_all, "unseen") == ("unseen", "viewer")
    assert who(for_all, "UnSeen") == ("unseen", "viewer")


@pytest.mark.parametrize("name", ["*", "smith, eve", "a(b)c", "back\\slash"])
def test_odd_characters_of_a_name_are_characters(for_all: Api, name: str) -> None:
    assert who(for_all, name) == (name, "viewer")


@pytest.mark.parametrize(
    "name",
    [
        # A real entry, with this password, for who puts the name into the DN as it is.
        "phone,uid=ann",
        "ann+cn=someone",
        "ann,ou=users",
        "an*",
        "ann)(uid=*",
        "{username}",
        "\\61nn",
    ],
)
def test_a_name_is_no_part_of_a_question(for_all: Api, name: str) -> None:
    assert who(for_all, name) is None


@pytest.mark.parametrize(
    "name",
    [
        "ann\0",
        "ann\0,ou=users",
        "",
        " ",
        " ann",
        "ann ",
        "an\u00adn",
        "\ud800",
        "anonymous",
        "token:x",
        "a/b",
        "a" * 101,
        "a" * 1000,
    ],
)
def test_a_name_that_no_account_can_have_never_reaches_the_directory(
    directory: Slapd, for_all: Api, name: str
) -> None:
    before = directory.asked()

    assert log_in(for_all, name).status_code in (400, 401)
    assert directory.asked() == before


def test_odd_passwords_are_wrong_ones(for_all: Api) -> None:
    for password in ("\0", f"{PASSWORD}\0", " ", "x" * 4096, "\ud800"):
        assert log_in(for_all, "cid", password).status_code in (400, 401)


def test_guesses_at_all_spellings_of_a_name_are_counted_together(
    directory: Slapd, tmp_path: Path
) -> None:
    spellings = ("".join(letters) for letters in product(*zip("smith", "SMITH", strict=True)))
    with serving(tmp_path, LDAP_SERVER=directory.url, **BEHIND_PROXY) as api:
        statuses = (log_in(api, name, "wrong horse").status_code for name in spellings)

        # The pause grows with each; without it all 32 would be 401.
        assert 429 in statuses


def test_only_ldap_users_come_in_where_there_are_any(directory: Slapd, tmp_path: Path) -> None:
    changes = {"LDAP_USERS": ["ann", "bea.smith"], "ADMIN_USER": ["ann", "cid"]}
    with serving(tmp_path, LDAP_SERVER=directory.url, **changes) as api:
        assert who(api, "ann") == ("ann", "admin")
        # As it is typed, which is how 0.x compared.
        assert who(api, "bea.smith") == ("Bea.Smith", "editor")
        assert who(api, "dan") is None
        # An admin of the settings, whom LDAP_USERS does not let in.
        assert who(api, "cid") is None


def test_groups_give_roles(directory: Slapd, tmp_path: Path) -> None:
    changes = {"LDAP_GROUP_ROLES": GROUPS, "LDAP_USERS": ["ann", "smith, eve"]}
    with serving(tmp_path, LDAP_SERVER=directory.url, **changes) as api:
        # The highest of LDAP_USERS and all groups.
        assert who(api, "ann") == ("ann", "editor")
        assert who(api, "cid") == ("cid", "admin")
        assert who(api, "smith, eve") == ("smith, eve", "editor")
        # posixGroup: memberUid.
        assert who(api, "bea.smith") == ("Bea.Smith", "viewer")
        # In a group that its members can not see.
        assert who(api, "dan") is None


def test_a_name_is_no_pattern_for_groups(directory: Slapd, tmp_path: Path) -> None:
    with serving(tmp_path, LDAP_SERVER=directory.url, LDAP_GROUP_ROLES=GROUPS) as api:
        assert who(api, "*") is None
        assert who(api, "a(b)c") is None


def test_an_account_of_ours_has_the_last_word(directory: Slapd, tmp_path: Path) -> None:
    with serving(tmp_path, LDAP_SERVER=directory.url, LDAP_USERS=["cid", "ann"]) as api:
        assert who(api, "ann") == ("ann", "editor")
        cookies = dict(api.session.cookies)
        add_account(api, "ann")

        # As it is spelled there, and as another spelling of the directory.
        assert log_in(api, "ann").status_code == 401
        assert log_in(api, "ANN").status_code == 401
        api.session.cookies.clear()
        assert api.get("/api/v1/jobs", cookies=cookies).status_code == 401
        assert api.get("/api/v1/jobs", auth=("ann", "a word of its own")).status_code == 200


def add_account(api: Api, name: str) -> None:
    """Add an admin to the database, as `ndscheduler users add` would."""
    accounts = api.server.context.gate.stores.accounts
    accounts.add(name, hash_password("a word of its own"), Role.ADMIN, Actor("system"))


# TLS


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


def status(path: Path, url: str, **changes: Any) -> int:
    """The status of a right login where the settings are these."""
    path.mkdir()
    with serving(path, LDAP_SERVER=url, **changes) as api:
        return log_in(api, "ann").status_code


# Servers that do not answer


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


def at_once(api: Api, names: list[str]) -> list[Any]:
    """Logins that wait at the same time; each is a function that gives its answer."""
    answers: dict[str, requests.Response] = {}

    def ask(name: str) -> None:
        body = {"username": name, "password": PASSWORD}
        answers[name] = requests.post(f"{api.url}/api/v1/session", json=body, timeout=30)

    threads = [threading.Thread(target=ask, args=(name,)) for name in names]
    for thread in threads:
        thread.start()

    def answer(thread: threading.Thread, name: str) -> requests.Response:
        thread.join()
        return answers[name]

    return [lambda t=t, n=n: answer(t, n) for t, n in zip(threads, names, strict=True)]


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


# Settings


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
