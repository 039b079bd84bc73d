"""A double click on what acts does once what a click does, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Locator, Request, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window

# As slow as a hand: the answer to the first click is there before the second.
BETWEEN = 80

Sent = list[tuple[str, str]]


@pytest.fixture
def sent(window: Window) -> Sent:
    """What the page asks the server to change: (method, last part of the path)."""
    requests: Sent = []

    def hear(request: Request) -> None:
        if request.method != "GET" and not request.url.endswith("triggers/preview"):
            requests.append((request.method, request.url.partition("/api/v1/")[2]))

    window.page.on("request", hear)
    return requests


@pytest.fixture
def job_id(api: Api) -> Iterator[str]:
    job_id = api.add_job(name="Clicked twice", job_class_string=AWESOME, pub_args=["a", "b"])
    yield job_id
    api.call("DELETE", f"/api/v1/jobs/{job_id}")


def run_on_job_page(window: Window) -> Locator:
    window.page.get_by_role("link", name="Clicked twice").click()
    return window.button("Run now")


def run_in_menu(window: Window) -> Locator:
    window.button("Actions for Clicked twice").click()
    return window.page.locator(".dropdown-menu.show").get_by_text("Run now")


def run_in_overview(window: Window) -> Locator:
    window.open()
    return window.button("Run Clicked twice now")


def switch(window: Window) -> Locator:
    return window.page.get_by_role("switch", name="Clicked twice is on")


def pause(window: Window) -> Locator:
    window.choose("Actions for Clicked twice", "Pause")
    return window.dialog.get_by_role("button", name="Pause")


def skip(window: Window) -> Locator:
    window.choose("Actions for Clicked twice", "Skip next run")
    return window.button("Skip this run")


def delete(window: Window) -> Locator:
    window.choose("Actions for Clicked twice", "Delete")
    return window.button("Delete the job")


def save(window: Window) -> Locator:
    window.choose("Actions for Clicked twice", "Edit")
    window.page.get_by_label("Description").fill("twice")
    return window.button("Save")


def run_ticked(window: Window) -> Locator:
    window.page.get_by_role("checkbox", name="Tick Clicked twice").check()
    return window.page.locator(".bulk-bar").get_by_role("button", name="Run now")


RUN = ("POST", "executions/{}")
WAYS: dict[str, tuple[Callable[[Window], Locator], tuple[str, str], str]] = {
    "run on the page of the job": (run_on_job_page, RUN, "is queued"),
    "run in the menu": (run_in_menu, RUN, "is queued"),
    "run in the overview": (run_in_overview, RUN, "is queued"),
    "run what is ticked": (run_ticked, RUN, "1 job queued"),
    "switch": (switch, ("POST", "jobs/{}/pause"), "is paused"),
    "pause": (pause, ("POST", "jobs/{}/pause"), "is paused"),
    "skip": (skip, ("POST", "jobs/{}/skip-next"), "is skipped"),
    "save": (save, ("PUT", "jobs/{}"), "was changed"),
    "delete": (delete, ("DELETE", "jobs/{}"), "is deleted"),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_double_click_is_one_request(
    window: Window, api: Api, job_id: str, sent: Sent, way: str
) -> None:
    button, (method, path), words = WAYS[way]
    window.open("jobs?q=Clicked").live()

    button(window).dblclick(delay=BETWEEN)

    toast = window.toast(words)
    expect(toast).to_be_visible()
    # Whatever the second click has set off is behind this.
    toast.get_by_role("button", name="Close").click()
    api.add_job(name="Told of after it", tags=[way])
    window.settled()
    assert sent == [(method, path.format(job_id))]


def test_the_second_click_does_not_reach_what_was_behind_a_dialog(
    window: Window, api: Api, job_id: str
) -> None:
    for number in range(15):
        api.add_job(name=f"Behind {number}", tags=["behind"])
    window.open("jobs?q=tag:behind").live()

    window.choose("Actions for Behind 3", "Pause")
    window.dialog.get_by_role("button", name="Pause").dblclick(delay=BETWEEN)

    expect(window.toast("is paused")).to_be_visible()
    expect(window.dialog).to_have_count(0)
    assert window.place == "jobs?q=tag:behind"


def test_a_key_that_is_held_down_presses_a_button_once(
    window: Window, api: Api, job_id: str, sent: Sent
) -> None:
    window.open(f"jobs/{job_id}").live()
    window.button("Run now").focus()

    for _ in range(3):
        window.page.keyboard.down("Enter")
    window.page.keyboard.up("Enter")

    expect(window.toast("is queued")).to_be_visible()
    assert sent == [("POST", f"executions/{job_id}")]


def test_pages_are_turned_as_fast_as_one_clicks(window: Window, api: Api) -> None:
    for number in range(21):
        api.add_job(name=f"Turned {number:02}", tags=["turned"])
    window.open("jobs?q=tag:turned&limit=10").live()
    expect(window.row("Turned 00")).to_be_visible()

    window.button("Name").dblclick(delay=BETWEEN)

    expect(window.page.get_by_label("Order")).to_have_value("name")
