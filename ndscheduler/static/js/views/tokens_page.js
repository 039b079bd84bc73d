// Keys for programs.

import { Tokens } from "../collections/tokens.js";
import { addToken, revokeToken } from "../dialogs/tokens.js";
import { el, textCell } from "../dom.js";
import { icon } from "../icons.js";
import { roleWord } from "../permissions.js";
import { timeElement } from "../times.js";
import { AccountsList } from "./accounts_list.js";
import { emptyState } from "./table_view.js";

export class TokensPage extends AccountsList {
  initialize() {
    super.initialize();
    this.collection = new Tokens();
  }

  get title() {
    return "API tokens";
  }

  get noun() {
    return ["API token", "API tokens"];
  }

  get events() {
    return ["token_"];
  }

  header() {
    return this.headerWith("New token", () => this.addToken());
  }

  async addToken() {
    if (await addToken()) this.reload();
  }

  async revoke(token) {
    if (await revokeToken(token)) this.collection.remove(token);
  }

  columns() {
    return [
      { title: "Name", className: "grow", cell: (token) => textCell(token.get("name"), 50) },
      { title: "Role", cell: (token) => roleWord(token.get("role")) },
      { title: "Made by", cell: (token) => textCell(token.get("made_by"), 30) },
      { title: "Made", cell: (token) => timeElement(token.get("created_at"), "clock") },
      { title: "Expires", cell: expiryCell },
      { title: "Last used", cell: lastUseCell },
      {
        title: "Actions",
        hideTitle: true,
        className: "row-actions",
        cell: (token) => this.revokeButton(token),
      },
    ];
  }

  revokeButton(token) {
    const attributes = { type: "button", class: "btn btn-sm btn-outline-danger" };
    const label = `Revoke ${token.get("name")}`;
    const click = () => this.revoke(token);
    return el("button", { ...attributes, "aria-label": label, title: label, click }, "Revoke");
  }

  rowClass(token) {
    return isOver(token) ? "is-over" : null;
  }

  nothing() {
    const add = () => this.addToken();
    return emptyState({
      iconName: "key",
      title: "There are no API tokens",
      text: "A program that talks to the REST API shows one in place of a name and a password. Each has a role and an end, and can be revoked.",
      action: el("button", { type: "button", class: "btn btn-primary", click: add }, "New token"),
    });
  }
}

function isOver(token) {
  const end = token.get("expires_at");
  return Boolean(end) && new Date(end) <= new Date();
}

function expiryCell(token) {
  if (!token.get("expires_at")) return el("span", { class: "soft" }, "never");
  const time = timeElement(token.get("expires_at"));
  if (!isOver(token)) return time;
  return el("span", { class: "state state-stopped" }, icon("slash"), " Expired ", time);
}

function lastUseCell(token) {
  const used = token.get("last_used_at");
  return used ? timeElement(used) : el("span", { class: "soft" }, "never");
}
