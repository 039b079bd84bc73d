"""Jobs that are ticked in their list, in a browser."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window


def tick(window: Window, name: str) -> Locator:
    return window.page.get_by_role("checkbox", name=f"Tick {name}")


def names(window: Window) -> Locator:
    return window.page.locator("main tbody .job-link")


@pytest.fixture
def many(window: Window, api: Api) -> Window:
    """A list of four jobs, of which the first three are ticked."""
    for job in api.get("/api/v1/jobs?tag=bulk&limit=9").json()["jobs"]:
        api.call("DELETE", f"/api/v1/jobs/{job['job_id']}")
    for name in ("Bulk 1", "Bulk 2", "Bulk 3", "Bulk 4"):
        api.add_job(name=name, tags=["bulk"], job_class_string=AWESOME, pub_args=["a", "b"])
    window.open("jobs?q=tag:bulk").live()
    tick(window, "Bulk 1").check()
    tick(window, "Bulk 3").click(modifiers=["Shift"])
    expect(window.page.locator(".bulk-count")).to_have_text("3 ticked")
    return window


def only_toast(window: Window, text: str) -> None:
    """One message tells of all, and is closed."""
    toasts = window.page.locator(".toast-message")
    expect(toasts).to_contain_text([text])
    toasts.get_by_role("button", name="Close").click()


def test_ticked_jobs_are_paused_and_resumed_together(many: Window, api: Api) -> None:
    many.button("Pause …").click()
    many.dialog.get_by_label("Reason").fill("moving house")
    many.dialog.get_by_role("button", name="Pause").click()
    only_toast(many, "3 jobs paused.")

    expect(many.row("Paused: moving house")).to_have_count(3)
    expect(many.page.get_by_role("switch", name="Bulk 4 is on")).to_be_checked()
    many.button("Resume").click()
    only_toast(many, "3 jobs resumed.")
    assert api.get("/api/v1/jobs?tag=bulk&status=active&limit=9").json()["total"] == 4


def test_ticked_jobs_are_run_and_deleted_together(many: Window) -> None:
    many.page.locator(".bulk-bar").get_by_role("button", name="Run now").click()
    expect(many.dialog).to_contain_text("“Bulk 1”, “Bulk 2”, “Bulk 3” start at once")
    many.dialog.get_by_role("button", name="Run now").click()
    only_toast(many, "3 jobs queued.")
    expect(many.page.locator(".job-last", has_text="Succeeded")).to_have_count(3)

    many.button("Delete …").click()
    expect(many.dialog).to_contain_text("can not be undone")
    many.button("Delete 3 jobs").click()
    only_toast(many, "3 jobs deleted.")
    expect(names(many)).to_have_text(["Bulk 4"])


def test_a_ticked_row_stays_where_it_is_when_a_job_comes_before_it(
    window: Window, api: Api
) -> None:
    api.add_job(name="Still", tags=["still"])
    window.open("jobs?q=tag:still").live()
    tick(window, "Still").check()
    before = window.row("Still").bounding_box()

    api.add_job(name="Before", tags=["still"])

    note = window.button("The list has changed: show it")
    expect(note).to_be_visible()
    assert window.row("Still").bounding_box() == before
    note.click()
    expect(names(window)).to_have_text(["Before", "Still"])
    expect(tick(window, "Still")).to_be_checked()
