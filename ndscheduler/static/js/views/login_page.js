// The login. It stands alone: before it, nothing but the session is asked of the server.

import Backbone from "backbone";

import { get, post } from "../api.js";
import { field } from "../dialogs/fields.js";
import { passwordField } from "../dialogs/password_field.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { parseFragment, placeAfterLogin, placeHere } from "../router.js";
import { startAnew } from "../session.js";
import { showWindowTitle } from "../window_title.js";

const ASK_MILLISECONDS = 5000;
const SECOND = 1000;

// By the status of the answer; the server says the others itself.
const SENTENCES = {
  0: "The server can not be reached. Is it up, and is this computer connected?",
  429: "Too many attempts to log in. Wait until the button says so, then try again.",
};

const NO_COOKIE = "You are logged in, but this browser keeps no cookie of this page. Allow it to.";

export class LoginPage extends Backbone.View {
  /** `info` of page_info.js; `begin(fragment)` shows the page, once somebody is logged in. */
  initialize({ info, begin = startAnew }) {
    Object.assign(this, { info, begin });
  }

  events() {
    return { "submit form": "submit" };
  }

  get next() {
    const { path, query } = parseFragment(placeHere());
    return path === "login" ? placeAfterLogin(query.next) : placeAfterLogin(placeHere());
  }

  render() {
    const { title } = this.info;
    this.makeFields();
    const brand = el("p", { class: "login-title" }, icon("clock"), " ", title);
    this.el.classList.add("login-frame");
    this.el.replaceChildren(el("main", { class: "login-page" }, brand, this.form()));
    showWindowTitle("Log in", title);
    this.user.control.focus();
    this.watch();
    return this;
  }

  makeFields() {
    const name = el("input", {
      type: "text",
      class: "form-control",
      name: "username",
      autocomplete: "username",
      autocapitalize: "none",
      spellcheck: "false",
    });
    this.user = field("User name", name);
    const names = { name: "password", autocomplete: "current-password" };
    this.password = passwordField("Password", names);
    this.problem = el("p", { class: "login-problem", role: "alert" });
    this.button = el("button", { type: "submit", class: "btn btn-primary" }, "Log in");
  }

  form() {
    return el(
      "form",
      { class: "card-box", novalidate: true },
      el("h1", {}, "Log in"),
      this.problem,
      this.user.element,
      this.password.element,
      this.button,
    );
  }

  /** Somebody may have logged in in another tab; or the database was away, and nobody had to. */
  watch() {
    this.ask();
    document.addEventListener("visibilitychange", () => document.hidden || this.ask());
  }

  async ask() {
    try {
      const { login_required: isRequired } = await get("session");
      if (!isRequired) this.begin(this.next);
      else if (this.isAway) this.say("");
      this.isAway = false;
    } catch (error) {
      this.isAway = true;
      this.sayFailed(error);
      setTimeout(() => this.ask(), ASK_MILLISECONDS);
    }
  }

  async submit(event) {
    event.preventDefault();
    if (this.button.disabled || !this.isComplete()) return;
    this.setWorking(true);
    try {
      const [username, password] = [this.user.control.value, this.password.control.value];
      await post("session", { username, password });
      const { login_required: isRequired } = await get("session");
      if (isRequired) throw new Error(NO_COOKIE);
      this.begin(this.next);
    } catch (error) {
      this.setWorking(false);
      this.sayFailed(error);
    }
  }

  /** True when both are typed; else says which is missing. */
  isComplete() {
    this.say("");
    this.user.say(this.user.control.value ? null : "Type your user name.");
    this.password.say(this.password.control.value ? null : "Type your password.");
    const missing = [this.user, this.password].find(({ control }) => !control.value);
    missing?.control.focus();
    return !missing;
  }

  setWorking(isWorking) {
    this.button.disabled = isWorking;
    this.button.textContent = isWorking ? "Logging in …" : "Log in";
  }

  say(sentence) {
    this.problem.replaceChildren(...(sentence ? [icon("warning"), el("span", {}, sentence)] : []));
  }

  sayFailed(error) {
    this.say(SENTENCES[error.status] ?? error.message);
    if (error.status === 429) this.countDown(error.waitSeconds);
    if (error.status === 401) this.password.control.select();
  }

  /** Until it is over the server would hear no attempt. */
  countDown(seconds) {
    this.button.disabled = seconds > 0;
    this.button.textContent = seconds > 0 ? `Try again in ${seconds} s` : "Log in";
    if (seconds > 0) setTimeout(() => this.countDown(seconds - 1), SECOND);
    else this.say("");
  }
}
