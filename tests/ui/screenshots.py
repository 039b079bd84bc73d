"""Pictures of the page for the documentation: `python -m tests.ui.screenshots [NAME ...]`.

A server is filled with a history that could be somebody's, and each page is drawn light and dark,
some of them in the width of a phone too. What is drawn goes to doc/pictures.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, StorageState, expect, sync_playwright

try:
    from PIL import Image
except ImportError:
    Image = None

from tests.ui.believable_accounts import ADMIN, PASSWORD
from tests.ui.conftest import ARGUMENTS, CHROMIUM
from tests.ui.scene import Scene, scene
from tests.ui.window import Window

PICTURES = Path(__file__).parent.parent.parent / "doc" / "pictures"
THEMES = ("light", "dark")
DESK = {"width": 1400, "height": 900}
PHONE = {"width": 390, "height": 844}
# The names that the pictures tell of: the machine's own are nobody's business.
HOST = "sched-1"
USER = "ndscheduler"


@dataclass(frozen=True)
class Picture:
    """What to open, what to do there, and how wide."""

    name: str
    place: str
    act: Callable[[Window], None] = lambda window: None
    size: dict[str, int] | None = None
    is_before_login: bool = False


def pictures(stage: Scene) -> Iterator[Picture]:
    """All pictures, in the order of the pages."""
    places = stage.places()
    yield Picture("login", "", _type_login, is_before_login=True)
    for name, place in places.items():
        yield Picture(name, place)
    yield Picture("job-executions", f"{places['job']}?tab=executions")
    yield Picture("job-options", f"{places['job']}?tab=options")
    yield Picture("job-menu", "jobs", lambda window: _open_menu(window, "Import orders"))
    yield Picture("run-with-arguments", "jobs", _run_with_arguments)
    yield Picture("pause", "jobs", _pause)
    yield Picture("bulk", "jobs", _tick_three)
    yield Picture("audit-entry", "logs", _open_entry)
    yield Picture("keyboard", "jobs", lambda window: window.page.keyboard.press("?"))
    yield Picture("users", "users")
    yield Picture("add-user", "users", _add_user)
    yield Picture("tokens", "tokens")
    yield Picture("password", "password")
    yield Picture("phone-login", "", _type_login, PHONE, is_before_login=True)
    for name in ("overview", "jobs", "failed-execution"):
        yield Picture(f"phone-{name}", places[name], size=PHONE)


def main() -> None:
    """Draw the pictures that the command line names, or all."""
    if CHROMIUM is None:
        sys.exit("There is no chromium on this machine.")
    socket.gethostname = lambda: HOST
    os.environ["LOGNAME"] = USER
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as directory, scene(Path(directory), True) as stage:
        stage.api.session.auth = (ADMIN, PASSWORD)
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            draw(browser, stage, sys.argv[1:])
            browser.close()


def draw(browser: Browser, stage: Scene, wanted: list[str]) -> None:
    """Draw the `wanted` pictures, all if none is named, in every theme."""
    login = logged_in(browser, stage)
    for theme in THEMES:
        for picture in pictures(stage):
            if wanted and picture.name not in wanted:
                continue
            state = None if picture.is_before_login else login
            with opened(browser, theme, picture.size or DESK, state) as page:
                window = Window(page, stage.api.url).open(picture.place)
                if not picture.is_before_login:
                    window.live()
                picture.act(window.settled())
                path = PICTURES / f"{picture.name}-{theme}.png"
                page.screenshot(path=path)
                window.check()
            make_small(path)
            print(f"{path.name}: {path.stat().st_size // 1000} kB", flush=True)


def logged_in(browser: Browser, stage: Scene) -> StorageState:
    """What a browser keeps of one login; more than one would fill the audit log."""
    context = browser.new_context()
    body = {"username": ADMIN, "password": PASSWORD}
    assert context.request.post(f"{stage.api.url}/api/v1/session", data=body).ok
    state = context.storage_state()
    context.close()
    return state


@contextmanager
def opened(
    browser: Browser, theme: str, size: dict[str, int], state: StorageState | None
) -> Iterator[Page]:
    """A tab in which nothing moves, in a zone of its own, with the login of `state`."""
    context = browser.new_context(
        viewport={"width": size["width"], "height": size["height"]},
        color_scheme="dark" if theme == "dark" else "light",
        locale="en-GB",
        timezone_id="Europe/Berlin",
        reduced_motion="reduce",
        storage_state=state,
    )
    yield context.new_page()
    context.close()


def make_small(path: Path) -> None:
    """Store the picture with a palette where Pillow is installed; else it stays as it is."""
    if Image is None:
        return
    with Image.open(path) as picture:
        colours = picture.convert("RGB")
        # The most frequent stay exactly so; what is left are shades at the edges of letters.
        frequent = sorted(colours.getcolors(picture.width * picture.height), reverse=True)[:256]
        palette = Image.new("P", (1, 1))
        palette.putpalette([value for _, colour in frequent for value in colour])
        few = colours.quantize(palette=palette, dither=Image.Dither.NONE)
    few.save(path, optimize=True)


def _type_login(window: Window) -> None:
    window.page.get_by_label("User name").fill(ADMIN)
    window.page.get_by_label("Password", exact=True).fill(PASSWORD)


def _add_user(window: Window) -> None:
    window.button("Add user").click()
    window.page.get_by_label("User name").fill("frida")
    window.page.get_by_label("Role", exact=True).select_option("Operator")


def _open_menu(window: Window, name: str) -> None:
    window.row(name).locator(".menu-button").click()
    expect(window.page.locator(".dropdown-menu.show")).to_be_visible()


def _choose(window: Window, name: str, word: str) -> None:
    _open_menu(window, name)
    window.page.locator(".dropdown-menu.show").get_by_text(word).click()
    expect(window.page.get_by_role("dialog")).to_be_visible()


def _run_with_arguments(window: Window) -> None:
    _choose(window, "Import orders", "Run with arguments")
    expect(window.page.locator(".class-notes")).not_to_be_empty()


def _pause(window: Window) -> None:
    _choose(window, "Import orders", "Pause")
    window.page.get_by_label("Reason").fill("The ERP moves to new machines")


def _tick_three(window: Window) -> None:
    for name in ("Archive logs", "Backup", "Check certificates"):
        window.row(name).get_by_role("checkbox").first.check()


def _open_entry(window: Window) -> None:
    window.row("Nightly report").filter(has_text="Changed").locator("td").nth(3).click()
    expect(window.page.get_by_role("dialog")).to_be_visible()


if __name__ == "__main__":
    main()
