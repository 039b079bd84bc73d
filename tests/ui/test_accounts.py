"""The pages of accounts: one's own password, the users, the API tokens."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from playwright.sync_api import BrowserContext, Page, expect

from ndscheduler.corescheduler.password_hashes import hash_password
from tests.api.api_server import Api, serving
from tests.ui.accounts import PASSWORD, REFUSED, add_account, guarded, log_in, type_login
from tests.ui.axe import COLOUR_RULES, RULES, violations
from tests.ui.window import Window

NEW_PASSWORD = "battery staple"


@pytest.fixture(scope="module")
def api(
    _extra_jobs_are_importable: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A server with accounts, one of them in the settings, in place of the open one."""
    kept = {"AUTH_CREDENTIALS": {"sara": hash_password(PASSWORD)}, "ADMIN_USER": "sara"}
    with guarded(tmp_path_factory.mktemp("server"), **kept) as api:
        yield api


def account(api: Api, name: str) -> dict[str, Any]:
    found: dict[str, Any] = api.get(f"/api/v1/users/{name}").json()
    return found


def may_log_in(api: Api, name: str, password: str) -> bool:
    body = {"username": name, "password": password}
    return requests.post(f"{api.url}/api/v1/session", json=body, timeout=30).ok


def submit(window: Window, name: str) -> None:
    window.dialog.get_by_role("button", name=name, exact=True).click()


def test_a_password_is_changed_by_who_knows_it(window: Window, api: Api) -> None:
    add_account(api, "paula", "viewer")
    log_in(window, "paula", "password").live()
    current, new, again = (
        window.page.get_by_label(label, exact=True)
        for label in ("Current password", "New password", "New password again")
    )
    rules = window.page.get_by_role("list", name="What is asked for")

    new.fill("short")
    expect(rules).to_contain_text("At least 8 characters: not yet")
    window.button("Change password").click()
    expect(window.page.get_by_text("Type the password that you have now.")).to_be_visible()
    new.fill(NEW_PASSWORD)
    again.fill(NEW_PASSWORD)
    expect(rules).to_contain_text("At least 8 characters: yes")
    expect(rules).to_contain_text("Both are the same: yes")
    current.fill("not the password")
    with window.allowing("status of 400"):
        window.page.keyboard.press("Enter")
        expect(current).to_have_attribute("aria-invalid", "true")
    expect(current).to_be_focused()
    current.fill(PASSWORD)
    window.page.keyboard.press("Enter")

    expect(window.page.get_by_text("Your password is changed.")).to_be_visible()
    expect(current).to_have_value("")
    assert may_log_in(api, "paula", NEW_PASSWORD)
    assert not may_log_in(api, "paula", PASSWORD)
    # The old login has ended, and the page has gone on with the new one.
    window.open("jobs").settled()
    api.add_job(name="After the new password")
    expect(window.row("After the new password")).to_be_visible()
    expect(window.button("More paula")).to_be_visible()


def test_a_new_password_that_the_server_refuses_is_told_at_its_field(
    window: Window, api: Api
) -> None:
    add_account(api, "patricia", "viewer")
    log_in(window, "patricia", "password")
    for label, text in (("Current password", PASSWORD), ("New password", "patricia")):
        window.page.get_by_label(label, exact=True).fill(text)
    window.page.get_by_label("New password again").fill("patricia")

    with window.allowing("status of 400"):
        window.button("Change password").click()
        expect(window.page.get_by_text("Is too easily guessed")).to_be_visible()

    expect(window.page.get_by_label("New password", exact=True)).to_be_focused()


def test_who_has_no_password_here_is_told_where_it_is(window: Window) -> None:
    log_in(window, "sara", "password")

    expect(window.page.get_by_text("is changed in AUTH_CREDENTIALS")).to_be_visible()
    window.button("More sara").click()
    expect(window.page.get_by_role("link", name="Change password")).to_have_count(0)


