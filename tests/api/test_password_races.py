"""Changes of an account while a request of its own is under way."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ndscheduler.corescheduler.accounts.accounts import AccountChange, Accounts
from ndscheduler.corescheduler.models import Actor
from tests.api.api_server import wait_for
from tests.api.hashings import Hashings
from tests.api.logins import PASSWORD, add_account, cheap_hash, closed, datastore_of, logged_in


@pytest.mark.parametrize(
    "change",
    [AccountChange(password_hash=cheap_hash("of the boss")), AccountChange(is_disabled=True)],
    ids=["a new password", "disabled"],
)
def test_a_new_password_under_way_undoes_nothing_that_shuts_its_sender_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, change: AccountChange
) -> None:
    body, hashings = {"password": PASSWORD, "new_password": "another one"}, Hashings()
    with closed(tmp_path) as server, ThreadPoolExecutor() as pool:
        add_account(server, "ann")
        ann = logged_in(server, "ann")
        accounts = Accounts(datastore_of(server), has_admins_elsewhere=True)
        hashings.watch(monkeypatch)
        hashings.may_go_on.clear()

        asked = pool.submit(ann.put, "/api/v1/password", json=body)
        wait_for(lambda: hashings.count)
        kept = accounts.change("ann", change, Actor("boss"))
        hashings.may_go_on.set()

        assert asked.result().status_code == 400
        assert accounts.get("ann") == kept
