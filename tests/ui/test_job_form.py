"""The form of a new job, in a browser: what is typed becomes a job."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.api.api_server import AWESOME, NONE_JOB, Api
from tests.ui.job_form import field, new_job, row, saved
from tests.ui.window import Window


def by_preset(window: Window) -> None:
    field(window, "Kind of schedule").select_option("Monday to Friday")
    field(window, "at").fill("07:30")


def by_fields(window: Window) -> None:
    field(window, "Cron fields").check()
    field(window, "Minute").fill("*/20")
    field(window, "Hour").fill("8-18")
    field(window, "Day of week").fill("sat")


def by_crontab(window: Window) -> None:
    field(window, "Crontab line").check()
    field(window, "Crontab expression").fill("5 4 * * 0")


WAYS: list[tuple[Callable[[Window], None], str, dict[str, str]]] = [
    (
        by_preset,
        "Monday to Friday at 07:30",
        {"minute": "30", "hour": "7", "day_of_week": "mon-fri"},
    ),
    (by_fields, "Saturday", {"minute": "*/20", "hour": "8-18", "day_of_week": "sat"}),
    (by_crontab, "Sundays at 04:05", {"expression": "5 4 * * 0"}),
]


@pytest.mark.parametrize(("choose", "words", "trigger"), WAYS, ids=["preset", "fields", "crontab"])
def test_a_job_is_made(
    window: Window,
    api: Api,
    choose: Callable[[Window], None],
    words: str,
    trigger: dict[str, str],
) -> None:
    new_job(window, f"Made to run: {words}")
    with window.allowing("400"):
        choose(window)
        expect(window.page.locator(".preview-words")).to_contain_text(words)
        expect(window.page.locator(".preview-times tbody tr")).to_have_count(10)

    window.button("Add job").click()

    job = saved(window, api)
    assert job["name"] == f"Made to run: {words}"
    assert trigger.items() <= job["trigger"].items()
    expect(window.toast("was added")).to_be_visible()


def test_words_and_fire_times_follow_what_is_typed(window: Window) -> None:
    new_job(window, "Typed")
    field(window, "Crontab line").check()
    line = field(window, "Crontab expression")
    words = window.page.locator(".preview-words")

    with window.allowing("400"):
        line.fill("")
        line.press_sequentially("30 6 * * ")
        expect(window.page.locator(".schedule-preview")).to_contain_text(
            "The next fire times show when this is a schedule."
        )
        line.press_sequentially("*")

        expect(words).to_have_text("Every day at 06:30")
    times = window.page.locator(".preview-times tbody tr td:nth-child(2)")
    expect(times).to_contain_text(["06:30"] * 10)
    expect(field(window, "Hour")).to_have_value("6")
    field(window, "Minute").fill("45")
    expect(words).to_have_text("Every day at 06:45")
    expect(times).to_contain_text(["06:45"] * 10)
    expect(line).to_have_value("45 6 * * *")


def test_a_schedule_warns_of_what_one_may_not_expect(window: Window) -> None:
    new_job(window, "Warned")
    field(window, "Cron fields").check()
    warnings = window.page.get_by_role("list", name="To know")

    field(window, "Day").fill("31")
    field(window, "Month").fill("2")
    expect(warnings).to_contain_text("It never fires")
    field(window, "Day").fill("*")
    field(window, "Month").fill("*")
    field(window, "Time zone").fill("Europe/Berlin")
    field(window, "Hour").fill("2")
    field(window, "Minute").fill("30")

    expect(warnings).to_contain_text("clocks in Europe/Berlin go from 02:00 to 03:00")
    expect(warnings).to_contain_text("02:30 comes twice")
    expect(warnings).not_to_contain_text("It never fires")


def test_arguments_that_are_no_json_are_told_at_their_place(window: Window) -> None:
    new_job(window, "Misspelt")

    field(window, "Arguments").fill("['one']")
    expect(row(window, "Arguments")).to_contain_text("column 2: texts stand in double quotes")
    field(window, "Keyword arguments").fill('[{"a": 1}]')
    expect(row(window, "Arguments")).to_contain_text("column 2")
    expect(row(window, "Keyword arguments")).to_contain_text("This must be an object")
    window.button("Add job").click()
    expect(field(window, "Arguments")).to_be_focused()

    field(window, "Arguments").fill('["one", 2]')
    expect(row(window, "Arguments")).to_contain_text("Valid JSON, 2 arguments")
    assert window.place == "jobs/new"


def test_what_the_server_refuses_is_told_at_its_field_and_nothing_is_lost(
    window: Window, api: Api
) -> None:
    new_job(window, "Refused", "no.such.Class")
    field(window, "Arguments").fill('["kept"]')
    field(window, "Tags").fill("kept, too")

    with window.allowing("400"):
        window.page.keyboard.press("Control+s")
        expect(row(window, "Class")).to_contain_text("no.such.Class")
        expect(field(window, "Class")).to_be_focused()
        expect(field(window, "Class")).to_have_attribute("aria-invalid", "true")
    field(window, "Class").fill(NONE_JOB)
    expect(field(window, "Class")).not_to_have_attribute("aria-invalid", "true")
    window.page.keyboard.press("Control+s")

    job = saved(window, api)
    assert (job["name"], job["pub_args"], job["tags"]) == ("Refused", ["kept"], ["kept", "too"])


def test_a_class_is_chosen_by_keyboard_and_tells_of_its_arguments(window: Window) -> None:
    window.open("jobs/new")
    options = window.page.get_by_role("listbox").get_by_role("option")
    press = window.page.keyboard.press

    field(window, "Name").press("Tab")
    expect(field(window, "Class")).to_be_focused()
    window.page.keyboard.type("awesome")
    expect(options).to_have_count(1)
    press("ArrowDown")
    press("Enter")

    expect(field(window, "Class")).to_have_value(AWESOME)
    expect(window.page.get_by_role("listbox")).to_have_count(0)
    expect(row(window, "Class")).to_contain_text("Prints its two arguments")
    expect(row(window, "Class")).to_contain_text("Second argument")
    window.button("Example").click()
    expect(field(window, "Arguments")).to_have_value(re.compile('"first argument AAA"'))


STRANGE = "a$b ${c} \"'` \\n <b>bold</b> &amp; 👩‍🚀 ñ 漢字 "


def test_texts_of_every_kind_go_in_and_come_back_as_typed(window: Window, api: Api) -> None:
    name = (STRANGE * 20)[:499] + "!"
    arguments = '["$HOME", "it\'s <b>", "👩‍🚀 \\u001f\\n"]'
    new_job(window, name)
    field(window, "Arguments").fill(arguments)
    field(window, "Description").fill(f"{STRANGE}\n{STRANGE}")

    window.button("Add job").click()

    job = saved(window, api)
    assert job["name"] == name
    assert job["pub_args"] == ["$HOME", "it's <b>", "👩‍🚀 \x1f\n"]
    assert job["description"] == f"{STRANGE}\n{STRANGE}"
    expect(window.page.get_by_role("heading", level=1)).to_have_text(name)
    window.open(f"jobs/{job['job_id']}/edit")
    expect(field(window, "Name")).to_have_value(name)
    expect(field(window, "Arguments")).to_have_value(arguments)
    expect(field(window, "Description")).to_have_value(f"{STRANGE}\n{STRANGE}")
