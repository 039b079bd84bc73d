"""What one's role may not do, the page does not offer; the server decides all the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.api.api_server import AWESOME, Api
from tests.ui.accounts import add_account, guarded, log_in
from tests.ui.window import Window

MENUS = {
    "vic": ["History"],
    "olga": ["Run now", "Run with arguments …", "Pause …", "Skip next run …", "History"],
    "ed": [
        "Run now",
        "Run with arguments …",
        "Edit",
        "Clone",
        "Pause …",
        "Skip next run …",
        "History",
        "Delete …",
    ],
}


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server with accounts, in place of the open one."""
    with guarded(tmp_path_factory.mktemp("server")) as api:
        yield api


@pytest.fixture(scope="module")
def job_id(api: Api) -> str:
    return api.add_job(name="Backup", job_class_string=AWESOME, pub_args=["a", "b"])


@pytest.mark.parametrize("name", MENUS)
def test_the_menu_of_a_job_has_what_one_may_do(window: Window, job_id: str, name: str) -> None:
    log_in(window, name, "jobs").live()

    window.button("Actions for Backup").click()

    items = window.page.locator(".dropdown-menu.show .dropdown-item")
    expect(items).to_have_text(MENUS[name])
    # A line parts groups; it neither begins nor ends the menu.
    lines = window.page.locator(".dropdown-menu.show > li:is(:first-child, :last-child) > hr")
    expect(lines).to_have_count(0)


def test_a_viewer_looks_at_jobs_and_changes_nothing(window: Window, job_id: str) -> None:
    log_in(window, "vic", "jobs").live()

    expect(window.row("Backup")).to_be_visible()
    expect(window.page.get_by_role("link", name="New job")).to_have_count(0)
    expect(window.page.get_by_role("switch", name="Backup is on")).to_be_disabled()
    expect(window.page.get_by_role("checkbox", name="Tick Backup")).to_have_count(0)
    expect(window.page.get_by_role("link", name="Users")).to_have_count(0)
    window.open(f"jobs/{job_id}").settled()
    expect(window.button("Run now")).to_have_count(0)
    expect(window.page.get_by_role("link", name="Edit")).to_have_count(0)
    window.open("").settled()
    expect(window.page.locator(".upcoming-list")).to_contain_text("Backup")
    expect(window.page.locator(".upcoming-actions button")).to_have_count(0)


def test_a_viewer_reads_executions_and_runs_none_again(
    window: Window, api: Api, job_id: str
) -> None:
    execution = api.run_job(job_id)
    log_in(window, "vic", f"executions/{execution['execution_id']}").settled()

    expect(window.page.get_by_role("heading", level=2, name="Arguments")).to_be_visible()
    expect(window.button("Run again")).to_have_count(0)
    window.page.keyboard.press("r")
    window.open("executions").settled()

    assert api.get(f"/api/v1/executions?job_id={job_id}&limit=10").json()["total"] == 1


def test_keys_do_what_one_may_do(window: Window, api: Api, job_id: str) -> None:
    log_in(window, "olga", f"jobs/{job_id}").live()
    expect(window.button("Run now")).to_be_visible()

    window.page.keyboard.press("n")
    window.page.keyboard.press("e")
    window.page.keyboard.press("?")

    expect(window.dialog).to_contain_text("Run the job now")
    expect(window.dialog).not_to_contain_text("Edit the job")
    expect(window.dialog).not_to_contain_text("New job")
    assert window.place == f"jobs/{job_id}"


def test_an_operator_runs_and_pauses_ticked_jobs_and_deletes_none(
    window: Window, job_id: str
) -> None:
    log_in(window, "olga", "jobs").live()

    window.page.get_by_role("checkbox", name="Tick Backup").check()

    bar = window.page.get_by_role("region", name="Ticked jobs")
    expect(bar.get_by_role("button", name="Run now")).to_be_visible()
    expect(bar.get_by_role("button", name="Pause …")).to_be_visible()
    expect(bar.get_by_role("button", name="Delete …")).to_have_count(0)


@pytest.mark.parametrize(
    ("name", "place", "needed"),
    [("olga", "jobs/new", "Editor"), ("ed", "users", "Admin"), ("ed", "tokens", "Admin")],
)
def test_a_page_for_another_role_says_so(
    window: Window, name: str, place: str, needed: str
) -> None:
    log_in(window, name, place)

    expect(window.page.get_by_text(f"This page needs the role {needed};")).to_be_visible()
    expect(window.page.get_by_role("heading", name="Not for your role")).to_be_visible()


def test_what_the_server_refuses_is_told(window: Window, api: Api, job_id: str) -> None:
    log_in(window, "olga", f"jobs/{job_id}").live()
    before = api.get(f"/api/v1/executions?job_id={job_id}&limit=1").json()["total"]
    vic = {"username": "vic", "password": "correct horse battery"}
    # As if the page were older than the role: its cookie is now that of somebody else.
    window.page.route("**/api/v1/stream*", lambda route: route.abort())
    window.page.route("**/api/v1/session", lambda route: route.abort())
    answer = window.page.context.request.post(f"{api.url}/api/v1/session", data=vic)
    assert answer.ok

    with window.allowing("status of 403", "ERR_FAILED"):
        window.button("Run now").click()
        expect(window.toast("needs the role operator; yours is viewer")).to_be_visible()

    assert api.get(f"/api/v1/executions?job_id={job_id}&limit=1").json()["total"] == before


def test_a_new_role_changes_the_page_at_the_next_login(window: Window, api: Api) -> None:
    add_account(api, "rita", "viewer")
    log_in(window, "rita", "jobs").live()
    expect(window.page.get_by_role("link", name="New job")).to_have_count(0)

    api.put("/api/v1/users/rita", json={"role": "editor"})
    expect(window.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    log_in(window, "rita", "jobs")

    expect(window.page.get_by_role("link", name="New job")).to_be_visible()


def test_the_last_admin_stays_one(window: Window, api: Api) -> None:
    log_in(window, "ann", "users").live()

    window.choose("Actions for ann", "Change role")
    window.dialog.get_by_label("Role", exact=True).select_option("Viewer")
    with window.allowing("status of 400"):
        window.button("Change the role").click()
        expect(window.dialog.get_by_text("Somebody has to be an admin")).to_be_visible()
    expect(window.dialog.get_by_label("Role", exact=True)).to_be_focused()
    window.button("Cancel").click()
    expect(window.dialog).to_have_count(0)
    window.choose("Actions for ann", "Disable")
    with window.allowing("status of 400"):
        window.button("Disable the account").click()
        expect(window.dialog.get_by_role("alert")).to_contain_text("Somebody has to be an admin")

    assert api.get("/api/v1/users/ann").json()["role"] == "admin"


def test_the_audit_log_tells_of_logins_and_accounts(window: Window, api: Api) -> None:
    add_account(api, "aida", "viewer")
    log_in(window, "ann", "logs").live().settled()

    row = window.row("Account aida was added as viewer.")
    expect(row).to_contain_text("User added")
    expect(row).to_contain_text("ann")
    row.locator("td").last.click()
    expect(window.dialog.get_by_role("heading", name="User added")).to_be_visible()
    expect(window.dialog.get_by_role("row", name="role")).to_contain_text("viewer")
    window.page.keyboard.press("Escape")
    window.page.get_by_label("Event").select_option("Logged in")

    expect(window.row("ann logged in.").first).to_contain_text("Logged in")
    expect(window.row("Account aida")).to_have_count(0)
