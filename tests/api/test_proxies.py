"""Proxies before the server: what they say of the client counts where they are trusted."""

from __future__ import annotations

from pathlib import Path

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


def test_the_audit_log_names_the_peer_where_no_proxy_is_trusted(api: Api) -> None:
    job_id = api.add_job()

    api.post(f"/api/v1/jobs/{job_id}/pause", headers=FORWARDED)

    assert {entry["remote"] for entry in api.logs(job_id)} == {"127.0.0.1"}


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
