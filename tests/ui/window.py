"""The page as a test sees it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import ConsoleMessage, Dialog, Error, Locator, Page, expect

DEADLINE_MILLISECONDS = 15_000
SETTLED_MILLISECONDS = 250
expect.set_options(timeout=DEADLINE_MILLISECONDS)


class Window:
    """One tab on one server. What the browser complains of is kept, and fails the test."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self._complaints: list[str] = []
        self._allowed: tuple[str, ...] = ()
        page.on("console", self._hear)
        page.on("pageerror", self._hear_error)
        # Text that runs as script would open a dialog in the tests of injected markup.
        page.on("dialog", self._hear_dialog)

    def open(self, place: str = "") -> Window:
        """Go to `place`, what stands behind the #, and wait until it is drawn."""
        self.page.goto(f"{self.url}/#{place}")
        expect(self.page.locator("main h1, main h2").first).to_be_visible()
        return self

    def settled(self) -> Window:
        """Wait until nothing is loading, and what was loaded is drawn."""
        loading = ".is-loading, main [role=status]:has-text('Loading')"
        expect(self.page.locator(loading)).to_have_count(0)
        before = None
        while before != (before := self._words()):
            self.page.wait_for_timeout(SETTLED_MILLISECONDS)
        return self

    def _words(self) -> str:
        # Without the numbers: they count on.
        return re.sub(r"[\d:]+", "", self.page.locator("main").inner_text())

    @property
    def place(self) -> str:
        """What stands behind the # now."""
        return self.page.url.partition("#")[2]

    def row(self, text: str) -> Locator:
        """The row of a list that contains `text`."""
        return self.page.locator("main tbody tr", has_text=text)

    def button(self, name: str) -> Locator:
        """The button of this name."""
        return self.page.get_by_role("button", name=name, exact=True)

    def choose(self, menu: str, word: str) -> None:
        """Open the menu behind the button `menu` and choose `word` from it."""
        self.button(menu).click()
        self.page.locator(".dropdown-menu.show").get_by_text(word).click()

    @property
    def dialog(self) -> Locator:
        """The dialog that is open."""
        return self.page.get_by_role("dialog")

    def toast(self, text: str) -> Locator:
        """The message that contains `text`."""
        return self.page.locator(".toast-message", has_text=text)

    def live(self) -> Window:
        """Wait until changes come in as they happen."""
        expect(self.page.locator(".live-pill")).to_have_attribute("data-status", "live")
        return self

    @contextmanager
    def allowing(self, *parts: str) -> Iterator[None]:
        """Complaints that contain one of `parts` are what this test provokes."""
        before, self._allowed = self._allowed, (*self._allowed, *parts)
        yield
        self._allowed = before

    def check(self) -> None:
        """Fail if the browser has complained of anything."""
        assert self._complaints == []

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._complain(message.text)

    def _hear_error(self, error: Error) -> None:
        self._complain(str(error))

    def _hear_dialog(self, dialog: Dialog) -> None:
        self._complain(f"a dialog: {dialog.type} {dialog.message}")
        dialog.accept()

    def _complain(self, text: str) -> None:
        if not any(part in text for part in self._allowed):
            self._complaints.append(text)
