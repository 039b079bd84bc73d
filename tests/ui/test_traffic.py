"""Executions come in all the time: nobody loses what he reads, selects or is at."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window

SELECTED = "() => String(window.getSelection())"
SELECT = """element => window.getSelection().selectAllChildren(element)"""


@pytest.fixture
def job_id(api: Api) -> str:
    return api.add_job(name="Busy", job_class_string=AWESOME, pub_args=["a", "b"])


def leave_the_list(window: Window) -> None:
    window.page.mouse.move(100, 880)


@pytest.mark.parametrize("way", ["executions?q=Busy", "logs?q=Busy"])
def test_a_selection_in_a_list_stays_and_the_list_tells_that_there_is_more(
    window: Window, api: Api, job_id: str, way: str
) -> None:
    api.run_job(job_id)
    window.open(way).live()
    leave_the_list(window)
    cell = window.row("Busy").first.locator("td").nth(1)
    cell.evaluate(SELECT)
    selected = window.page.evaluate(SELECTED)
    assert selected

    api.run_job(job_id)

    note = window.button("The list has changed: show it")
    expect(note).to_be_visible()
    assert window.page.evaluate(SELECTED) == selected
    before = window.page.locator("main tbody tr").count()
    note.click()
    expect(window.page.locator("main tbody tr")).to_have_count(before + 1)


def test_rows_come_in_above_without_touching_the_others(
    window: Window, api: Api, job_id: str
) -> None:
    first = api.run_job(job_id)
    window.open(f"executions?job_id={job_id}").live()
    leave_the_list(window)
    row = window.page.locator(f"tr[data-id='{first['execution_id']}']")
    row.evaluate(
        """row => {
          window.removals = 0;
          new MutationObserver(([change]) => { window.removals += change.removedNodes.length; })
            .observe(row.parentElement, { childList: true });
        }"""
    )

    second = api.run_job(job_id)

    expect(window.page.locator(f"tr[data-id='{second['execution_id']}']")).to_be_visible()
    assert window.page.evaluate("window.removals") == 0


def test_a_selection_in_a_row_of_jobs_stays_while_its_cells_change(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Never yet", job_class_string=AWESOME, pub_args=["a", "b"])
    window.open("jobs?q=Never").live()
    leave_the_list(window)
    row = window.row("Never yet")
    row.locator(".job-last").evaluate(SELECT)
    assert window.page.evaluate(SELECTED) == "never"

    execution = api.run_job(job_id)
    expect(row.get_by_role("img")).to_have_attribute("data-last", execution["execution_id"])
    assert window.page.evaluate(SELECTED) == "never"
    window.page.evaluate("window.getSelection().removeAllRanges()")

    expect(row.locator(".job-last")).to_contain_text("Succeeded")


def test_the_focus_stays_in_a_panel_of_the_overview_until_it_is_left(
    window: Window, api: Api
) -> None:
    first = api.add_job(name="Comes second", trigger={"type": "interval", "hours": 2})
    window.open().live()
    leave_the_list(window)
    button = window.button("Run Comes second now")
    button.focus()
    panel = window.page.locator(".panel-upcoming")

    api.add_job(name="Comes first", trigger={"type": "interval", "hours": 1})

    more = panel.get_by_role("button", name="Show changes")
    expect(more).to_be_visible()
    expect(button).to_be_focused()
    more.click()
    expect(panel).to_contain_text("Comes first")
    expect(more).to_be_hidden()
    api.call("DELETE", f"/api/v1/jobs/{first}")
    expect(panel).not_to_contain_text("Comes second")


def test_a_tile_keeps_the_focus_while_its_number_changes(
    window: Window, api: Api, job_id: str
) -> None:
    window.open().live()
    tile = window.page.locator(".tile", has_text="OK today")
    expect(tile).to_be_visible()
    before = tile.locator(".tile-value").inner_text()
    tile.focus()

    api.run_job(job_id)

    expect(tile.locator(".tile-value")).not_to_have_text(before)
    expect(tile).to_be_focused()
