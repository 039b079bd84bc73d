"""What a job class marks secret is hidden, however the argument is given."""

from __future__ import annotations

import json
from typing import Any

import pytest

from ndscheduler.corescheduler.changes import audit_entry, changes_between, job_as_json
from ndscheduler.corescheduler.changes import without_arguments as hidden_entry
from ndscheduler.corescheduler.codec import HIDDEN
from ndscheduler.corescheduler.constants import AuditEvent
from ndscheduler.corescheduler.job import JobBase
from ndscheduler.corescheduler.models import Actor, AuditEntry
from ndscheduler.corescheduler.registry import Registry
from ndscheduler.corescheduler.secret_arguments import ALL_MARKS, NO_MARKS, SecretMarks
from tests.factories import NOON, a_job

ANA = Actor("ana")


class Login(JobBase):
    """Has a secret by its place, and one by its name."""

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        return {
            "arguments": [
                {"type": "string", "description": "Who"},
                {"type": "string", "description": "Password", "secret": True},
                {"type": "string", "description": "Where"},
            ],
            "secret_kwargs": ["token", "where"],
            "example_arguments": '["me", "pass", "here"]',
        }

    def run(self, who: str, password: str, where: str = "", **more: Any) -> None:
        """Does nothing."""


class Keys(JobBase):
    """Takes any number of secrets."""

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        return {"arguments": [{"type": "string"}, {"type": "string", "secret": True}]}

    def run(self, host: str, *keys: str) -> None:
        """Does nothing."""


class Broken(JobBase):
    """Says in no list what is secret."""

    @classmethod
    def meta_info(cls) -> dict[str, Any]:
        return {"secret_kwargs": "password"}

    def run(self, password: str) -> None:
        """Does nothing."""


class Open(JobBase):
    """Has no secrets."""

    def run(self, *args: Any) -> None:
        """Does nothing."""


def marks(job_class: type[JobBase], *packages: str) -> SecretMarks:
    return Registry(packages).marks_of(f"{__name__}.{job_class.__name__}")


@pytest.mark.parametrize("packages", [(), (__name__,)])
def test_a_parameter_is_hidden_by_place_and_by_name(packages: tuple[str, ...]) -> None:
    login = marks(Login, *packages)

    assert login.hidden_args(["me", "pass", "here"]) == ["me", HIDDEN, HIDDEN]
    assert login.hidden_args(["me"]) == ["me"]
    assert login.hidden_kwargs({"who": "me", "password": [1], "where": 2, "token": {}, "x": 3}) == {
        "who": "me",
        "password": HIDDEN,
        "where": HIDDEN,
        "token": HIDDEN,
        "x": 3,
    }


def test_arguments_beyond_a_secret_one_are_hidden_too() -> None:
    assert marks(Keys).hidden_args(["h", "k1", "k2", "k3"]) == ["h", HIDDEN, HIDDEN, HIDDEN]


def test_a_class_without_marks_hides_nothing() -> None:
    shown = ["a", {"b": 1}]

    assert marks(Open) == NO_MARKS
    assert (marks(Open).hidden_args(shown), marks(Open).hidden_kwargs({"a": 1})) == (
        shown,
        {"a": 1},
    )


def test_of_a_class_that_is_broken_or_gone_everything_is_hidden() -> None:
    for found in (marks(Broken), Registry([]).marks_of("gone.Away"), Registry([]).marks_of("x")):
        assert found == ALL_MARKS
        assert found.hidden_args(["a", ["b"]]) == [HIDDEN, HIDDEN]
        assert found.hidden_kwargs({"a": 1}) == {"a": HIDDEN}
        assert (found.hidden_args("odd"), found.hidden_kwargs([1])) == (HIDDEN, HIDDEN)
        assert (found.hidden_args(None), found.hidden_kwargs(None)) == (None, None)


def test_example_arguments_are_hidden_as_arguments_are() -> None:
    login = marks(Login)

    assert login.hidden_example('["me", "pass"]') == '["me", {"$hidden": true}]'
    assert login.hidden_example("me, pass") == ""
    assert login.hidden_example("") == ""
    assert NO_MARKS.hidden_example("me, pass") == "me, pass"


def secret_job(value: str) -> Any:
    return a_job(args_json=json.dumps(["me", value]), kwargs_json=json.dumps({"k": value}))


def test_an_audit_entry_hides_all_arguments_before_and_after() -> None:
    changes = changes_between(secret_job("old"), secret_job("new")) | {"name": ["a", "b"]}
    entry = audit_entry(AuditEvent.MODIFIED, a_job(), ANA, NOON, changes=changes)
    assert '"old"' in str(entry.description)

    hidden = hidden_entry(entry)

    assert hidden.changes == {
        "pub_args": [HIDDEN, HIDDEN],
        "kwargs": [HIDDEN, HIDDEN],
        "name": ["a", "b"],
    }
    assert 'name: "a" => "b"' in str(hidden.description)
    assert "old" not in repr(hidden)
    assert "new" not in repr(hidden)


def test_a_deleted_job_is_told_without_its_arguments() -> None:
    job = secret_job("canary")
    entry = audit_entry(AuditEvent.DELETED, job, ANA, NOON, description=job_as_json(job))

    told = json.loads(hidden_entry(entry).description or "")

    assert (told["name"], told["pub_args"], told["kwargs"]) == (job.name, HIDDEN, HIDDEN)


@pytest.mark.parametrize("event", [AuditEvent.DELETED, AuditEvent.MODIFIED])
def test_a_text_that_can_not_be_read_is_not_shown(event: AuditEvent) -> None:
    entry = AuditEntry("1", event, "j", "n", "u", NOON, description="<b>pub_args</b>: canary")

    assert hidden_entry(entry).description is None


def test_other_entries_stay_as_they_are() -> None:
    changes = {"is_paused": [False, True]}
    entry = audit_entry(AuditEvent.PAUSED, a_job(), ANA, NOON, "why", changes)

    assert hidden_entry(entry) == entry
