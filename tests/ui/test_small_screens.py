"""The page on a phone, dark; and the page without a pointer."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.api.api_server import AWESOME
from tests.ui.scene import Scene, scene
from tests.ui.window import Window

WIDTH = 360
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

# What can be acted on but does not lie on the screen when it is scrolled to, or is covered there.
UNREACHABLE = """
(width) => {
  const controls = document.querySelectorAll("a[href], button, input, select, textarea, summary");
  const found = [];
  for (const control of controls) {
    if (control.disabled || control.matches(".skip-link")) continue;
    if (!control.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true })) continue;
    control.scrollIntoView({ block: "center", inline: "nearest" });
    const { left, right, top, bottom, width: w, height: h } = control.getBoundingClientRect();
    if (!w || !h) continue;
    const x = Math.min(Math.max(left, 0) + 6, (left + right) / 2);
    const hit = document.elementFromPoint(x, (top + bottom) / 2);
    const isHit = hit && (control.contains(hit) || hit.contains(control) || hit.closest("label"));
    if (left < -1 || right > width + 1 || !isHit) found.push(control.outerHTML.slice(0, 160));
  }
  window.scrollTo(0, 0);
  return found;
}
"""
FOCUS = """
() => {
  const shown = document.activeElement;
  const style = getComputedStyle(shown);
  const isSeen = (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0)
    || style.boxShadow !== "none";
  return [shown.outerHTML.slice(0, 120), isSeen];
}
"""


@pytest.fixture(scope="module")
def stage(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Scene]:
    with scene(tmp_path_factory.mktemp("scene")) as stage:
        yield stage


@pytest.fixture
def window(page: Page, stage: Scene) -> Iterator[Window]:
    window = Window(page, stage.api.url)
    yield window
    window.check()


@pytest.fixture
def phone(window: Window) -> Window:
    """A window that is 360 pixels wide, and dark."""
    window.page.set_viewport_size({"width": WIDTH, "height": 740})
    window.page.emulate_media(color_scheme="dark", reduced_motion="reduce")
    return window


def overflow(window: Window) -> int:
    """How many pixels the document is wider than the screen."""
    return int(window.page.evaluate("document.documentElement.scrollWidth - innerWidth"))


@pytest.mark.parametrize("name", PLACES)
def test_a_page_fits_a_phone_and_all_of_it_is_in_reach(
    phone: Window, stage: Scene, name: str
) -> None:
    phone.open(stage.places()[name]).settled()

    assert overflow(phone) <= 0
    assert phone.page.evaluate(UNREACHABLE, WIDTH) == []


@pytest.mark.parametrize("tab", ["executions", "audit", "options"])
def test_the_parts_of_a_job_fit_a_phone(phone: Window, stage: Scene, tab: str) -> None:
    phone.open(f"{stage.places()['job']}?tab={tab}").settled()

    assert overflow(phone) <= 0
    assert phone.page.evaluate(UNREACHABLE, WIDTH) == []


@pytest.mark.parametrize("width", [920, 1120, 1200, 1300])
def test_a_name_has_room_beside_the_other_columns(window: Window, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 800})
    window.open("jobs").settled()

    link = window.row(NAME).get_by_role("link", name=NAME)
    assert link.evaluate("(name) => name.closest('td').getBoundingClientRect().width") > 150


def test_menu_dialogs_and_bulk_fit_a_phone(phone: Window) -> None:
    phone.open("jobs").settled()

    phone.row(NAME).get_by_role("checkbox").first.check()
    assert phone.page.evaluate(UNREACHABLE, WIDTH) == []
    phone.button("Untick all").click()
    for word in ("Run with arguments", "Pause", "Skip next run", "Delete"):
        phone.button(f"Actions for {NAME}").click()
        item = phone.page.locator(".dropdown-menu.show").get_by_text(word)
        box = item.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= WIDTH
        item.click()
        expect(phone.page.get_by_role("dialog")).to_be_visible()
        assert overflow(phone) <= 0
        phone.page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
        expect(phone.page.get_by_role("dialog")).to_have_count(0)


def test_long_names_fit_a_phone(phone: Window, stage: Scene) -> None:
    job_id = stage.api.add_job(
        name="n" * 200,
        description="d" * 500,
        tags=["t" * 100],
        job_class_string=AWESOME,
        pub_args=["a" * 300, "b"],
    )
    execution = stage.api.run_job(job_id)["execution_id"]

    for place in (
        "jobs?q=nnnn",
        "executions?q=nnnn",
        "logs?q=nnnn",
        f"jobs/{job_id}",
        f"jobs/{job_id}/edit",
        f"executions/{execution}",
        "",
    ):
        phone.open(place).settled()
        assert overflow(phone) <= 0, place


def test_each_stop_of_the_tab_key_is_seen(window: Window) -> None:
    window.open("jobs").settled()

    stops = []
    for _ in range(30):
        window.page.keyboard.press("Tab")
        stops.append(tuple(window.page.evaluate(FOCUS)))

    assert [html for html, is_seen in stops if not is_seen] == []
    assert "skip-link" in stops[0][0]
    # The list is among them: search, filters, heads, the switch and the menu of the first row.
    assert any("job-switch" in html for html, _ in stops)
    assert any("menu-button" in html for html, _ in stops)


def test_the_navigation_can_be_skipped(window: Window) -> None:
    window.open("jobs").settled()

    window.page.keyboard.press("Tab")
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("Tab")

    assert window.page.evaluate("document.activeElement.closest('main') !== null")
    assert window.place == "jobs"


def test_the_menu_of_a_job_is_used_by_keyboard(window: Window) -> None:
    window.open("jobs").settled()
    button = window.button(f"Actions for {NAME}")

    button.focus()
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Escape")
    expect(button).to_be_focused()
    window.page.keyboard.press("Enter")
    window.page.keyboard.press("ArrowDown")
    window.page.keyboard.press("Enter")

    window.toast(f"{NAME}” is queued").wait_for()


def test_a_job_is_found_ticked_and_left_by_keyboard(window: Window) -> None:
    window.open("jobs").settled()

    window.page.keyboard.press("j")
    window.page.keyboard.press("j")
    window.page.keyboard.press("x")
    expect(window.page.locator(".bulk-bar")).to_contain_text("1 ticked")
    window.page.keyboard.press("x")
    window.page.keyboard.press("Enter")

    expect(window.page.get_by_role("heading", level=1, name="Backup")).to_be_visible()


def test_a_job_is_added_by_keyboard_alone(window: Window, stage: Scene) -> None:
    keyboard = window.page.keyboard
    window.open("jobs").settled()

    keyboard.press("n")
    expect(window.page.get_by_label("Name", exact=True)).to_be_focused()
    keyboard.type("Typed only")
    keyboard.press("Tab")
    keyboard.type("Awesome")
    expect(window.page.get_by_role("option").first).to_be_visible()
    keyboard.press("ArrowDown")
    keyboard.press("Enter")
    keyboard.press("Control+s")

    expect(window.page.get_by_role("heading", level=1, name="Typed only")).to_be_visible()
    found = stage.api.get("/api/v1/jobs?q=Typed&limit=1").json()["jobs"]
    assert found[0]["job_class_string"].endswith("AwesomeJob")


@pytest.mark.parametrize("width", [1400, 768])
def test_no_fire_time_of_the_form_is_cut(window: Window, stage: Scene, width: int) -> None:
    window.page.set_viewport_size({"width": width, "height": 1000})
    # Shown in its zone, Europe/Berlin, and in that of the browser.
    window.open(stage.places()["edit-job"]).settled()
    expect(window.page.locator(".preview-times th")).to_have_count(3)

    times = window.page.locator(".preview-times")
    assert times.evaluate("element => element.scrollWidth <= element.clientWidth")


@pytest.mark.parametrize("place", ["executions", "logs"])
def test_the_columns_that_matter_are_in_sight_on_a_narrow_window(
    window: Window, place: str
) -> None:
    window.page.set_viewport_size({"width": 768, "height": 1000})
    window.open(place).settled()

    frame = window.page.locator(".table-frame")
    assert frame.evaluate("element => element.scrollWidth <= element.clientWidth")
