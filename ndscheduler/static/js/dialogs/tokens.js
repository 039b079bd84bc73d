// What admins do with API tokens.

import { del, pathOf, post } from "../api.js";
import { copyButton } from "../copy_button.js";
import { ask, openDialog } from "../dialogs.js";
import { el, shortened } from "../dom.js";
import { roleWord } from "../permissions.js";
import { toast } from "../toasts.js";
import { field, roleField, sayAtFields } from "./fields.js";

const DAY = 24 * 3600 * 1000;
// [days, words]; no days is for ever.
const EXPIRIES = [
  [7, "In 7 days"],
  [30, "In 30 days"],
  [90, "In 90 days"],
  [365, "In a year"],
  ["", "Never"],
];
const USUAL_DAYS = 90;

/** The instant `days` after `now`, ISO; null for none. */
export function expiryOf(days, now = new Date()) {
  return days === "" ? null : new Date(now.getTime() + Number(days) * DAY).toISOString();
}

/** Make a token and show it, this once. Resolves to true once it is made. */
export async function addToken() {
  const input = el("input", { class: "form-control", autocomplete: "off", spellcheck: "false" });
  const name = field("Name", input, "What it is for, such as the program that will use it.");
  const role = roleField("viewer");
  const expiry = field("Expires", expirySelect());
  const asked = () => ({
    name: name.control.value.trim(),
    role: role.control.value,
    expires_at: expiryOf(expiry.control.value),
  });
  const made = await openDialog({
    title: "New API token",
    body: el("div", {}, name.element, role.element, expiry.element),
    confirm: "Make the token",
    onConfirm: () => sayAtFields({ name, role, expires_at: expiry }, () => post("tokens", asked())),
  });
  if (made) await showToken(made);
  return Boolean(made);
}

function expirySelect() {
  const options = EXPIRIES.map(([value, words]) =>
    el("option", { value, selected: value === USUAL_DAYS }, words),
  );
  return el("select", { class: "form-select" }, options);
}

function showToken({ name, role, token }) {
  const url = new URL("api/v1/jobs", document.baseURI).href;
  const body = el(
    "div",
    {},
    el("p", {}, "Copy it now: it is shown this once, and nobody can look it up later."),
    tokenField(token),
    el("p", { class: "soft token-use" }, `It acts as ${roleWord(role)}. Send it so:`),
    el("pre", { class: "code" }, `curl -H "Authorization: Bearer $TOKEN" ${url}`),
  );
  return openDialog({ title: `The token “${shortened(name, 40)}”`, wide: true, body });
}

function tokenField(token) {
  const input = el("input", {
    class: "form-control token-text",
    readonly: true,
    value: token,
    "aria-label": "The token",
    focus: () => input.select(),
  });
  const copy = copyButton("Copy the token", () => token, "btn-outline-secondary");
  return el("div", { class: "input-group" }, input, copy);
}

/** Ask, and revoke `token`; resolves to true once it is gone. */
export async function revokeToken(token) {
  const name = `“${shortened(token.get("name"), 40)}”`;
  const revoked = await ask({
    title: `Revoke ${name}?`,
    lines: ["Programs that use this token are refused at once. This can not be undone."],
    confirm: "Revoke the token",
    act: () => del(pathOf("tokens", token.id)),
  });
  if (revoked) toast(`${name} is revoked.`);
  return revoked;
}
