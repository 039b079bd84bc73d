"""The form of a job that is there, in a browser: nothing is changed or lost that was not meant."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.api.api_server import NONE_JOB, YEARLY, Api
from tests.ui.job_form import field, new_job, row, saved
from tests.ui.window import Window

RICH: dict[str, Any] = {
    "pub_args": ["a", {"b": [1, None]}],
    "kwargs": {"large": 12345678901234567890, "text": "ü"},
    "trigger": {"type": "interval", "minutes": 90, "anchor": "2026-01-01T00:00:07.250000+01:00"},
    "timezone": "Europe/Berlin",
    "misfire_grace_time": 90,
    "coalesce": False,
    "max_instances": 5,
    "retry_on_crash": True,
    "tags": ["one", "two words"],
    "description": "Two\nlines.",
    "end_date": "2038-01-19T03:14:07.000001+00:00",
}


def test_an_edit_changes_what_was_edited_and_nothing_else(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Rich", **RICH)
    before = api.job(job_id)
    window.open(f"jobs/{job_id}/edit")

    field(window, "Name").fill("Richer")
    window.button("Save").click()

    after = saved(window, api)
    changed = {name for name in before if before[name] != after[name]}
    assert changed == {"name", "rev", "updated_at"}
    assert [set(log["changes"]) for log in api.logs(job_id) if log["event"] == "modified"] == [
        {"name"}
    ]


def test_a_clone_is_a_second_job_like_the_first(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Model", **RICH)
    window.open(f"jobs/{job_id}/clone")
    expect(field(window, "Name")).to_have_value("Model (copy)")

    window.button("Add job").click()

    clone = saved(window, api)
    first = api.job(job_id)
    assert clone["job_id"] != job_id
    assert clone["name"] == "Model (copy)"
    assert {name: clone[name] for name in RICH} == {name: first[name] for name in RICH}


@pytest.fixture
def conflict(window: Window, api: Api) -> str:
    """The id of a job that is open in the form, changed there and then by somebody else too."""
    job_id = api.add_job(name="Fought over", tags=["before"])
    window.open(f"jobs/{job_id}/edit").live()
    field(window, "Name").fill("Mine")
    theirs = {**YEARLY, "name": "Theirs", "job_class_string": NONE_JOB, "description": "by them"}
    assert api.put(f"/api/v1/jobs/{job_id}", json=theirs).ok
    notice = window.page.get_by_role("alert")
    expect(notice).to_contain_text("while you were editing it")
    expect(notice).to_contain_text('name: "Fought over" → "Theirs"')
    return job_id


def test_the_change_of_somebody_else_is_loaded_in_place_of_ones_own(
    window: Window, api: Api, conflict: str
) -> None:
    window.button("Load theirs").click()

    expect(field(window, "Name")).to_have_value("Theirs")
    field(window, "Tags").fill("after")
    window.button("Save").click()
    job = saved(window, api)
    assert (job["name"], job["description"], job["tags"]) == ("Theirs", "by them", ["after"])


def test_ones_own_change_is_saved_over_that_of_somebody_else_only_when_meant(
    window: Window, api: Api, conflict: str
) -> None:
    with window.allowing("412"):
        window.page.keyboard.press("Control+s")
        expect(window.page.get_by_role("alert")).to_be_focused()
    assert api.job(conflict)["name"] == "Theirs"

    window.button("Keep mine and save").click()

    job = saved(window, api)
    assert (job["name"], job["description"]) == ("Mine", None)


def test_a_form_that_was_changed_asks_before_it_is_left(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Half done")
    window.open(f"jobs/{job_id}/edit")
    jobs = window.page.get_by_role("navigation", name="Pages").get_by_role("link", name="Jobs")

    field(window, "Name").fill("Half do")
    jobs.click()
    expect(window.dialog).to_contain_text("Leave without saving?")
    window.dialog.get_by_role("button", name="Cancel").click()
    expect(window.dialog).to_have_count(0)
    expect(field(window, "Name")).to_have_value("Half do")
    assert window.place == f"jobs/{job_id}/edit"
    window.page.keyboard.press("Escape")
    window.button("Leave").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Half done")
    jobs.click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Jobs")


def test_what_was_typed_survives_a_reload_until_one_begins_anew(window: Window) -> None:
    new_job(window, "Interrupted")
    field(window, "Arguments").fill("[1, ")
    expect(row(window, "Arguments")).to_contain_text("column 5: a value is missing")
    field(window, "Crontab line").check()
    with window.allowing("a dialog: beforeunload", "400"):
        field(window, "Crontab expression").fill("1 2 3")
        window.page.reload()

        expect(window.page.locator("main")).to_contain_text("what you had typed and not saved")
        expect(field(window, "Name")).to_have_value("Interrupted")
        expect(field(window, "Arguments")).to_have_value("[1, ")
        expect(field(window, "Crontab expression")).to_have_value("1 2 3")
        expect(window.page.locator(".schedule-preview")).to_contain_text("when this is a schedule")
        window.button("Begin anew").click()
    expect(field(window, "Name")).to_have_value("")
    expect(field(window, "Kind of schedule")).to_have_value("daily")


def test_a_job_that_somebody_deletes_is_told_of_in_the_form_and_saved_as_a_new_one(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Taken away", tags=["kept"])
    window.open(f"jobs/{job_id}/edit").live()
    field(window, "Name").fill("Taken back")

    api.call("DELETE", f"/api/v1/jobs/{job_id}")

    expect(window.page.get_by_role("alert")).to_contain_text("This job was deleted meanwhile.")
    expect(field(window, "Name")).to_be_focused()
    window.button("Save as a new job").click()
    job = saved(window, api)
    assert job["job_id"] != job_id
    assert (job["name"], job["tags"]) == ("Taken back", ["kept"])


def test_what_somebody_changed_while_the_page_was_paused_is_told_when_it_goes_on(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Changed in silence")
    window.open(f"jobs/{job_id}/edit").live()
    pill = window.page.locator(".live-pill")
    pill.click()
    theirs = {**YEARLY, "name": "By them", "job_class_string": NONE_JOB}
    assert api.put(f"/api/v1/jobs/{job_id}", json=theirs).ok

    pill.click()

    notice = window.page.get_by_role("alert")
    expect(notice).to_contain_text('name: "Changed in silence" → "By them"')


def test_going_back_twice_asks_once(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Asked once")
    window.open("logs").open(f"jobs/{job_id}").open(f"jobs/{job_id}/edit")
    field(window, "Name").fill("Asked onc")

    window.page.go_back()
    expect(window.dialog).to_contain_text("Leave without saving?")
    window.page.go_back()

    expect(window.dialog).to_have_count(1)
    window.dialog.get_by_role("button", name="Cancel").click()
    expect(window.dialog).to_have_count(0)
    expect(field(window, "Name")).to_have_value("Asked onc")
    assert window.place == f"jobs/{job_id}/edit"
    window.page.go_back()
    window.button("Leave").click()
    expect(window.page.get_by_role("heading", level=1)).not_to_contain_text("Edit")
