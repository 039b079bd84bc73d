"""A list is that of the URL, however late and in what order the answers come."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Route, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window


class Held:
    """Answers to requests for lists of jobs that wait until they are let go."""

    def __init__(self) -> None:
        self.routes: list[Route] = []

    def take(self, route: Route) -> None:
        self.routes.append(route)

    def let_go(self, part: str) -> None:
        """Send on the request whose URL contains `part`."""
        for route in [route for route in self.routes if part in route.request.url]:
            self.routes.remove(route)
            route.continue_()


@pytest.fixture
def slow(window: Window, api: Api) -> Iterator[Held]:
    """Three jobs, and a server that holds back its lists of jobs from now on."""
    for job in api.get("/api/v1/jobs").json()["jobs"]:
        api.call("DELETE", f"/api/v1/jobs/{job['job_id']}")
    for tag in ("red", "green", "blue"):
        api.add_job(name=f"The {tag} one", tags=[tag], job_class_string=AWESOME)
    window.open("jobs?q=tag:red").live()
    expect(window.row("The red one")).to_be_visible()
    held = Held()
    window.page.route("**/api/v1/jobs?*", held.take)
    yield held
    window.page.unroute("**/api/v1/jobs?*")


def go(window: Window, tag: str) -> None:
    window.page.evaluate("tag => { location.hash = `#jobs?q=tag:${tag}`; }", tag)


def test_the_answer_to_a_filter_that_was_left_is_not_shown(window: Window, slow: Held) -> None:
    go(window, "green")
    expect(window.page.locator(".is-loading")).to_be_visible()
    go(window, "blue")
    window.page.wait_for_function("() => location.hash.endsWith('blue')")
    slow.let_go("blue")
    expect(window.row("The blue one")).to_be_visible()

    slow.let_go("green")
    window.settled()

    expect(window.page.locator("main tbody .job-link")).to_have_text(["The blue one"])
    slow.let_go("jobs")


def test_back_and_forward_in_haste_end_with_the_list_of_the_url(window: Window, slow: Held) -> None:
    go(window, "green")
    expect(window.page.locator(".is-loading")).to_be_visible()
    go(window, "blue")
    window.page.evaluate("() => { history.back(); }")
    window.page.wait_for_function("() => location.hash.endsWith('green')")
    window.page.evaluate("() => { history.back(); }")
    window.page.wait_for_function("() => location.hash.endsWith('red')")
    window.page.evaluate("() => { history.forward(); }")
    window.page.wait_for_function("() => location.hash.endsWith('green')")

    for part in ("blue", "red", "green"):
        slow.let_go(part)
    window.settled()

    expect(window.page.locator("main tbody .job-link")).to_have_text(["The green one"])
    expect(window.page.get_by_role("searchbox", name="Search in the list of jobs")).to_have_value(
        "tag:green"
    )
