"""Every page and dialog can be used without seeing colours, and by a screen reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.ui.axe import COLOUR_RULES, RULES, violations
from tests.ui.scene import Scene, scene
from tests.ui.window import Window

PLACES = (
    "overview",
    "jobs",
    "job",
    "new-job",
    "edit-job",
    "executions",
    "failed-execution",
    "audit-log",
    "instances",
    "about",
)
NAME = "Import orders"


@pytest.fixture(scope="module")
def stage(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("scene")) as stage:
        yield stage


@pytest.fixture
def window(page: Page, stage: Scene) -> Iterator[Window]:
    page.emulate_media(reduced_motion="reduce")
    window = Window(page, stage.api.url)
    yield window
    window.check()


def check_both_themes(page: Page) -> None:
    """Nothing serious is found, light or dark."""
    for theme, rules in (("light", RULES), ("dark", COLOUR_RULES)):
        page.emulate_media(color_scheme=theme)  # type: ignore[arg-type]
        expect(page.locator("html")).to_have_attribute("data-bs-theme", theme)
        found = violations(page, rules)
        assert not found, "\n".join([theme, *found])


@pytest.mark.parametrize("name", PLACES)
def test_nothing_serious_is_found_on_a_page(window: Window, stage: Scene, name: str) -> None:
    window.open(stage.places()[name]).settled()

    check_both_themes(window.page)


def open_menu(window: Window) -> None:
    window.row(NAME).get_by_role("button", name=f"Actions for {NAME}").click()
    expect(window.page.locator(".dropdown-menu.show")).to_be_visible()


def choose(word: str) -> Callable[[Window], None]:
    def act(window: Window) -> None:
        open_menu(window)
        window.page.locator(".dropdown-menu.show").get_by_text(word).click()
        expect(window.page.get_by_role("dialog")).to_be_visible()

    return act


def show_keys(window: Window) -> None:
    window.page.keyboard.press("?")
    expect(window.page.get_by_role("dialog", name="Keyboard")).to_be_visible()


def tick_one(window: Window) -> None:
    window.row(NAME).get_by_role("checkbox").first.check()
    expect(window.page.locator(".bulk-bar")).to_be_visible()


DIALOGS: dict[str, Callable[[Window], None]] = {
    "menu of a job": open_menu,
    "run with arguments": choose("Run with arguments"),
    "pause": choose("Pause"),
    "skip": choose("Skip next run"),
    "delete": choose("Delete"),
    "keyboard": show_keys,
    "bulk": tick_one,
}


@pytest.mark.parametrize("name", DIALOGS)
def test_nothing_serious_is_found_while_a_dialog_or_menu_is_open(window: Window, name: str) -> None:
    window.open("jobs").settled()

    DIALOGS[name](window)

    check_both_themes(window.page)


def test_nothing_serious_is_found_in_the_menus_of_the_frame(window: Window) -> None:
    window.open("about").settled()

    for name in ("Times in Local", "Theme", "More anonymous"):
        window.button(name).click()
        check_both_themes(window.page)
        window.page.keyboard.press("Escape")


def test_nothing_serious_is_found_in_an_entry_of_the_audit_log(window: Window) -> None:
    window.open("logs").settled()

    window.row("Nightly report").filter(has_text="Changed").locator("td").nth(3).click()
    expect(window.page.get_by_role("dialog")).to_be_visible()

    check_both_themes(window.page)


def test_a_state_is_told_by_an_icon_and_a_word(window: Window) -> None:
    window.open("executions?state=failed").settled()

    for state in window.page.locator("main tbody .state").all():
        assert state.inner_text().strip() == "Failed"
        assert state.locator("svg.icon-x").count() == 1
