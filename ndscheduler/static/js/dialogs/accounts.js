// What admins do with accounts: each asks, and tells what came of it.

import { pathOf, post, put } from "../api.js";
import { copyButton } from "../copy_button.js";
import { ask, openDialog } from "../dialogs.js";
import { el, shortened } from "../dom.js";
import { generatedPassword, isLongEnough, LEAST_CHARACTERS } from "../new_password.js";
import { ROLE_WORDS, roleWord } from "../permissions.js";
import { toast } from "../toasts.js";
import { field, roleField, sayAtFields } from "./fields.js";
import { passwordField } from "./password_field.js";

const SESSIONS_END = "Whoever is logged in with this account is logged out at once.";
const CLOSES = "From then on everybody has to log in, you with this account first.";
const TOO_SHORT = `At least ${LEAST_CHARACTERS} characters.`;

/** Add an account; the first one of a server is an admin's. Resolves to true once it is there. */
export async function addAccount({ isFirst = false } = {}) {
  const input = el("input", { class: "form-control", autocomplete: "off", spellcheck: "false" });
  const name = field("User name", input);
  const password = newPasswordField();
  const role = isFirst ? roleField("admin", ROLE_WORDS.slice(-1)) : roleField("viewer");
  const parts = [name, password, role].map(({ element }) => element);
  const added = await openDialog({
    title: isFirst ? "Add the first account" : "Add a user",
    body: el("div", {}, isFirst && el("p", { class: "soft" }, CLOSES), parts),
    confirm: "Add",
    onConfirm: () =>
      sayAtFields({ name, password, role }, async () => {
        const body = { name: name.control.value.trim(), password: password.value() };
        return post("users", { ...body, role: role.control.value });
      }),
  });
  if (added) toast(`${quoted(added.name)} may log in now, as ${added.role}.`);
  return Boolean(added);
}

/** Give an account another role. */
export async function changeRole(account) {
  const { name } = account.attributes;
  const role = roleField(account.get("role"));
  const changed = await openDialog({
    title: `Role of ${quoted(name)}`,
    body: el("div", {}, role.element, el("p", { class: "soft" }, SESSIONS_END)),
    confirm: "Change the role",
    onConfirm: () => sayAtFields({ role }, () => change(account, { role: role.control.value })),
  });
  if (changed) toast(`${quoted(name)} is ${roleWord(changed.role)} now.`);
}

/** Give an account a new password. */
export async function setPassword(account) {
  const { name } = account.attributes;
  const password = newPasswordField();
  const changed = await openDialog({
    title: `New password for ${quoted(name)}`,
    body: el("div", {}, password.element, el("p", { class: "soft" }, SESSIONS_END)),
    confirm: "Set the password",
    onConfirm: () =>
      sayAtFields({ password }, async () => change(account, { password: password.value() })),
  });
  if (changed) toast(`${quoted(name)} has a new password.`);
}

/** Disable an account, or enable it again. */
export async function switchAccount(account) {
  const { name, is_disabled: isDisabled } = account.attributes;
  const [verb, done] = isDisabled ? ["Enable", "enabled"] : ["Disable", "disabled"];
  const lines = isDisabled
    ? [`It may log in again, as ${roleWord(account.get("role"))}, with the password it had.`]
    : [SESSIONS_END, "It can not log in until it is enabled again; its API tokens do not work."];
  const isSure = await ask({
    title: `${verb} ${quoted(name)}?`,
    lines,
    confirm: `${verb} the account`,
    danger: !isDisabled,
    act: () => sayAtFields({}, () => change(account, { is_disabled: !isDisabled })),
  });
  if (isSure) toast(`${quoted(name)} is ${done}.`);
}

async function change(account, changes) {
  const changed = await put(pathOf("users", account.get("name")), changes);
  account.set(changed);
  return changed;
}

function quoted(name) {
  return `“${shortened(name, 40)}”`;
}

/** A field for somebody else's password; `value()` throws what is wrong with it. */
function newPasswordField() {
  const generate = () => {
    made.control.value = generatedPassword();
    made.say(null);
    made.show(true);
  };
  const tools = [
    el(
      "button",
      { type: "button", class: "btn btn-outline-secondary", click: generate },
      "Generate",
    ),
    copyButton("Copy the password", () => made.control.value, "btn-outline-secondary"),
  ];
  const hint = `${TOO_SHORT} Hand it over where nobody else reads it.`;
  const made = passwordField("Password", { autocomplete: "new-password", hint, tools });
  made.value = () => {
    if (isLongEnough(made.control.value)) return made.control.value;
    throw Object.assign(new Error(TOO_SHORT), { field: "password" });
  };
  return made;
}
