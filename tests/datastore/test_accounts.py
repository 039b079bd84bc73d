"""Accounts, logins and API tokens on every kind of database; times are moved in the rows."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import Table, select, update

from ndscheduler.corescheduler.account_models import Account, AccountSource
from ndscheduler.corescheduler.accounts.accounts import AccountChange, Accounts
from ndscheduler.corescheduler.accounts.logins import Logins
from ndscheduler.corescheduler.accounts.tokens import NewToken, Tokens
from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.datastore.base import DatastoreBase
from ndscheduler.corescheduler.datastore.paging import AuditFilter, PageRequest
from ndscheduler.corescheduler.errors import (
    AccountNotFound,
    InvalidInput,
    NdschedulerError,
    TokenNotFound,
)
from ndscheduler.corescheduler.models import Actor, AuditEntry
from ndscheduler.corescheduler.roles import Role

BOSS = Actor("boss", "10.0.0.7")
HASH = "$2b$04$" + "." * 53
OTHER_HASH = "$2b$04$" + "e" * 53
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def accounts(datastore: DatastoreBase) -> Accounts:
    return Accounts(datastore)


@pytest.fixture
def logins(datastore: DatastoreBase) -> Logins:
    return Logins(datastore)


@pytest.fixture
def tokens(datastore: DatastoreBase) -> Tokens:
    return Tokens(datastore)


@pytest.fixture
def boss(accounts: Accounts) -> Account:
    return accounts.add("boss", HASH, Role.ADMIN, BOSS)


@pytest.fixture
def ann(accounts: Accounts, boss: Account) -> Account:
    return accounts.add("ann", HASH, Role.EDITOR, BOSS)


def audit(datastore: DatastoreBase) -> list[AuditEntry]:
    """All audit entries, the oldest first."""
    page = datastore.read(datastore.audit_logs.page, AuditFilter(), PageRequest())
    return list(reversed(page.items))


def move(datastore: DatastoreBase, table: Table, **values: object) -> None:
    """Set columns of all rows of `table`, as if time had passed."""
    datastore.write(lambda connection: connection.execute(update(table).values(**values)))


def count(datastore: DatastoreBase, table: Table) -> int:
    return datastore.read(lambda connection: len(connection.execute(select(table)).all()))


def at_once(*calls: Callable[[], object]) -> list[object]:
    """What calls in threads of their own return or raise, all begun at one moment."""
    barrier = threading.Barrier(len(calls))

    def run(call: Callable[[], object]) -> object:
        barrier.wait(30)
        try:
            return call()
        except NdschedulerError as error:
            return error

    with ThreadPoolExecutor(len(calls)) as pool:
        return list(pool.map(run, calls))


# Accounts


def test_an_account_is_found_as_it_was_added(accounts: Accounts, ann: Account) -> None:
    assert accounts.find("ann") == ann
    assert [account.name for account in accounts.all()] == ["ann", "boss"]
    assert accounts.exist()


def test_an_account_is_audited_without_its_hash(
    accounts: Accounts, datastore: DatastoreBase, ann: Account
) -> None:
    accounts.change("ann", AccountChange(Role.VIEWER, True, OTHER_HASH), BOSS)

    added, *of_change = audit(datastore)[1:]
    changed, password = sorted(of_change, key=lambda entry: entry.event)
    assert (added.event, added.user, added.remote) == (AuditEvent.USER_ADDED, "boss", "10.0.0.7")
    assert password.event == AuditEvent.PASSWORD_CHANGED
    assert changed.event == AuditEvent.USER_CHANGED
    assert changed.changes == {"role": ["editor", "viewer"], "is_disabled": [False, True]}
    assert "$2b$" not in str([added, password, changed])


def test_a_name_that_differs_is_another_one(accounts: Accounts, ann: Account) -> None:
    for name in ("nobody", "Ann", "ann ", " ann", "ann\0", "", "ånn", "a%", "x" * 5000):
        assert accounts.find(name) is None
        with pytest.raises(AccountNotFound):
            accounts.change(name, AccountChange(Role.VIEWER), BOSS)


def test_a_second_account_of_one_name_is_refused(accounts: Accounts, ann: Account) -> None:
    with pytest.raises(InvalidInput) as refusal:
        accounts.add("ann", OTHER_HASH, Role.ADMIN, BOSS)

    assert refusal.value.field == "name"
    assert accounts.get("ann") == ann


def test_one_of_two_that_add_an_account_at_once_wins(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    stores = [Accounts(datastore), Accounts(other_datastore)]

    results = at_once(
        *(lambda store=store: store.add("admin", HASH, Role.ADMIN, BOSS) for store in stores)
    )

    assert sorted(type(result).__name__ for result in results) == ["Account", "InvalidInput"]
    assert len(stores[0].all()) == 1
    assert len(audit(datastore)) == 1


def test_the_first_account_has_to_be_an_admin(accounts: Accounts) -> None:
    with pytest.raises(InvalidInput):
        accounts.add("ann", HASH, Role.EDITOR, BOSS)

    assert not accounts.exist()


def test_the_last_admin_stays_one(accounts: Accounts, ann: Account, boss: Account) -> None:
    for change in (AccountChange(Role.EDITOR), AccountChange(is_disabled=True)):
        with pytest.raises(InvalidInput):
            accounts.change("boss", change, BOSS)

    assert accounts.get("boss") == boss


def test_a_disabled_admin_is_none(accounts: Accounts, ann: Account) -> None:
    accounts.change("ann", AccountChange(Role.ADMIN, is_disabled=True), BOSS)

    with pytest.raises(InvalidInput):
        accounts.change("boss", AccountChange(Role.EDITOR), BOSS)


def test_two_admins_that_demote_each_other_at_once_leave_one(
    datastore: DatastoreBase, other_datastore: DatastoreBase, boss: Account
) -> None:
    one, two = Accounts(datastore), Accounts(other_datastore)
    one.add("ann", HASH, Role.ADMIN, BOSS)

    results = at_once(
        lambda: one.change("ann", AccountChange(Role.VIEWER), BOSS),
        lambda: two.change("boss", AccountChange(Role.VIEWER), BOSS),
    )

    admins = [account.name for account in one.all() if account.role is Role.ADMIN]
    assert len(admins) == 1
    assert sorted(type(result).__name__ for result in results) == ["Account", "InvalidInput"]


def test_the_settings_may_have_the_admins(datastore: DatastoreBase) -> None:
    accounts = Accounts(datastore, has_admins_elsewhere=True)

    assert accounts.add("ann", HASH, Role.VIEWER, BOSS).role is Role.VIEWER


def test_a_change_of_nothing_is_none(
    accounts: Accounts, logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    logins.open(ann, "h", DAY, BOSS)
    before = audit(datastore)

    assert accounts.change("ann", AccountChange(role=Role.EDITOR, is_disabled=False), BOSS) == ann
    assert logins.find("h", HOUR) is not None
    assert audit(datastore) == before


def test_a_role_of_another_release_lets_nobody_in_and_can_be_mended(
    accounts: Accounts, datastore: DatastoreBase, ann: Account
) -> None:
    table = datastore.tables.users
    datastore.write(
        lambda connection: connection.execute(
            update(table).where(table.c.name == "ann").values(role="auditor")
        )
    )

    found = accounts.get("ann")
    disabled = accounts.change("ann", AccountChange(is_disabled=True), BOSS)
    mended = accounts.change("ann", AccountChange(Role.VIEWER, is_disabled=False), BOSS)

    assert not found.may_log_in
    assert disabled.is_disabled
    assert disabled.role is None
    assert mended.may_log_in


def test_a_dearer_hash_of_the_same_password_is_stored(
    accounts: Accounts, datastore: DatastoreBase, ann: Account
) -> None:
    before = audit(datastore)

    stored = accounts.strengthen(ann, OTHER_HASH)

    assert stored.password_hash == OTHER_HASH
    assert accounts.get("ann") == stored
    assert audit(datastore) == before


def test_a_dearer_hash_replaces_no_new_password(accounts: Accounts, ann: Account) -> None:
    changed = accounts.change("ann", AccountChange(password_hash=OTHER_HASH), BOSS)

    stored = accounts.strengthen(ann, HASH)

    assert stored == changed
    assert accounts.get("ann").password_hash == OTHER_HASH


def test_a_change_that_can_not_be_audited_is_none(
    accounts: Accounts, logins: Logins, tokens: Tokens, datastore: DatastoreBase, ann: Account
) -> None:
    logins.open(ann, "h", DAY, BOSS)
    datastore.tables.audit_logs.drop(datastore.engine)

    for change in (
        lambda: accounts.add("bob", HASH, Role.VIEWER, BOSS),
        lambda: accounts.change("ann", AccountChange(is_disabled=True), BOSS),
        lambda: logins.open(ann, "another", DAY, BOSS),
        lambda: logins.close("h", BOSS),
        lambda: tokens.add(a_token(), BOSS),
    ):
        with pytest.raises(Exception, match=datastore.tables.audit_logs.name):
            change()

    assert [account.name for account in accounts.all()] == ["ann", "boss"]
    assert accounts.get("ann") == ann
    assert logins.find("h", HOUR) is not None
    assert count(datastore, datastore.tables.sessions) == 1
    assert tokens.all() == []


# Logins


def test_a_login_is_found_until_it_is_closed(
    logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    session = logins.open(ann, "h", DAY, Actor("ann", "10.0.0.8"))

    assert logins.find("h", HOUR) == (session, ann)
    assert logins.find("H", HOUR) is None
    assert logins.close("h", Actor("ann", "10.0.0.8"))
    assert not logins.close("h", Actor("ann", "10.0.0.8"))
    assert logins.find("h", HOUR) is None
    events = [(entry.event, entry.user, entry.remote) for entry in audit(datastore)[2:]]
    assert events == [
        (AuditEvent.LOGIN, "ann", "10.0.0.8"),
        (AuditEvent.LOGOUT, "ann", "10.0.0.8"),
    ]


def test_a_login_ends_at_its_age(logins: Logins, datastore: DatastoreBase, ann: Account) -> None:
    logins.open(ann, "h", DAY, BOSS)
    move(datastore, datastore.tables.sessions, expires_at=utc_now())

    assert logins.find("h", HOUR) is None


def test_a_login_ends_when_it_is_not_used(
    logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    logins.open(ann, "h", DAY, BOSS)
    move(datastore, datastore.tables.sessions, last_seen_at=utc_now() - HOUR)

    assert logins.find("h", 2 * HOUR, touches=False) is not None
    assert logins.find("h", HOUR) is None


def test_the_use_of_a_login_is_noted_to_the_minute(
    logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    opened = logins.open(ann, "h", DAY, BOSS)
    logins.find("h", HOUR)
    found = logins.find("h", HOUR)
    assert found is not None
    assert found[0].last_seen_at == opened.last_seen_at

    move(datastore, datastore.tables.sessions, last_seen_at=utc_now() - HOUR / 2)
    logins.find("h", HOUR, touches=False)
    logins.find("h", HOUR)
    found = logins.find("h", HOUR)

    assert found is not None
    assert found[0].last_seen_at >= opened.last_seen_at


def test_logins_that_are_too_old_are_forgotten(
    logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    logins.open(ann, "old", DAY, BOSS)
    move(datastore, datastore.tables.sessions, expires_at=utc_now())
    logins.open(ann, "new", DAY, BOSS)

    assert count(datastore, datastore.tables.sessions) == 1


def test_a_change_of_the_account_ends_its_logins_and_no_others(
    accounts: Accounts, logins: Logins, ann: Account, boss: Account
) -> None:
    logins.open(boss, "b", DAY, BOSS)
    for change in (
        AccountChange(role=Role.VIEWER),
        AccountChange(role=Role.ADMIN),
        AccountChange(password_hash=OTHER_HASH),
        AccountChange(is_disabled=True),
    ):
        for name in ("a1", "a2"):
            logins.open(accounts.get("ann"), name, DAY, BOSS)

        accounts.change("ann", change, BOSS)

        found = [logins.find(name, HOUR) is not None for name in ("a1", "a2", "b")]
        assert found == [False, False, True], change


def test_an_account_that_was_changed_since_its_password_was_checked_has_no_login(
    accounts: Accounts, logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    for change in (AccountChange(password_hash=OTHER_HASH), AccountChange(is_disabled=True)):
        old = accounts.get("ann")
        accounts.change("ann", change, BOSS)

        with pytest.raises(AccountNotFound):
            logins.open(old, "h", DAY, BOSS)

    assert count(datastore, datastore.tables.sessions) == 0


def test_one_account_may_log_in_many_times_at_once(
    datastore: DatastoreBase, other_datastore: DatastoreBase, ann: Account
) -> None:
    stores = [Logins(datastore), Logins(other_datastore)] * 4

    results = at_once(
        *(
            lambda store=store, i=i: store.open(ann, f"h{i}", DAY, BOSS)
            for i, store in enumerate(stores)
        )
    )

    assert [type(result).__name__ for result in results] == ["Session"] * 8


def test_all_servers_share_one_key(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    stores = [Logins(datastore), Logins(other_datastore)]

    results = at_once(*(lambda store=store: store.shared_key("session") for store in stores))

    assert len(set(results)) == 1
    assert len(str(results[0])) >= 43
    assert stores[0].shared_key("session") == results[0]
    assert stores[0].shared_key("another") != results[0]


def test_sessions_of_accounts_of_the_settings_end_when_these_change(
    logins: Logins, datastore: DatastoreBase, ann: Account
) -> None:
    logins.end_changed({"kim": "1", "lee": "1", "max": "1"})
    for name in ("kim", "lee", "max"):
        account = Account(name, Role.EDITOR, HASH, source=AccountSource.SETTINGS)
        logins.open(account, name, DAY, BOSS)
    logins.open(ann, "ann", DAY, BOSS)

    logins.end_changed({"kim": "1", "lee": "1", "max": "1"})
    assert count(datastore, datastore.tables.sessions) == 4
    logins.end_changed({"kim": "1", "lee": "2"})

    kept = [name for name in ("kim", "lee", "max", "ann") if logins.find(name, HOUR)]
    assert kept == ["kim", "ann"]


def test_servers_that_start_at_once_agree_on_the_accounts_of_the_settings(
    datastore: DatastoreBase, other_datastore: DatastoreBase
) -> None:
    stores = [Logins(datastore), Logins(other_datastore)] * 2

    results = at_once(*(lambda store=store: store.end_changed({"kim": "1"}) for store in stores))

    assert results == [None] * 4


# API tokens


def a_token(**fields: object) -> NewToken:
    return replace(NewToken("ci", "h", Role.OPERATOR, "ann"), **fields)  # type: ignore[arg-type]


def test_a_token_is_found_by_its_hash_with_its_owner(
    tokens: Tokens, datastore: DatastoreBase, ann: Account
) -> None:
    made = tokens.add(a_token(expires_at=utc_now() + DAY), Actor("ann", "10.0.0.8"))

    found = tokens.find("h", touches=False)

    assert found == (made, ann)
    assert tokens.find("g") is None
    entry = audit(datastore)[-1]
    assert (entry.event, entry.user) == (AuditEvent.TOKEN_ADDED, "ann")
    assert entry.changes is not None
    assert entry.changes["role"] == [None, "operator"]
    assert "'h'" not in str(entry)


def test_a_token_that_would_be_over_already_is_refused(tokens: Tokens, ann: Account) -> None:
    with pytest.raises(InvalidInput) as refusal:
        tokens.add(a_token(expires_at=utc_now() - DAY), BOSS)

    assert refusal.value.field == "expires_at"
    assert tokens.all() == []


def test_a_token_ends_at_its_expiry(tokens: Tokens, datastore: DatastoreBase, ann: Account) -> None:
    tokens.add(a_token(expires_at=utc_now() + DAY), BOSS)
    move(datastore, datastore.tables.api_tokens, expires_at=utc_now())

    assert tokens.find("h") is None


def test_the_use_of_a_token_is_noted_to_the_minute(
    tokens: Tokens, datastore: DatastoreBase, ann: Account
) -> None:
    def last_use() -> object:
        return tokens.all()[0].last_used_at

    tokens.add(a_token(), BOSS)
    tokens.find("h", touches=False)
    assert last_use() is None
    tokens.find("h")
    first = last_use()
    tokens.find("h")
    assert first is not None
    assert last_use() == first
    move(datastore, datastore.tables.api_tokens, last_used_at=utc_now() - HOUR)

    tokens.find("h")

    assert last_use() >= first  # type: ignore[operator]


def test_a_token_that_was_revoked_is_gone(
    tokens: Tokens, datastore: DatastoreBase, ann: Account
) -> None:
    made = tokens.add(a_token(), BOSS)

    assert tokens.revoke(made.id, BOSS) == made

    assert tokens.find("h") is None
    assert audit(datastore)[-1].event == AuditEvent.TOKEN_REVOKED
    with pytest.raises(TokenNotFound):
        tokens.revoke(made.id, BOSS)


def test_a_token_that_is_none_can_not_be_revoked(tokens: Tokens) -> None:
    for token_id in ("", "x", "\0", "%", "x" * 5000):
        with pytest.raises(TokenNotFound):
            tokens.revoke(token_id, BOSS)
