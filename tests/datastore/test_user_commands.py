"""The command `users`: what it does to accounts, what it says, what it refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ndscheduler import user_commands
from ndscheduler.cli import main
from ndscheduler.corescheduler.accounts.accounts import Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.models import Actor
from ndscheduler.corescheduler.password_hashes import check_password, hash_password
from ndscheduler.corescheduler.roles import Role
from ndscheduler.server.auth.principal import COMMAND_LINE
from ndscheduler.user_arguments import ACTIONS
from tests.api.logins import HASH, PASSWORD, cheap_hashes
from tests.databases import PROVIDER_PATHS, db_config, table_names
from tests.datastore.test_accounts import DAY, HOUR, audit

Capture = pytest.CaptureFixture[str]
# How a command ended: its status, standard output, standard error.
Ended = tuple[int, str, str]
Run = Callable[..., Ended]


@pytest.fixture
def run(
    kind: str,
    prefix: str,
    tmp_path: Path,
    datastore: DatastoreBase,
    monkeypatch: pytest.MonkeyPatch,
    capsys: Capture,
) -> Run:
    """Runs `ndscheduler users` on the database of the test, with a line of standard input."""
    settings: dict[str, Any] = {
        "DATABASE_CLASS": PROVIDER_PATHS[kind],
        "DATABASE_CONFIG_DICT": db_config(kind, tmp_path),
        "DATABASE_TABLENAMES": table_names(prefix),
        "AUTH_CREDENTIALS": {"kim": HASH},
    }
    for name, value in settings.items():
        text = value if isinstance(value, str) else json.dumps(value)
        monkeypatch.setenv(f"NDSCHEDULER_{name}", text)

    def run(*arguments: str, typed: str = PASSWORD) -> Ended:
        monkeypatch.setattr("sys.stdin", io.StringIO(f"{typed}\n"))
        capsys.readouterr()
        with cheap_hashes():
            status = main(["users", *arguments])
        return (status, *capsys.readouterr())

    return run


@pytest.fixture
def accounts(datastore: DatastoreBase) -> Accounts:
    """The accounts, of which boss is an admin and ann an editor."""
    accounts = Accounts(datastore)
    accounts.add("boss", HASH, Role.ADMIN, Actor("boss"))
    accounts.add("ann", HASH, Role.EDITOR, Actor("boss"))
    return accounts


def test_accounts_are_added_changed_and_listed(run: Run, datastore: DatastoreBase) -> None:
    accounts = Accounts(datastore)

    answers = [
        run("add", "boss", "--role", "admin"),
        run("add", "ann"),
        run("role", "ann", "editor"),
        run("disable", "ann"),
        run("list"),
        run("enable", "ann"),
        run("passwd", "ann", typed="another one"),
    ]

    assert answers == [
        (0, "Added boss as admin.\n", ""),
        (0, "Added ann as viewer.\n", ""),
        (0, "ann is editor now.\n", ""),
        (0, "Disabled ann; its logins have ended.\n", ""),
        (
            0,
            "NAME  ROLE    STATE     KEPT IN\n"
            "kim   editor  enabled   settings (read-only)\n"
            "ann   editor  disabled  database\n"
            "boss  admin   enabled   database\n",
            "",
        ),
        (0, "Enabled ann.\n", ""),
        (0, "Changed the password of ann; its logins have ended.\n", ""),
    ]
    assert check_password(PASSWORD, accounts.get("boss").password_hash, cost=4)
    assert check_password("another one", accounts.get("ann").password_hash, cost=4)


def test_each_change_is_audited_with_who_typed_it(
    run: Run, accounts: Accounts, datastore: DatastoreBase
) -> None:
    run("role", "ann", "viewer")

    entry = audit(datastore)[-1]
    assert (entry.user, entry.remote) == (COMMAND_LINE, user_commands.who_types())
    assert entry.changes == {"role": ["editor", "viewer"]}


def test_logins_end_and_no_password_is_shown(
    run: Run, accounts: Accounts, datastore: DatastoreBase
) -> None:
    logins = Logins(datastore)
    for arguments in (["role", "ann", "viewer"], ["passwd", "ann"], ["disable", "ann"]):
        logins.open(accounts.get("ann"), "h", DAY, Actor("ann"))

        status, out, err = run(*arguments, typed="a new password")

        assert status == 0
        assert logins.find("h", HOUR) is None
        assert "a new password" not in out + err + str(audit(datastore))


def test_what_can_not_be_done_is_one_sentence_and_status_2(run: Run, accounts: Accounts) -> None:
    before = accounts.all()

    answers = {
        ("add", "ann"): "There is an account 'ann' already.",
        ("add", "kim"): "'kim' is an account of AUTH_CREDENTIALS: change it there.",
        ("passwd", "kim"): "'kim' is an account of AUTH_CREDENTIALS: change it there.",
        ("disable", "kim"): "'kim' is an account of AUTH_CREDENTIALS: change it there.",
        ("passwd", "nobody"): "Account not found: nobody",
        ("disable", "nobody"): "Account not found: nobody",
        ("role", "nobody", "admin"): "Account not found: nobody",
        ("role", "boss", "viewer"): "role: somebody has to be an admin: make one first",
        ("disable", "boss"): "role: somebody has to be an admin: make one first",
        ("add", "a:b"): "name: must be printable, without ':', '/' and spaces at its ends",
        ("add", "system"): "name: must not be 'system', which the audit log uses for others",
    }

    for arguments, sentence in answers.items():
        status, out, err = run(*arguments)
        assert (status, out) == (2, ""), arguments
        assert sentence in err
        assert err.count("\n") == 1
    assert accounts.all() == before


def test_a_password_that_is_too_easy_is_refused(run: Run, accounts: Accounts) -> None:
    before = accounts.all()

    answers = [
        run("add", "bob", typed=""),
        run("add", "bob", typed="short"),
        run("add", "12345678", typed="12345678"),
        run("passwd", "ann", typed="aaaaaaaaaa"),
    ]

    assert [(status, out) for status, out, _ in answers] == [(2, "")] * 4
    assert all("password: " in err for _, _, err in answers)
    assert accounts.all() == before


def test_the_first_account_is_an_admin_unless_it_is_said(
    run: Run, datastore: DatastoreBase
) -> None:
    answers = [run("add", "boss"), run("add", "ann")]

    assert [out for _, out, _ in answers] == ["Added boss as admin.\n", "Added ann as viewer.\n"]


def test_who_types_may_begin_with_another_role(run: Run, datastore: DatastoreBase) -> None:
    assert run("add", "ann", "--role", "editor") == (0, "Added ann as editor.\n", "")


def test_the_first_account_may_come_before_the_first_server(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "of_tomorrow.db"
    monkeypatch.setenv("NDSCHEDULER_DATABASE_CLASS", "sqlite")
    monkeypatch.setenv("NDSCHEDULER_DATABASE_CONFIG_DICT", f"{{file_path: '{file}'}}")

    assert run("add", "boss") == (
        0,
        "Added boss as admin.\n",
        f"Made the tables of the database {file}.\n",
    )


def test_what_is_typed_twice_has_to_be_the_same(
    run: Run, accounts: Accounts, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    typed = iter(["a new password", "a mistyped one", "a new password", "a new password"])
    monkeypatch.setattr("getpass.getpass", lambda _: next(typed))
    monkeypatch.setattr("sys.stdin", Terminal())

    refused = main(["users", "passwd", "ann"])
    said = capsys.readouterr().err
    changed = main(["users", "passwd", "ann"])

    assert (refused, changed) == (2, 0)
    assert said == "The two passwords differ.\n"
    assert check_password("a new password", accounts.get("ann").password_hash, cost=4)


def test_a_password_is_never_an_argument(run: Run, accounts: Accounts, capsys: Capture) -> None:
    for arguments in (["add", "bob", PASSWORD], ["passwd", "ann", PASSWORD], []):
        with pytest.raises(SystemExit) as end:
            run(*arguments)
        assert end.value.code == 2


def test_every_action_of_the_command_line_is_done() -> None:
    assert user_commands.ACTIONS.keys() == ACTIONS.keys()


def test_a_database_without_tables_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    where = {"file_path": str(tmp_path / "new.db")}
    monkeypatch.setenv("NDSCHEDULER_DATABASE_CONFIG_DICT", json.dumps(where))

    assert main(["users", "list"]) == 2

    assert "ndscheduler migrate" in capsys.readouterr().err


def test_hashes_are_as_dear_as_those_of_servers() -> None:
    assert hash_password(PASSWORD).startswith("$2b$12$")
