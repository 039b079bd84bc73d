"""The page of one job, in a browser."""

from __future__ import annotations

import re

from playwright.sync_api import Locator, expect

from tests.api.api_server import AWESOME, YEARLY, Api
from tests.ui.window import Window

GOOD = {"job_class_string": AWESOME, "pub_args": ["a", "b"]}


def tab(window: Window, title: str) -> Locator:
    parts = window.page.get_by_role("navigation", name="Parts of the job")
    return parts.get_by_role("link", name=title)


def fact(window: Window, title: str) -> Locator:
    return window.page.locator(".job-fact", has_text=title)


def test_the_head_names_the_job_and_its_tags_find_others(window: Window, api: Api) -> None:
    job_id = api.add_job(
        name="Headed",
        tags=["night shift"],
        description="Says what it is for.",
        trigger={"type": "crontab", "expression": "0 3 * * 1-5"},
        timezone="Europe/Berlin",
    )
    window.open(f"jobs/{job_id}")

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Headed")
    expect(window.page).to_have_title(re.compile("^Headed"))
    expect(window.page.locator("main")).to_contain_text("Says what it is for.")
    schedule = fact(window, "Schedule")
    expect(schedule).to_contain_text("Monday to Friday at 03:00")
    expect(schedule).to_contain_text("0 3 * * 1-5")
    expect(schedule).to_contain_text("Europe/Berlin")
    window.button("night shift").click()

    expect(window.row("Headed")).to_be_visible()
    assert window.place == "jobs?q=tag%3A%22night+shift%22"


def test_tabs_stand_in_the_url_for_reload_and_back(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Tabbed", max_instances=7, **GOOD)
    window.open(f"jobs/{job_id}")
    expect(tab(window, "Overview")).to_have_attribute("aria-current", "page")

    tab(window, "Options").click()
    expect(window.page.locator("main")).to_contain_text("At once7")
    window.page.reload()
    expect(tab(window, "Options")).to_have_attribute("aria-current", "page")
    assert window.place == f"jobs/{job_id}?tab=options"
    window.page.go_back()

    expect(tab(window, "Overview")).to_have_attribute("aria-current", "page")
    expect(window.page.get_by_role("heading", name="Next fire times")).to_be_visible()


def test_the_overview_shows_ten_fire_times_and_draws_what_happened(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Drawn", trigger={"type": "cron", "minute": "17"}, **GOOD)
    api.run_job(job_id)
    api.run_job(job_id, pub_args=[])
    window.open(f"jobs/{job_id}")

    times = window.page.locator(".fire-list li")
    expect(times).to_have_count(10)
    expect(times).to_have_text([re.compile(":17:00in ")] * 10)
    charts = window.page.locator(".chart-room").get_by_role("img")
    expect(charts).to_have_count(2)
    executions = "Durations of the last 2 executions: 1 succeeded, 1 failed"
    expect(charts.nth(0)).to_have_attribute("aria-label", re.compile(executions))
    expect(charts.nth(1)).to_have_attribute("aria-label", re.compile("1 succeeded, 1 went wrong"))
    expect(fact(window, "Success")).to_contain_text("50 %")
    expect(window.page.locator(".job-notice")).to_contain_text("Failed the last time: TypeError")


def test_what_a_job_does_comes_into_its_facts_and_executions(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Watched", **GOOD)
    window.open(f"jobs/{job_id}?tab=executions").live()
    expect(window.page.locator("main")).to_contain_text("It has not run yet")

    api.run_job(job_id)

    expect(window.row("Succeeded")).to_have_count(1)
    expect(fact(window, "Last run")).to_contain_text("Succeeded")
    expect(fact(window, "Success")).to_contain_text("100 %")


def test_who_changes_a_job_comes_into_its_audit_log_and_head(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Changed", **GOOD)
    window.open(f"jobs/{job_id}?tab=audit").live()
    expect(window.row("Added")).to_have_count(1)

    renamed = {**GOOD, **YEARLY, "name": "Changed anew"}
    assert api.put(f"/api/v1/jobs/{job_id}", json=renamed).ok

    expect(window.row("Changed anew")).to_contain_text("anonymous")
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Changed anew")


def test_a_job_is_switched_run_and_edited_from_its_head(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Handled", **GOOD)
    window.open(f"jobs/{job_id}").live()

    window.page.get_by_role("switch", name="Handled is on").uncheck()
    notice = window.page.locator(".job-notice", has_text="Paused")
    expect(notice).to_contain_text("It does not fire until it is resumed.")
    assert api.job(job_id)["paused"]
    notice.get_by_role("button", name="Resume").click()
    expect(notice).to_have_count(0)
    assert not api.job(job_id)["paused"]

    window.button("Run now").click()
    expect(window.toast("“Handled” is queued")).to_be_visible()
    expect(fact(window, "Last run")).to_contain_text("Succeeded")

    window.page.get_by_role("link", name="Edit").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Edit Handled")
    assert window.place == f"jobs/{job_id}/edit"


def test_a_job_that_is_deleted_by_its_menu_leaves_for_the_list(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Goes away", **GOOD)
    window.open(f"jobs/{job_id}").live()

    window.choose("More actions", "Delete")
    expect(window.dialog).to_contain_text("It has never run.")
    window.button("Delete the job").click()

    expect(window.page.get_by_role("heading", level=1)).to_have_text("Jobs")
    assert api.get(f"/api/v1/jobs/{job_id}").status_code == 404


def test_a_job_that_is_deleted_elsewhere_says_so(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Taken away", **GOOD)
    window.open(f"jobs/{job_id}").live()

    api.call("DELETE", f"/api/v1/jobs/{job_id}")

    expect(window.page.locator("main")).to_contain_text("There is no such job")
    window.page.get_by_role("link", name="Its audit log").click()
    expect(window.row("Taken away").first).to_contain_text("Deleted")


def test_an_id_of_no_job_says_so(window: Window) -> None:
    with window.allowing("404"):
        window.open("jobs/nothing")

        expect(window.page.locator("main")).to_contain_text("There is no such job")
        window.page.get_by_role("link", name="All jobs").click()
    expect(window.page.get_by_role("heading", level=1)).to_have_text("Jobs")


def test_the_options_show_numbers_as_they_were_written_and_words_for_names(
    window: Window, api: Api
) -> None:
    large = 12345678901234567890
    job_id = api.add_job(name="Large", pub_args=[large], kwargs={"one": 1.0})
    window.open(f"jobs/{job_id}?tab=options")

    options = window.page.locator(".job-options")
    expect(options).to_contain_text(str(large))
    expect(options).to_contain_text('"one":1.0')
    expect(options).to_contain_text("Skip it")
    expect(options).to_contain_text("Threads of the scheduler")


def test_a_job_that_can_not_run_has_no_next_run(window: Window, api: Api) -> None:
    manager = api.server.scheduler_manager
    job_id = manager.add_job("extra_jobs.probe_jobs.Gone", "Without a class", minute="59")

    window.open(f"jobs/{job_id}")
    expect(fact(window, "Next run")).to_contain_text("Can not run")
    expect(window.page.locator(".job-notice")).to_contain_text("It can not run")
    window.open("jobs?q=Without")
    expect(window.row("Without a class").locator(".job-next")).to_have_text("can not run")
    manager.remove_job(job_id)
