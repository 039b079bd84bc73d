"""Whatever people type is text: nothing of it runs, and all of it is shown as typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Page, expect

from tests.api.api_server import Api, serving
from tests.ui.window import Window

ECHO = "strange_jobs.echo_job.EchoJob"
RUNS = "window.ran=1"
STRINGS = (
    f"<script>{RUNS}</script>",
    f"<img src=x onerror={RUNS}>",
    f'"><svg onload={RUNS}>',
    f"' autofocus onfocus='{RUNS}",
    f"javascript:{RUNS}",
    f"</title><script>{RUNS}</script>",
    f"<%= {RUNS} %>${{{RUNS}}}{{{{{RUNS}}}}}",
    "&lt;b&gt; &amp; &#39;",
    "txt.\u202egpj.exe",
    "👩‍🚀 🏳️‍🌈 ñ 漢字 ا",
    "\"'`",
    "../../etc?a=b&c#d%2F%00",
)
LONG = "".join(f"{text} " for text in STRINGS)[:200]
# Anything here that the page has made of text.
MADE = (
    "main script, main img, [onerror], [onload], [onfocus], [autofocus], "
    "a[href^='javascript:' i], main b"
)


@dataclass(frozen=True)
class Strange:
    """A server full of such texts; `job` and its executions have the longest."""

    api: Api
    job: str
    good: str
    bad: str


@pytest.fixture(scope="module")
def strange(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Strange]:
    settings = {
        "JOB_CLASS_PACKAGES": ["strange_jobs"],
        "WEBSITE_TITLE": STRINGS[0],
        "HELP_URL": STRINGS[4],
        "ISSUES_URL": STRINGS[2],
    }
    with serving(tmp_path_factory.mktemp("strange"), **settings) as api:
        for text in STRINGS:
            fill(api, text)
        yield Strange(api, *fill(api, LONG))


def fill(api: Api, text: str) -> tuple[str, str, str]:
    """Put `text` into every field: the ids of a job and of executions that worked and failed."""
    job = api.add_job(
        name=text,
        job_class_string=ECHO,
        pub_args=[text],
        kwargs={f"k{text}": {text: text}},
        tags=[text[:60]],
        description=text,
    )
    good = api.run_job(job)
    bad = api.run_job(job, pub_args=[text, True])
    assert (good["state"], bad["state"]) == ("succeeded", "failed")
    assert api.post(f"/api/v1/jobs/{job}/pause", json={"reason": text}).ok
    return job, good["execution_id"], bad["execution_id"]


@pytest.fixture
def window(page: Page, strange: Strange) -> Iterator[Window]:
    """A page that notes what its policy refuses, and fails for anything that ran."""
    page.add_init_script(
        "window.refused = [];"
        "document.addEventListener('securitypolicyviolation',"
        " (event) => window.refused.push(event.violatedDirective + ' ' + event.blockedURI));"
    )
    window = Window(page, strange.api.url)
    yield window
    assert page.evaluate("window.refused") == []
    assert page.evaluate("window.ran") is None
    assert page.locator(MADE).count() == 0
    window.check()


def text_of(window: Window) -> str:
    """All text of the page, hidden parts of what is cut included."""
    return window.page.locator("main").evaluate("main => main.textContent")


@pytest.mark.parametrize("place", ["jobs", "executions", "logs"])
def test_a_list_shows_each_text_as_typed(window: Window, place: str) -> None:
    window.open(place).settled()

    shown = text_of(window)

    assert [text for text in STRINGS if text not in shown] == []


def test_a_job_shows_its_texts_as_typed(window: Window, strange: Strange) -> None:
    for tab in ("", "executions", "audit", "options"):
        window.open(f"jobs/{strange.job}?tab={tab}").settled()

        assert window.page.title().startswith(LONG.strip())
        assert LONG.strip() in text_of(window)


def test_the_form_has_texts_as_typed(window: Window, strange: Strange) -> None:
    window.open(f"jobs/{strange.job}/edit").settled()

    values = window.page.locator("main input, main textarea").evaluate_all(
        "fields => fields.map((field) => field.value)"
    )

    assert values.count(LONG) >= 2
    assert "<b>bold</b>" in text_of(window)


def test_the_audit_log_shows_a_change_as_typed(window: Window) -> None:
    for text in STRINGS[:3]:
        window.open("logs?event=paused").settled()

        window.row(text).locator("td").nth(3).click()

        dialog = window.page.get_by_role("dialog")
        expect(dialog).to_contain_text(text)
        window.page.keyboard.press("Escape")


@pytest.mark.parametrize("outcome", ["good", "bad"])
def test_an_execution_shows_its_result_as_it_came(
    window: Window, strange: Strange, outcome: str
) -> None:
    window.open(f"executions/{getattr(strange, outcome)}").settled()

    results = window.page.get_by_label("Result", exact=True).inner_text()

    # In JSON quotes are escaped; in a traceback nothing is.
    assert (LONG if outcome == "bad" else STRINGS[0]) in results


def test_dialogs_name_a_job_as_typed(window: Window) -> None:
    name = STRINGS[1]
    window.open("jobs").settled()

    for word in ("Run with arguments", "Delete"):
        window.choose(f"Actions for {name}", word)

        expect(window.page.get_by_role("dialog")).to_contain_text(name)
        window.page.keyboard.press("Escape")
        expect(window.page.get_by_role("dialog")).to_have_count(0)


def test_a_message_names_a_job_as_typed(window: Window) -> None:
    window.open("jobs").settled()

    window.choose(f"Actions for {STRINGS[2]}", "Run now")

    expect(window.toast("is queued")).to_contain_text(STRINGS[2])


def test_texts_come_and_are_searched_for_as_typed(window: Window) -> None:
    for text in STRINGS:
        if '"' in text:
            continue
        window.open("jobs")
        window.page.get_by_role("searchbox", name="Search jobs").fill(f'"{text}"')
        window.page.keyboard.press("Enter")

        expect(window.page.locator("main tbody tr").first).to_contain_text(text)


def test_titles_and_links_of_settings_are_text(window: Window) -> None:
    window.open("about").settled()

    assert window.page.locator(".brand").inner_text() == STRINGS[0]
    window.page.get_by_role("button", name="More").click()
    menu = window.page.locator(".dropdown-menu.show")
    expect(menu).to_be_visible()
    links = menu.locator("a").evaluate_all("links => links.map((link) => link.href)")
    assert all(link.startswith(("http://", "https://")) for link in links)


def test_a_place_that_is_markup_is_no_page(window: Window) -> None:
    with window.allowing("404"):
        for place in (STRINGS[0], f"jobs/{STRINGS[1]}", f"executions/{STRINGS[2]}?q={STRINGS[1]}"):
            window.open(place).settled()

            expect(window.page.locator("main")).to_contain_text("There is no such")


def test_marks_of_direction_stay_in_their_cell(window: Window) -> None:
    window.open("executions").settled()

    cells = window.row("gpj.exe").first.locator(".text-cell")

    directions = cells.evaluate_all("all => all.map((one) => getComputedStyle(one).unicodeBidi)")
    assert set(directions) == {"isolate"}
