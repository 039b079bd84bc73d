"""Logging in with LDAP, on a real slapd: who comes in, as whom, with which role."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from pathlib import Path

import pytest

from ndscheduler.corescheduler.accounts.accounts import AccountChange
from ndscheduler.corescheduler.models import Actor
from tests.api.api_server import Api, serving
from tests.security.ldap_logins import (
    BEHIND_PROXY,
    add_account,
    log_in,
    needs_python_ldap,
    who,
)
from tests.security.slapd import BASE, GROUPS, PASSWORD, Slapd

pytestmark = needs_python_ldap


@pytest.fixture(scope="module")
def for_all(directory: Slapd, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """A scheduler that lets all people of the directory in."""
    with serving(
        tmp_path_factory.mktemp("server"), LDAP_SERVER=directory.url, **BEHIND_PROXY
    ) as api:
        yield api


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


def test_a_disabled_account_of_ours_ends_what_an_ldap_user_has(
    directory: Slapd, tmp_path: Path
) -> None:
    people = {"LDAP_USERS": ["ann"], "ADMIN_USER": ["ann"]}
    with serving(tmp_path, LDAP_SERVER=directory.url, **people) as api:
        assert who(api, "ann") == ("ann", "admin")
        made = api.post("/api/v1/tokens", json={"name": "deploy", "role": "editor"}).json()
        shown = [{"auth": ("ann", PASSWORD)}, {"headers": bearer(made["token"])}]
        shown.append({"cookies": dict(api.session.cookies)})
        api.session.cookies.clear()
        before = [api.get("/api/v1/jobs", **way).status_code for way in shown]
        add_account(api, "ann")
        accounts = api.server.context.gate.stores.accounts
        accounts.change("ann", AccountChange(is_disabled=True), Actor("system"))
        after = [api.get("/api/v1/jobs", **way).status_code for way in shown]

    assert (before, after) == ([200] * 3, [401] * 3)


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
