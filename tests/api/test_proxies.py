"""Proxies before the server: what they say of the client counts where they are trusted."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(
    "header", [*FORWARDED, "X-Forwarded-Host", "X-Real-IP", "Forwarded", "Via"]
)
def test_what_a_proxy_passes_on_is_not_from_this_machine(api: Api, header: str) -> None:
    assert api.get("/api/v1/jobs").status_code == 200
    assert api.get("/api/v1/jobs", headers={header: "x"}).status_code == 401
    assert api.get("/healthz", headers={header: "x"}).status_code == 200


@pytest.mark.parametrize(
    "settings",
    [
        {"TRUSTED_PROXIES": "127.0.0.1"},
        {"ALLOWED_HOSTS": "scheduler.example.com"},
        {"URL_PREFIX": "/scheduler"},
    ],
)
def test_a_server_behind_a_proxy_is_not_open_though_it_listens_on_loopback(
    tmp_path: Path, settings: dict[str, str]
) -> None:
    with serving(tmp_path, **settings) as api:
        assert api.get("/api/v1/jobs").status_code == 401


@pytest.mark.parametrize(
    ("target", "kept"),
    [("/#jobs", True), ("//evil.example", False), ("https://evil.example", False)],
)
def test_a_login_leads_on_to_paths_of_ours_alone(api: Api, target: str, kept: bool) -> None:
    location = api.get("/login", params={"next": target}).headers["Location"]

    assert ("next=" in location) == kept


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