def test_a_user_is_added_who_then_logs_in(window: Window, api: Api) -> None:
    log_in(window, "ann", "users").live()

    window.button("Add user").click()
    window.page.get_by_label("User name").fill("nina")
    window.dialog.get_by_label("Password", exact=True).fill("short")
    submit(window, "Add")
    expect(window.dialog.get_by_text("At least 8 characters.")).to_be_visible()
    window.button("Generate").click()
    password = window.dialog.get_by_label("Password", exact=True).input_value()
    window.page.get_by_label("Role").select_option("Operator")
    expect(window.dialog).to_contain_text("Also runs, pauses and resumes jobs.")
    submit(window, "Add")

    expect(window.toast("“nina” may log in now")).to_be_visible()
    expect(window.row("nina")).to_contain_text("Operator")
    assert account(api, "nina")["role"] == "operator"
    assert may_log_in(api, "nina", password)


def test_what_the_server_refuses_is_told_at_its_field(window: Window) -> None:
    log_in(window, "ann", "users")

    window.button("Add user").click()
    window.page.get_by_label("User name").fill("vic")
    window.button("Generate").click()
    with window.allowing("status of 400"):
        submit(window, "Add")
        expect(window.dialog.get_by_text("There is an account 'vic' already")).to_be_visible()

    expect(window.page.get_by_label("User name")).to_be_focused()


def test_the_role_and_the_password_of_a_user_are_changed(window: Window, api: Api) -> None:
    add_account(api, "rolf", "viewer")
    log_in(window, "ann", "users").live()

    window.choose("Actions for rolf", "Change role")
    window.dialog.get_by_label("Role", exact=True).select_option("Editor")
    submit(window, "Change the role")
    expect(window.row("rolf")).to_contain_text("Editor")
    expect(window.dialog).to_have_count(0)
    window.choose("Actions for rolf", "Set a new password")
    window.dialog.get_by_label("Password", exact=True).fill(NEW_PASSWORD)
    submit(window, "Set the password")
    expect(window.toast("“rolf” has a new password.")).to_be_visible()

    assert account(api, "rolf")["role"] == "editor"
    assert may_log_in(api, "rolf", NEW_PASSWORD)


