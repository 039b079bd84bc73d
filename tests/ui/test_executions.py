"""The pages of executions, in a browser."""

from __future__ import annotations

import json

from playwright.sync_api import expect

from tests.api.api_server import AWESOME, Api
from tests.ui.window import Window

KWARGS = "extra_jobs.probe_jobs.KwargsJob"


def test_a_run_by_hand_shows_without_a_reload(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Live one", job_class_string=AWESOME, pub_args=["a", "b"])
    window.open("executions").live()

    api.run_job(job_id)

    row = window.row("Live one")
    expect(row).to_contain_text("Succeeded")
    expect(row).to_contain_text("By hand: anonymous")


def test_filters_stand_in_the_url_and_survive_a_reload(window: Window, api: Api) -> None:
    good = api.add_job(name="Good one", job_class_string=AWESOME, pub_args=["a", "b"])
    bad = api.add_job(name="Bad one", job_class_string=AWESOME, pub_args=[])
    api.run_job(good)
    api.run_job(bad)
    window.open("executions")

    window.page.get_by_label("State").select_option("failed")
    expect(window.row("Good one")).to_have_count(0)
    window.page.reload()

    assert window.place == "executions?state=failed"
    expect(window.row("Bad one")).to_contain_text("TypeError")
    expect(window.row("Good one")).to_have_count(0)
    window.page.go_back()
    expect(window.row("Good one")).to_be_visible()


def test_an_execution_tells_its_error_and_is_run_again(window: Window, api: Api) -> None:
    job_id = api.add_job(name="Broken one", job_class_string=AWESOME, pub_args=[])
    execution = api.run_job(job_id)
    window.open(f"executions/{execution['execution_id']}")

    main = window.page.locator("main")
    expect(main).to_contain_text("TypeError")
    expect(main.get_by_label("Result", exact=True)).to_contain_text("Traceback")
    window.button("Run again").click()
    window.toast("Queued again").get_by_role("button", name="Show").click()

    expect(main.locator(".headline-state")).to_contain_text("Failed")
    assert window.place.startswith("executions/")
    assert not window.place.endswith(execution["execution_id"])


def test_an_execution_is_run_again_with_its_numbers_as_they_were_written(
    window: Window, api: Api
) -> None:
    job_id = api.add_job(name="Exact one", job_class_string=KWARGS)
    execution = api.run_job(job_id, pub_args=[2**63])
    window.open(f"executions/{execution['execution_id']}").live()

    window.button("Run again").click()
    window.toast("Queued again").get_by_role("button", name="Show").click()

    expect(window.page.locator(".headline-state")).to_contain_text("Succeeded")
    again = api.finished(window.place.removeprefix("executions/"))
    assert again["execution_id"] != execution["execution_id"]
    assert json.loads(again["result"])["args"] == [2**63]


def test_an_execution_that_is_not_there_says_so(window: Window) -> None:
    with window.allowing("404"):
        window.open("executions/nothing")

        expect(window.page.locator("main")).to_contain_text("There is no such execution")
