"""Ten thousand jobs, fifty thousand executions, a result of a megabyte; one job, and none."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect

from ndscheduler.corescheduler.clock import utc_now
from ndscheduler.corescheduler.constants import ExecutionState
from ndscheduler.corescheduler.datastore.providers.sqlite import DatastoreSqlite
from ndscheduler.corescheduler.datastore.rows import execution_row
from ndscheduler.corescheduler.models import Job
from tests.api.api_server import AWESOME, Api, serving
from tests.factories import an_execution
from tests.ui.many import JOBS, TAGS, fill_many, name_of
from tests.ui.window import Window

LARGE = json.dumps([f"line {number} of a large result" for number in range(35_000)])


@pytest.fixture(scope="module")
def many(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    directory = tmp_path_factory.mktemp("many")
    datastore = DatastoreSqlite({"file_path": str(directory / "datastore.db")}, {})
    datastore.open()
    jobs = fill_many(datastore, utc_now())
    insert_large_result(datastore, jobs[-1])
    datastore.close()
    with serving(directory) as api:
        yield api


def insert_large_result(datastore: DatastoreSqlite, job: Job) -> None:
    now = utc_now()
    row = replace(
        an_execution(
            job,
            fire_time=None,
            scheduled_time=now,
            started_time=now,
            finished_time=now,
            updated_time=now,
        ),
        state=ExecutionState.SUCCEEDED,
        result=LARGE,
    )
    rows = [execution_row(row)]
    datastore.write(lambda c: c.execute(datastore.tables.executions.insert(), rows))


@pytest.fixture
def window(page: Page, many: Api) -> Iterator[Window]:
    window = Window(page, many.url)
    yield window
    window.check()


def first_row(window: Window) -> str:
    return window.page.locator("main tbody tr").first.inner_text()


def test_the_first_view_of_many_jobs_is_one_page_of_them(window: Window) -> None:
    window.open("jobs")

    expect(window.page.locator("main tbody tr")).to_have_count(50)
    expect(window.page.locator(".pager-count")).to_have_text("10,000 jobs")
    expect(window.row(name_of(0)).locator(".recent-bars .bar").first).to_be_attached()


def test_one_of_many_jobs_is_found_by_its_name(window: Window) -> None:
    window.open("jobs")

    window.page.keyboard.press("/")
    window.page.keyboard.type("04321")

    expect(window.page.locator("main tbody tr")).to_have_count(1)
    expect(window.row(name_of(4321))).to_be_visible()


def test_many_jobs_are_filtered_by_state_and_tag(window: Window) -> None:
    window.open("jobs")

    window.page.get_by_label("Tag", exact=True).select_option("team-0")
    expect(window.page.locator(".pager-count")).to_have_text("1,000 jobs")
    window.page.get_by_label("Status").select_option("failing")

    # Every tenth job failed, and these are the ones of the first team.
    expect(window.page.locator(".pager-count")).to_have_text(f"{JOBS // TAGS:,} jobs")
    expect(window.row(name_of(10))).to_contain_text("Failed")
    window.page.get_by_label("Tag", exact=True).select_option("team-1")
    expect(window.page.locator("main")).to_contain_text("No job is like that")


def test_many_jobs_are_sorted_by_the_server(window: Window) -> None:
    window.open("jobs")
    expect(window.row(name_of(0))).to_be_visible()

    window.button("Name").click()

    expect(window.row(name_of(JOBS - 1))).to_be_visible()
    assert "sort=-name" in window.place
    window.button("Next run").click()
    expect(window.row(name_of(0))).to_be_visible()


def test_pages_are_turned_and_the_back_button_turns_them_back(window: Window) -> None:
    window.open("jobs")
    expect(window.row(name_of(0))).to_be_visible()

    window.button("Next page").click()
    expect(window.row(name_of(50))).to_be_visible()
    window.page.go_back()

    expect(window.row(name_of(0))).to_be_visible()
    window.page.go_forward()
    window.button("Previous page").click()
    expect(window.row(name_of(0))).to_be_visible()


def test_fifty_jobs_are_paused_at_once_and_resumed_by_undo(window: Window, many: Api) -> None:
    window.open("jobs?q=tag:team-5").live()
    expect(window.page.locator("main tbody tr")).to_have_count(50)

    window.page.locator("main thead input[type=checkbox]").check()
    expect(window.page.locator(".bulk-bar")).to_contain_text("50 ticked")
    window.button("Pause …").click()
    window.page.get_by_role("dialog").get_by_role("button", name="Pause").click()

    toast = window.toast("50 jobs paused")
    expect(window.page.locator("main tbody tr.is-paused")).to_have_count(50)
    assert many.get("/api/v1/jobs?status=paused&limit=1").json()["total"] == 50
    toast.get_by_role("button", name="Undo").click()
    window.toast("50 jobs as before").wait_for()
    assert many.get("/api/v1/jobs?status=paused&limit=1").json()["total"] == 0


def test_many_executions_are_paged_and_filtered_by_the_server(window: Window) -> None:
    window.open("executions")
    expect(window.page.locator(".pager-count")).to_have_text("10,000+ executions")
    expect(window.page.locator("main tbody tr")).to_have_count(50)
    before = first_row(window)

    window.button("Next page").click()
    expect(window.page.locator("main tbody tr").first).not_to_have_text(before)
    window.page.get_by_label("State").select_option("failed")

    expect(window.page.locator(".pager-count")).to_have_text("1,000 executions")
    expect(window.row("Failed")).to_have_count(50)


def test_the_overview_of_many_jobs_counts_them(window: Window) -> None:
    window.open()

    expect(window.page.locator(".tile", has_text="Jobs").first).to_contain_text("10,000")
    expect(window.page.locator(".panel-attention")).to_contain_text(name_of(0))


def test_a_result_of_a_megabyte_is_shown_whole_and_the_page_stays_usable(window: Window) -> None:
    assert len(LARGE) > 1_000_000
    window.open("executions").settled()

    window.row(name_of(JOBS - 1)).first.locator(".state-link").click()
    result = window.page.get_by_label("Result", exact=True)
    expect(result).to_contain_text("line 34999 of a large result")

    window.button("Wrap").first.click()
    window.page.keyboard.press("g")
    window.page.keyboard.press("j")
    expect(window.page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()


def test_a_list_of_one_says_one(fresh_window: Window, fresh_api: Api) -> None:
    job_id = fresh_api.add_job(name="Only one", job_class_string=AWESOME, pub_args=["a", "b"])
    fresh_api.run_job(job_id)

    for place, words in (("jobs", "1 job"), ("executions", "1 execution")):
        fresh_window.open(place)
        expect(fresh_window.page.locator(".pager-count")).to_have_text(words)
        expect(fresh_window.row("Only one")).to_be_visible()


def test_empty_lists_say_what_would_fill_them(fresh_window: Window) -> None:
    main = fresh_window.page.locator("main")

    for place, words in (
        ("jobs", "A job runs code by a schedule"),
        ("executions", "Each fire time of a job and each run by hand becomes a row here."),
        ("logs", "becomes an entry here"),
    ):
        fresh_window.open(place)
        expect(main).to_contain_text(words)
    fresh_window.open("executions")
    main.get_by_role("link", name="Go to the jobs").click()
    main.get_by_role("link", name="New job").last.click()
    expect(fresh_window.page.get_by_role("heading", level=1, name="New job")).to_be_visible()
