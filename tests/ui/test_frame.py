"""What is around all pages: navigation, keyboard, theme, zone of times, the live pill."""

from __future__ import annotations

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.api.api_server import AWESOME, Api, serving
from tests.ui.window import Window

PLACES = {
    "Overview": "",
    "Jobs": "jobs",
    "Executions": "executions",
    "Audit log": "logs",
    "Instances": "instances",
}


@pytest.mark.parametrize("title", PLACES)
def test_each_page_is_reached_by_its_link_and_named_in_the_title(
    window: Window, title: str
) -> None:
    window.open("about")

    window.page.get_by_role("navigation", name="Pages").get_by_role("link", name=title).click()

    expect(window.page.get_by_role("heading", level=1, name=title)).to_be_visible()
    expect(window.page).to_have_title(re.compile(f"^{title}"))
    assert window.place == PLACES[title]


def test_the_keyboard_goes_to_pages_and_tells_its_keys(window: Window) -> None:
    window.open()

    window.page.keyboard.press("g")
    window.page.keyboard.press("e")
    expect(window.page.get_by_role("heading", level=1, name="Executions")).to_be_visible()

    window.page.keyboard.press("?")
    dialog = window.page.get_by_role("dialog", name="Keyboard")
    expect(dialog).to_contain_text("Go to Jobs")
    window.page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_keys_are_letters_while_somebody_types(window: Window) -> None:
    window.open("executions")
    window.page.keyboard.press("/")

    window.page.keyboard.type("g j n")

    expect(window.page.get_by_role("searchbox", name="Job, class, error or id")).to_have_value(
        "g j n"
    )
    expect(window.page.get_by_role("heading", level=1, name="Executions")).to_be_visible()


def test_the_search_of_the_frame_finds_jobs(window: Window, api: Api) -> None:
    api.add_job(name="Needle in a haystack")
    api.add_job(name="Straw")
    window.open()

    window.page.get_by_role("searchbox", name="Search jobs").fill("needle")
    window.page.keyboard.press("Enter")

    expect(window.row("Needle in a haystack")).to_be_visible()
    expect(window.row("Straw")).to_have_count(0)
    assert window.place == "jobs?q=needle"


def test_a_theme_that_is_chosen_is_remembered(window: Window) -> None:
    window.open()

    window.button("Theme").click()
    window.button("Dark").click()
    window.page.reload()

    expect(window.page.locator("html")).to_have_attribute("data-bs-theme", "dark")


def test_the_theme_follows_the_system_until_one_is_chosen(window: Window) -> None:
    window.page.emulate_media(color_scheme="dark")
    window.open()
    expect(window.page.locator("html")).to_have_attribute("data-bs-theme", "dark")

    window.page.emulate_media(color_scheme="light")

    expect(window.page.locator("html")).to_have_attribute("data-bs-theme", "light")


def test_times_are_shown_in_utc_or_in_the_zone_of_the_browser(
    context: BrowserContext, api: Api
) -> None:
    job_id = api.add_job(name="Somewhen", job_class_string=AWESOME, pub_args=["a", "b"])
    execution = api.run_job(job_id)
    browser = context.browser
    assert browser is not None
    elsewhere = browser.new_context(timezone_id="Asia/Kolkata", locale="en-GB")
    window = Window(elsewhere.new_page(), api.url)
    window.open(f"executions?q={execution['execution_id']}")
    minute = execution["scheduled_time"][14:19]
    time = window.row("Somewhen").locator("time").first
    # Kolkata is half an hour off, so that its minutes tell.
    expect(time).not_to_contain_text(minute)

    window.button("Times in Local").click()
    window.button("UTC").click()

    expect(time).to_contain_text(minute)
    window.check()
    elsewhere.close()


