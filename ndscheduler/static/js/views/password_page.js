// A new password of one's own.

import { put } from "../api.js";
import { sayAtFields } from "../dialogs/fields.js";
import { passwordField } from "../dialogs/password_field.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { isLongEnough, LEAST_CHARACTERS } from "../new_password.js";
import { mayChangePassword } from "../permissions.js";
import { PageView } from "./page_view.js";
import { emptyState } from "./table_view.js";

// [what is asked for, whether `first` and `second` are so].
const RULES = [
  [`At least ${LEAST_CHARACTERS} characters`, (first) => isLongEnough(first)],
  ["Both are the same", (first, second) => first !== "" && first === second],
];
const ELSEWHERE = {
  settings: "Your account is one of the settings: your password is changed in AUTH_CREDENTIALS.",
  ldap: "Your account is one of LDAP: your password is changed there.",
};

export class PasswordPage extends PageView {
  className() {
    return "page password-page";
  }

  get title() {
    return "Change password";
  }

  events() {
    return { "submit form": "submit", "input input": "refresh" };
  }

  render() {
    const header = el("header", { class: "page-header" }, el("h1", {}, this.title));
    const { known } = this.app.session;
    const body = mayChangePassword(known) ? this.form(known.username) : nothingToChange(known);
    this.el.replaceChildren(header, body);
    return this;
  }

  form(username) {
    this.makeFields();
    // Password managers want to know whose it is.
    const user = { autocomplete: "username", value: username, readonly: true, hidden: true };
    const form = el(
      "form",
      { class: "card-box", novalidate: true },
      el("input", { type: "text", ...user }),
      this.old.element,
      this.first.element,
      this.second.element,
      this.rules,
      this.problem,
      el("div", { class: "inline-controls" }, this.button, this.done),
    );
    this.refresh();
    return form;
  }

  makeFields() {
    this.old = passwordField("Current password", { autocomplete: "current-password" });
    this.first = passwordField("New password", { autocomplete: "new-password" });
    this.second = passwordField("New password again", { autocomplete: "new-password" });
    this.rules = el("ul", { class: "password-rules", "aria-label": "What is asked for" });
    this.problem = el("p", { class: "login-problem", role: "alert" });
    this.done = el("p", { class: "state state-succeeded", role: "status" });
    this.button = el("button", { type: "submit", class: "btn btn-primary" }, this.title);
  }

  get typed() {
    return [this.first.control.value, this.second.control.value];
  }

  /** Show which rules are met. */
  refresh() {
    const items = RULES.map(([words, isMet]) => rule(words, isMet(...this.typed)));
    this.rules.replaceChildren(...items);
    if (this.typed.some(Boolean)) this.done.replaceChildren();
  }

  async submit(event) {
    event.preventDefault();
    if (this.button.disabled || !this.isComplete()) return;
    this.button.disabled = true;
    this.problem.replaceChildren();
    try {
      await this.change();
      this.succeed();
    } catch (error) {
      this.problem.replaceChildren(error.message);
    } finally {
      this.button.disabled = false;
    }
  }

  isComplete() {
    const [first, second] = this.typed;
    const missing = [
      [this.old, this.old.control.value === "" && "Type the password that you have now."],
      [this.first, !isLongEnough(first) && `At least ${LEAST_CHARACTERS} characters.`],
      [this.second, first !== second && "This is not the same as the one above."],
    ];
    for (const [{ say }, problem] of missing) say(problem || null);
    missing.find(([, problem]) => problem)?.[0].control.focus();
    return missing.every(([, problem]) => !problem);
  }

  change() {
    const body = { password: this.old.control.value, new_password: this.first.control.value };
    const fields = { password: this.old, new_password: this.first };
    return sayAtFields(fields, () => put("password", body));
  }

  succeed() {
    for (const { control, show } of [this.old, this.first, this.second]) {
      control.value = "";
      show(false);
    }
    this.refresh();
    this.done.replaceChildren(
      icon("check"),
      " Your password is changed. Where else you were logged in, you are no more.",
    );
  }
}

function rule(words, isMet) {
  return el(
    "li",
    { class: isMet ? "is-met" : null },
    icon(isMet ? "check" : "circle"),
    ` ${words}`,
    el("span", { class: "visually-hidden" }, isMet ? ": yes" : ": not yet"),
  );
}

function nothingToChange({ source, way }) {
  const text =
    way === "open"
      ? "Nobody has to log in on this server."
      : (ELSEWHERE[source] ?? "Nobody is logged in here.");
  const action = el("a", { class: "btn btn-primary", href: "#" }, "Go to the overview");
  return emptyState({ iconName: "key", title: "There is no password to change", text, action });
}
