"""The overview, in a browser."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window

SHELL = "simple_scheduler.jobs.shell_job.ShellJob"


def tile(window: Window, title: str) -> Locator:
    return window.page.locator(".tile", has_text=title).locator(".tile-value")


def test_tiles_count_what_there_is_and_follow_what_happens(
    fresh_window: Window, fresh_api: Api
) -> None:
    job_id = fresh_api.add_job(name="Counted", job_class_string=AWESOME, pub_args=["a", "b"])
    fresh_window.open().live()
    expect(tile(fresh_window, "Jobs")).to_have_text("1")
    expect(tile(fresh_window, "OK today")).to_have_text("0")

    fresh_api.run_job(job_id)

    expect(tile(fresh_window, "OK today")).to_have_text("1")
    expect(tile(fresh_window, "Success")).to_have_text("100 %")


def test_a_failing_job_is_named_with_its_error_and_run_from_there(
    fresh_window: Window, fresh_api: Api
) -> None:
    job_id = fresh_api.add_job(name="Bad one", job_class_string=AWESOME, pub_args=[])
    fresh_window.open().live()
    expect(fresh_window.page.locator(".panel-attention")).to_contain_text("All good")

    fresh_api.run_job(job_id)

    item = fresh_window.page.locator(".attention-list li", has_text="Bad one")
    expect(item).to_contain_text("TypeError")
    expect(fresh_window.page.get_by_role("link", name="Overview")).to_contain_text("1")
    item.get_by_role("button", name="Run now").click()
    fresh_window.toast("“Bad one” is queued").get_by_role("button", name="Open").click()
    expect(fresh_window.page.locator(".headline-state")).to_contain_text("Failed")


def test_what_runs_and_what_comes_is_listed(fresh_window: Window, fresh_api: Api) -> None:
    slow = fresh_api.add_job(name="Slow one", job_class_string=SHELL, pub_args=["/bin/sleep", "4"])
    fresh_api.add_job(
        name="Soon", job_class_string=AWESOME, trigger={"type": "interval", "seconds": 3000}
    )
    fresh_window.open().live()

    fresh_api.post(f"/api/v1/executions/{slow}")

    running = fresh_window.page.locator(".running-list li", has_text="Slow one")
    expect(running).to_contain_text("Running")
    expect(fresh_window.page.locator(".upcoming-list li", has_text="Soon")).to_contain_text("in ")
    expect(running).to_have_count(0)