def test_a_paused_page_holds_changes_back_until_it_goes_on(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Held back", job_class_string=AWESOME, pub_args=["a", "b"])
    window.open("executions").live()
    pill = window.page.locator(".live-pill")
    pill.click()
    expect(pill).to_contain_text("Paused")

    execution = api.run_job(job_id)
    other = window.page.context.new_page()
    watching = Window(other, api.url)
    watching.open("executions").live()
    expect(watching.row("Held back")).to_be_visible()
    expect(window.row("Held back")).to_have_count(0)
    pill.click()

    expect(window.page.locator(f"tr[data-id='{execution['execution_id']}']")).to_be_visible()


def test_a_page_tells_that_the_server_is_lost_and_goes_on_when_it_is_back(
    page: Page, tmp_path: Path
) -> None:
    with serving(tmp_path) as api:
        job_id = api.add_job(name="Survivor", job_class_string=AWESOME, pub_args=["a", "b"])
        window = Window(page, api.url)
        window.open("executions").live()
    pill = page.locator(".live-pill")
    # The browser itself says in its console that nothing answers.
    with window.allowing("Failed to load resource", "net::ERR", "ERR_"):
        expect(pill).to_contain_text("Server lost")

        with serving(tmp_path, HTTP_PORT=urlsplit(api.url).port) as again:
            window.live()
            again.run_job(job_id)

            expect(window.row("Survivor")).to_contain_text("Succeeded")
    assert page.evaluate("performance.getEntriesByType('navigation').length") == 1


def test_an_address_that_is_no_page_says_so(window: Window) -> None:
    window.open("no/such/page")

    expect(window.page.locator("main")).to_contain_text("There is no such page")
    window.page.get_by_role("link", name="Go to the overview").click()
    expect(window.page.get_by_role("heading", level=1, name="Overview")).to_be_visible()


@pytest.mark.parametrize("place", ["executions?from=nonsense", "logs?to=nonsense", "jobs?sort=odd"])
def test_a_filter_that_the_server_refuses_is_told_and_taken_out(window: Window, place: str) -> None:
    with window.allowing("400"):
        window.open(place)
        expect(window.page.locator("main")).to_contain_text("There is no such list")

        window.button("Show all").click()

    expect(window.page.locator("main")).not_to_contain_text("There is no such list")
    assert window.place == place.partition("?")[0]


def test_a_browser_without_storage_and_shared_workers_shows_everything_live(
    window: Window,
) -> None:
    forbidden = "{ get() { throw new DOMException('denied', 'SecurityError'); } }"
    for name in ("localStorage", "sessionStorage"):
        window.page.add_init_script(f"Object.defineProperty(window, '{name}', {forbidden})")
    window.page.add_init_script("delete window.SharedWorker")

    window.open("jobs/new")
    window.open("executions").live()


def test_a_page_that_was_left_is_forgotten(window: Window, api: Api) -> None:
    api.run_job(api.add_job(name="Left behind", job_class_string=AWESOME, pub_args=["a", "b"]))
    session = window.page.context.new_cdp_session(window.page)
    session.send("Performance.enable")

    def nodes() -> float:
        window.open("about")
        session.send("HeapProfiler.collectGarbage")
        metrics = session.send("Performance.getMetrics")["metrics"]
        return next(float(each["value"]) for each in metrics if each["name"] == "Nodes")

    def go_to_and_fro() -> None:
        for place in (*PLACES.values(), "jobs/new"):
            window.open(place).settled()

    go_to_and_fro()
    before = nodes()
    for _ in range(3):
        go_to_and_fro()

    # One round alone draws more than that.
    assert nodes() - before < 1000


def test_a_dialog_goes_with_its_page(window: Window, api: Api) -> None:
    api.add_job(name="Asked about")
    window.open("logs").open("jobs?q=Asked")
    window.choose("Actions for Asked about", "Delete …")
    expect(window.dialog).to_be_visible()

    window.page.go_back()

    expect(window.page.get_by_role("heading", level=1, name="Audit log")).to_be_visible()
    expect(window.dialog).to_have_count(0)
    expect(window.page.locator(".modal-backdrop")).to_have_count(0)


def test_the_pill_tells_of_a_database_that_is_locked_for_writers_to_later_tabs_too(
    context: BrowserContext, fresh_window: Window, fresh_api: Api, tmp_path: Path
) -> None:
    fresh_window.open("jobs").live()

    with closing(sqlite3.connect(tmp_path / "datastore.db", isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        expect(fresh_window.page.locator(".live-pill")).to_contain_text("Scheduler stuck")
        later = Window(context.new_page(), fresh_api.url).open("logs")
        expect(later.page.locator(".live-pill")).to_contain_text("Scheduler stuck")

    fresh_window.live()
    later.live()