def test_a_user_who_is_disabled_is_logged_out_at_once(
    window: Window, api: Api, context: BrowserContext
) -> None:
    add_account(api, "dora", "editor")
    browser = context.browser
    assert browser is not None
    elsewhere = browser.new_context()
    other = log_in(Window(elsewhere.new_page(), api.url), "dora", "jobs").live()
    log_in(window, "ann", "users").live()

    window.choose("Actions for dora", "Disable")
    expect(window.dialog).to_contain_text("is logged out at once")
    submit(window, "Disable the account")
    expect(window.row("dora")).to_contain_text("Disabled")
    expect(other.page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
    with other.allowing(REFUSED):
        type_login(other, "dora")
        expect(other.page.get_by_text("The user name or the password is wrong.")).to_be_visible()

    expect(window.dialog).to_have_count(0)
    window.choose("Actions for dora", "Enable")
    submit(window, "Enable the account")
    expect(window.row("dora")).to_contain_text("Active")
    type_login(other, "dora")
    expect(other.page.get_by_role("heading", level=1, name="Jobs")).to_be_visible()
    other.check()
    elsewhere.close()


def test_accounts_of_the_settings_are_shown_and_not_changed(window: Window) -> None:
    log_in(window, "ann", "users").settled()

    expect(window.row("sara")).to_contain_text("Settings")
    expect(window.row("sara")).to_contain_text("read-only")
    expect(window.button("Actions for sara")).to_have_count(0)
    expect(window.row("ann")).to_contain_text("(you)")


def test_a_token_is_shown_once_works_and_is_revoked(
    window: Window, api: Api, context: BrowserContext
) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    log_in(window, "ann", "tokens").live()

    window.button("New token").first.click()
    window.dialog.get_by_label("Name").fill("deploy script")
    window.dialog.get_by_label("Role").select_option("Operator")
    window.dialog.get_by_label("Expires").select_option("In 30 days")
    submit(window, "Make the token")
    token = window.page.get_by_role("textbox", name="The token").input_value()
    window.button("Copy the token").click()
    expect(window.toast("Copied.")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()") == token
    window.dialog.get_by_text("Close", exact=True).click()
    row = window.row("deploy script")
    expect(row).to_contain_text("Operator")
    expect(row).to_contain_text("never")

    def status() -> int:
        headers = {"Authorization": f"Bearer {token}"}
        return requests.get(f"{api.url}/api/v1/jobs", headers=headers, timeout=30).status_code

    assert status() == 200
    assert token not in window.page.content()
    window.button("Revoke deploy script").click()
    submit(window, "Revoke the token")
    expect(row).to_have_count(0)
    assert status() == 401


def test_a_token_is_copied_by_plain_http(window: Window, context: BrowserContext) -> None:
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    # As on a server that is no loopback address and has no certificate.
    insecure = "Object.defineProperty(window, 'isSecureContext', { value: false })"
    window.page.add_init_script(insecure)
    log_in(window, "ann", "tokens")
    window.button("New token").first.click()
    window.dialog.get_by_label("Name").fill("copied")
    submit(window, "Make the token")
    token = window.page.get_by_role("textbox", name="The token").input_value()

    window.button("Copy the token").click()

    expect(window.toast("Copied.")).to_be_visible()
    assert window.page.evaluate("navigator.clipboard.readText()") == token


def test_names_are_shown_as_text(window: Window, api: Api) -> None:
    name = "<img src=x onerror=alert(1)>"
    add_account(api, name, "viewer")
    api.post("/api/v1/tokens", json={"name": name, "role": "viewer"})

    log_in(window, "ann", "users").settled()
    expect(window.row(name)).to_be_visible()
    window.choose(f"Actions for {name}", "Disable")
    expect(window.dialog).to_contain_text(name)
    window.button("Cancel").click()
    window.open("tokens")
    expect(window.row(name)).to_be_visible()
    window.open("logs")
    expect(window.row(f"Account {name} was added")).to_be_visible()


def test_the_first_account_closes_an_open_server(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path) as api:
        window = Window(page, api.url).open("jobs").live()
        window.button("More anonymous").click()
        expect(page.get_by_text("Open to everybody on this machine")).to_be_visible()
        page.locator(".dropdown-menu.show").get_by_text("Users").click()

        window.button("Add the first account").click()
        page.get_by_label("User name").fill("ann")
        window.dialog.get_by_label("Password", exact=True).fill(PASSWORD)
        submit(window, "Add")
        expect(page.get_by_role("heading", level=1, name="Log in")).to_be_visible()
        type_login(window, "ann")

        expect(window.row("ann")).to_contain_text("Admin")
        window.check()


def test_a_server_that_asks_nobody_says_so(page: Page, tmp_path: Path) -> None:
    with serving(tmp_path, AUTH="none") as api:
        window = Window(page, api.url).open("users").settled()

        expect(page.get_by_role("note")).to_contain_text("The setting AUTH is none")
        window.open("password")
        expect(page.get_by_text("Nobody has to log in on this server.")).to_be_visible()
        window.check()


@pytest.mark.parametrize("place", ["users", "tokens", "password"])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_nothing_serious_is_found_on_the_pages_of_accounts(
    window: Window, place: str, theme: str
) -> None:
    window.page.emulate_media(color_scheme=theme, reduced_motion="reduce")  # type: ignore[arg-type]
    log_in(window, "ann", place).settled()

    assert violations(window.page, RULES if theme == "light" else COLOUR_RULES) == []
    window.page.set_viewport_size({"width": 360, "height": 740})
    assert window.page.evaluate("document.documentElement.scrollWidth") <= 360
