"""A real Chromium on a real server. Errors in the browser's console fail a test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.api.api_server import Api
from tests.api.server_fixtures import _extra_jobs_are_importable, api, fresh_api
from tests.ui.window import DEADLINE_MILLISECONDS, Window

__all__ = [
    "_extra_jobs_are_importable",
    "api",
    "browser",
    "context",
    "fresh_api",
    "fresh_window",
    "page",
    "window",
]

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for a module; each test has a context, and so a memory, of its own.

    No longer: as long as Playwright runs, this thread is one with a running event loop, in which
    tests of other modules can not run theirs.
    """
    if CHROMIUM is None:
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser that has never been here."""
    context = browser.new_context(viewport={"width": 1400, "height": 900}, locale="en-GB")
    context.set_default_timeout(DEADLINE_MILLISECONDS)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """A tab of it."""
    return context.new_page()


@pytest.fixture
def window(page: Page, api: Api) -> Iterator[Window]:
    """The page of `api`, opened nowhere yet; complains at the end of what the browser said."""
    window = Window(page, api.url)
    yield window
    window.check()


@pytest.fixture
def fresh_window(page: Page, fresh_api: Api) -> Iterator[Window]:
    """The page of `fresh_api`, as `window`."""
    window = Window(page, fresh_api.url)
    yield window
    window.check()
