"""The list of jobs, in a browser."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import Locator, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window

KWARGS = "extra_jobs.probe_jobs.KwargsJob"
GOOD: dict[str, Any] = {"job_class_string": AWESOME, "pub_args": ["a", "b"]}
BAD: dict[str, Any] = {"job_class_string": AWESOME, "pub_args": []}


def switch(window: Window, name: str) -> Locator:
    return window.page.get_by_role("switch", name=f"{name} is on")


def tick(window: Window, name: str) -> Locator:
    return window.page.get_by_role("checkbox", name=f"Tick {name}")


def names(window: Window) -> Locator:
    return window.page.locator("main tbody .job-link")


def test_the_switch_pauses_a_job_at_once_and_undo_resumes_it(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Switched off", **GOOD)
    window.open("jobs?q=Switched+off")

    switch(window, "Switched off").uncheck()
    toast = window.toast("“Switched off” is paused")
    expect(toast).to_be_visible()
    assert api.job(job_id)["paused"]
    toast.get_by_role("button", name="Undo").click()

    expect(window.toast("“Switched off” is on again")).to_be_visible()
    expect(switch(window, "Switched off")).to_be_checked()
    assert not api.job(job_id)["paused"]


def test_the_switch_resumes_a_job_and_undo_pauses_it_for_the_same_reason(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Switched on", **GOOD)
    api.post(f"/api/v1/jobs/{job_id}/pause", json={"reason": "migration"})
    window.open("jobs?q=Switched+on")
    expect(window.row("Switched on")).to_contain_text("Paused: migration")

    switch(window, "Switched on").check()
    window.toast("“Switched on” is on").get_by_role("button", name="Undo").click()

    expect(window.toast("“Switched on” is paused again")).to_be_visible()
    expect(switch(window, "Switched on")).not_to_be_checked()
    assert api.job(job_id)["paused_reason"] == "migration"


def test_a_job_is_paused_by_the_menu_with_a_reason_and_an_end(window: Window, api: Api) -> None:
    job_id = api.add_job(name="On holiday", **GOOD)
    window.open("jobs?q=holiday")

    window.choose("Actions for On holiday", "Pause")
    window.dialog.get_by_label("Reason").fill("the office is closed")
    window.dialog.get_by_label("Until", exact=True).select_option("In 1 hour")
    window.dialog.get_by_role("button", name="Pause").click()

    row = window.row("On holiday")
    expect(row).to_contain_text("Paused: the office is closed")
    expect(row.locator(".job-next")).to_contain_text("resumes in")
    assert api.job(job_id)["paused_until"] is not None


def test_the_next_run_is_skipped_by_the_menu(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Leaves one out", trigger={"type": "interval", "hours": 3})
    before = api.job(job_id)["next_run_time"]
    window.open("jobs?q=Leaves").live()

    window.choose("Actions for Leaves one out", "Skip next run")
    window.dialog.get_by_label("Reason").fill("not today")
    window.button("Skip this run").click()

    expect(window.toast("The next run of “Leaves one out” is skipped")).to_be_visible()
    expect(window.row("Leaves one out").locator(".job-last")).to_contain_text("Skipped")
    skipped = api.get(f"/api/v1/executions?job_id={job_id}&limit=1").json()["executions"][0]
    assert (skipped["scheduled_time"], skipped["reason"]) == (
        before,
        "Skipped by anonymous: not today",
    )


def test_what_a_job_did_comes_into_its_row_without_a_reload(window: Window, api: Api) -> None:
    api.add_job(name="Runs live", **GOOD)
    window.open("jobs?q=Runs+live").live()
    row = window.row("Runs live")
    expect(row.locator(".job-last")).to_have_text("never")

    window.choose("Actions for Runs live", "Run now")

    expect(window.toast("“Runs live” is queued")).to_be_visible()
    expect(row.locator(".job-last")).to_contain_text("Succeeded")
    expect(row.get_by_role("img")).to_have_attribute("aria-label", "Its one execution: 1 succeeded")
    assert window.page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_a_job_is_run_once_with_other_arguments_once_these_are_json(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Takes any", job_class_string=KWARGS, pub_args=[1])
    window.open("jobs?q=Takes+any").live()
    window.choose("Actions for Takes any", "Run with arguments")
    arguments = window.dialog.get_by_label("Arguments", exact=True)

    arguments.fill("[1, ")
    expect(arguments).to_have_accessible_description(re.compile("Not valid JSON"))
    arguments.fill('["other"]')
    window.dialog.get_by_label("Keyword arguments").fill('{"dry": true}')
    window.dialog.get_by_role("button", name="Run now").click()

    expect(window.row("Takes any").locator(".job-last")).to_contain_text("Succeeded")
    newest = api.get(f"/api/v1/executions?job_id={job_id}&limit=1").json()["executions"][0]
    execution = api.finished(newest["execution_id"])
    given = json.loads(execution["result"])
    assert (given["args"], given["kwargs"]) == (["other"], {"dry": True})
    assert api.job(job_id)["pub_args"] == [1]


def test_a_job_is_run_with_its_own_numbers_as_they_were_written(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Exact", job_class_string=KWARGS, kwargs={"large": 2**63, "one": 1.0})
    window.open("jobs?q=Exact").live()

    window.choose("Actions for Exact", "Run with arguments")
    expect(window.dialog.get_by_label("Keyword arguments")).to_have_value(re.compile(str(2**63)))
    window.dialog.get_by_role("button", name="Run now").click()

    expect(window.row("Exact").locator(".job-last")).to_contain_text("Succeeded")
    newest = api.get(f"/api/v1/executions?job_id={job_id}&limit=1").json()["executions"][0]
    assert '"large": 9223372036854775808' in newest["result"]
    assert '"one": 1.0' in newest["result"]


def test_a_deletion_names_the_job_and_its_history_first(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Not needed", **GOOD)
    api.run_job(job_id)
    api.run_job(job_id)
    window.open("jobs?q=Not+needed")

    window.choose("Actions for Not needed", "Delete")
    expect(window.dialog).to_contain_text("Delete “Not needed”?")
    expect(window.dialog).to_contain_text("Its 2 executions stay")
    window.button("Cancel").click()
    expect(window.dialog).to_have_count(0)
    assert api.job(job_id)["name"] == "Not needed"
    window.choose("Actions for Not needed", "Delete")
    window.button("Delete the job").click()

    expect(window.toast("“Not needed” is deleted")).to_be_visible()
    expect(window.row("Not needed")).to_have_count(0)
    assert api.get(f"/api/v1/jobs/{job_id}").status_code == 404


def test_tokens_of_the_search_are_chosen_in_the_selects_too(window: Window, api: Api) -> None:
    for name, tag, fields in (("Pays", "money", GOOD), ("Owes", "money", BAD), ("Else", "x", BAD)):
        api.run_job(api.add_job(name=name, tags=[tag], **fields))
    window.open("jobs")

    window.page.keyboard.press("/")
    window.page.keyboard.type("tag:money state:failing")

    expect(names(window)).to_have_text(["Owes"])
    expect(window.page.get_by_label("Tag", exact=True)).to_have_value("money")
    status = window.page.get_by_label("Status")
    expect(status).to_have_value("failing")
    status.select_option("Paused")
    expect(window.page.locator("main")).to_contain_text("Nothing matches tag:money state:paused")
    window.button("Show all jobs").click()
    expect(window.row("Else")).to_be_visible()


def test_filter_and_order_stand_in_the_url_for_reload_and_back(window: Window, api: Api) -> None:
    for name in ("Order 1", "Order 2", "Order 3"):
        api.add_job(name=name, tags=["order"])
    window.open("jobs?q=tag:order")
    expect(names(window)).to_have_text(["Order 1", "Order 2", "Order 3"])

    window.button("Name").click()
    expect(names(window)).to_have_text(["Order 3", "Order 2", "Order 1"])
    window.page.get_by_label("Status").select_option("Paused")
    expect(names(window)).to_have_count(0)
    window.page.reload()
    expect(window.page.get_by_label("Status")).to_have_value("paused")
    expect(window.page.get_by_label("Order")).to_have_value("-name")

    window.page.go_back()
    expect(names(window)).to_have_text(["Order 3", "Order 2", "Order 1"])
    window.page.go_back()
    expect(names(window)).to_have_text(["Order 1", "Order 2", "Order 3"])


def test_a_broken_job_says_why(window: Window, api: Api) -> None:
    manager = api.server.scheduler_manager
    job_id = manager.add_job("extra_jobs.probe_jobs.Vanished", "Left alone", minute="59")
    window.open("jobs?q=state:broken")

    row = window.row("Left alone")
    expect(row).to_contain_text("Broken:")
    expect(row.locator(".job-schedule")).to_contain_text("extra_jobs.probe_jobs.Vanished")
    manager.remove_job(job_id)


def test_keys_go_through_the_list_tick_run_and_edit(window: Window, api: Api) -> None:
    ids = [api.add_job(name=f"Key {number}", tags=["key"], **GOOD) for number in (1, 2)]
    window.open("jobs?q=tag:key")
    expect(names(window)).to_have_count(2)
    press = window.page.keyboard.press

    press("j")
    expect(names(window).nth(0)).to_be_focused()
    press("j")
    expect(names(window).nth(1)).to_be_focused()
    press("k")
    press("x")
    expect(tick(window, "Key 1")).to_be_checked()
    press("r")
    expect(window.toast("“Key 1” is queued")).to_be_visible()
    press("j")
    press("e")

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Edit Key 2")
    assert window.place == f"jobs/{ids[1]}/edit"


def test_the_menu_is_gone_through_by_keyboard(window: Window, api: Api) -> None:
    api.add_job(name="By hand alone", **GOOD)
    window.open("jobs?q=By+hand+alone")
    button = window.button("Actions for By hand alone")
    press = window.page.keyboard.press

    button.focus()
    press("ArrowDown")
    expect(window.page.get_by_role("button", name="Run now")).to_be_focused()
    press("Escape")
    expect(button).to_be_focused()
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    expect(window.dialog).to_contain_text("Run “By hand alone” with arguments")
    press("Escape")

    expect(window.dialog).to_have_count(0)
    expect(button).to_be_focused()
