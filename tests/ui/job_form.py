"""The form of a job as a test sees it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import Locator, expect

from tests.api.api_server import NONE_JOB, Api
from tests.ui.window import Window


def field(window: Window, label: str) -> Locator:
    return window.page.locator("main").get_by_label(label, exact=True)


def row(window: Window, label: str) -> Locator:
    """A field with its label and what is wrong with it."""
    return window.page.locator(".form-row", has=window.page.get_by_label(label, exact=True))


def new_job(window: Window, name: str, job_class: str = NONE_JOB) -> Window:
    """The form of a new job, with its name and class."""
    window.open("jobs/new")
    field(window, "Name").fill(name)
    field(window, "Class").fill(job_class)
    return window


def saved(window: Window, api: Api) -> dict[str, Any]:
    """The job whose page is shown once the form is saved."""
    expect(window.page.get_by_role("navigation", name="Parts of the job")).to_be_visible()
    return api.job(window.place.removeprefix("jobs/"))
