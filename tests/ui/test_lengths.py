"""Lists of exactly no, one, a full page and one more; names of any length and script."""

from __future__ import annotations

import pytest
from playwright.sync_api import Locator, expect

from tests.api.api_server import AWESOME, Api
from tests.ui.job_form import field, saved
from tests.ui.window import Window

PAGE = 10

NAMES = {
    "long": "n" * 1000,
    "from right to left": "\u200fتقرير المبيعات اليومي مع التفاصيل",
    "emoji": "🚀 Deploy 👩‍👩‍👧‍👦 family 🏳️‍🌈 and all that",
    "lines": "First line\nsecond line\nthird line",
}


def names(window: Window) -> Locator:
    return window.page.locator("main tbody .job-link")


@pytest.mark.parametrize(
    ("count", "words"),
    [(0, "0 jobs"), (1, "1 job"), (PAGE, f"{PAGE} jobs"), (PAGE + 1, f"{PAGE + 1} jobs")],
)
def test_a_list_has_a_next_page_only_where_there_is_more(
    window: Window, api: Api, count: int, words: str
) -> None:
    for number in range(count):
        api.add_job(name=f"Job {number:02}", tags=[f"of-{count}"])
    window.open(f"jobs?q=tag:of-{count}&limit={PAGE}")

    expect(names(window)).to_have_count(min(count, PAGE))
    expect(window.page.locator(".pager-count")).to_have_text(words)
    expect(window.button("Previous page")).to_be_disabled()
    expect(window.button("Next page")).to_be_enabled(enabled=count > PAGE)


def test_a_page_whose_last_row_goes_gives_way_to_the_first(window: Window, api: Api) -> None:
    for number in range(PAGE + 1):
        api.add_job(name=f"Short {number:02}", tags=["short"])
    window.open(f"jobs?q=tag:short&limit={PAGE}").live()
    window.button("Next page").click()
    expect(names(window)).to_have_text([f"Short {PAGE}"])

    window.choose(f"Actions for Short {PAGE}", "Delete")
    window.button("Delete the job").click()

    expect(names(window)).to_have_count(PAGE)
    expect(window.button("Next page")).to_be_disabled()
    assert "cursor" not in window.place


@pytest.mark.parametrize("width", [1400, 768, 360])
def test_any_name_fits_every_page(window: Window, api: Api, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 800})
    for name in NAMES.values():
        given = {"job_class_string": AWESOME, "pub_args": [name, name], "tags": [f"at-{width}"]}
        job_id = api.add_job(name=name, description=name, **given)
        execution = api.run_job(job_id)
        place = f"jobs/{job_id}"
        for shown in (place, f"{place}/edit", f"executions/{execution['execution_id']}"):
            _fits(window.open(shown))

    for shown in (f"jobs?q=tag:at-{width}", f"executions?tag=at-{width}", "logs", ""):
        _fits(window.open(shown))


def _fits(window: Window) -> None:
    window.settled()
    assert window.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("kind", NAMES)
def test_a_name_stays_as_it_is_when_something_else_is_changed(
    window: Window, api: Api, kind: str
) -> None:
    job_id = api.add_job(name=NAMES[kind])
    window.open(f"jobs/{job_id}/edit")

    field(window, "Description").fill("changed")
    window.button("Save").click()

    job = saved(window, api)
    assert (job["name"], job["description"]) == (NAMES[kind], "changed")
