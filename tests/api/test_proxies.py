"""Proxies before the server: what they say of the client counts where they are trusted."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from ndscheduler.config import Config
from ndscheduler.server.auth.first_account import ensure_account
from ndscheduler.server.build import configured_datastore
from tests.api.api_server import Api, serving

FORWARDED = {"X-Forwarded-For": "192.0.2.66, 198.51.100.1", "X-Forwarded-Proto": "https"}


def test_the_audit_log_names_the_client_behind_a_trusted_proxy(tmp_path: Path) -> None:
    with serving(tmp_path, TRUSTED_PROXIES="127.0.0.1", AUTH="none") as api:
        job_id = api.add_job()
        api.post(f"/api/v1/jobs/{job_id}/pause", headers=FORWARDED)

        # The headers count for their request alone, not for the next one of the connection.
        api.post(f"/api/v1/jobs/{job_id}/resume")

        assert [entry["remote"] for entry in api.logs(job_id)] == [
            "127.0.0.1",
            "198.51.100.1",
            "127.0.0.1",
        ]


def test_the_audit_log_names_the_peer_where_no_proxy_is_trusted(tmp_path: Path) -> None:
    with serving(tmp_path, AUTH="none") as api:
        job_id = api.add_job()

        api.post(f"/api/v1/jobs/{job_id}/pause", headers=FORWARDED)

        assert {entry["remote"] for entry in api.logs(job_id)} == {"127.0.0.1"}


def test_a_proxy_before_a_server_without_accounts_is_warned_of_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING), serving(tmp_path) as api:
        statuses = [api.get("/api/v1/jobs", headers=FORWARDED).status_code for _ in range(2)]

    assert statuses == [200, 200]
    assert caplog.text.count("A proxy passes requests on. There is no account") == 1


@pytest.mark.parametrize(
    ("settings", "warns"),
    [
        ({}, False),
        ({"TRUSTED_PROXIES": "127.0.0.1"}, True),
        ({"ALLOWED_HOSTS": "scheduler.example.com"}, True),
        ({"URL_PREFIX": "/scheduler"}, True),
        ({"URL_PREFIX": "/scheduler", "AUTH": "none"}, False),
    ],
)
def test_settings_that_speak_of_a_proxy_are_warned_of_without_accounts(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, settings: dict[str, str], warns: bool
) -> None:
    config = Config(DATABASE_CONFIG_DICT={"file_path": str(tmp_path / "d.db")}, **settings)
    with caplog.at_level(logging.WARNING), configured_datastore(config) as datastore:
        datastore.open()

        ensure_account(config, datastore)

        assert ("A proxy seems to stand before this server" in caplog.text) == warns
        assert not datastore.read(datastore.users.exist)


@pytest.mark.parametrize(
    ("target", "kept"),
    [("/#jobs", True), ("//evil.example", False), ("https://evil.example", False)],
)
def test_a_login_leads_on_to_paths_of_ours_alone(api: Api, target: str, kept: bool) -> None:
    location = api.get("/login", params={"next": target}).headers["Location"]

    assert ("next=" in location) == kept


@pytest.mark.parametrize(
    ("target", "place"),
    [("/#jobs", "/#jobs"), ("//evil.example", "./"), ("https://evil.example", "./"), ("", "./")],
)
def test_the_login_form_leads_to_paths_of_ours_alone(
    tmp_path: Path, target: str, place: str
) -> None:
    who = {"username": "ann", "password": "correct horse"}
    with serving(tmp_path) as api:
        body = {"name": who["username"], "password": who["password"], "role": "admin"}
        assert api.post("/api/v1/users", json=body).status_code == 201

        answer = api.post("/login", data={**who, "next": target})

    assert (answer.status_code, answer.headers["Location"]) == (302, place)


def test_a_page_without_tls_changes_nothing_behind_a_proxy_with_it(tmp_path: Path) -> None:
    with serving(tmp_path, TRUSTED_PROXIES=["127.0.0.0/8"], AUTH="none") as api:
        job_id = api.add_job()

        statuses = [
            api.post(
                f"/api/v1/jobs/{job_id}/pause",
                headers={"X-Forwarded-Proto": "https", "Origin": origin},
            ).status_code
            for origin in (api.url, api.url.replace("http:", "https:"))
        ]

    assert statuses == [403, 200]
