// Who may log in, as what.

import { Users } from "../collections/users.js";
import { addAccount, changeRole, setPassword, switchAccount } from "../dialogs/accounts.js";
import { el, textCell } from "../dom.js";
import { icon } from "../icons.js";
import { menuButton } from "../menus.js";
import { roleWord } from "../permissions.js";
import { timeElement } from "../times.js";
import { AccountsList } from "./accounts_list.js";
import { emptyState } from "./table_view.js";

const SOURCES = { database: "Database", settings: "Settings" };

export class UsersPage extends AccountsList {
  initialize() {
    super.initialize();
    this.collection = new Users();
  }

  get title() {
    return "Users";
  }

  get noun() {
    return ["user", "users"];
  }

  get events() {
    return ["user_", "password_"];
  }

  get isOpen() {
    return this.app.session.known.way === "open";
  }

  header() {
    const header = this.headerWith("Add user", () => this.addUser());
    const { auth } = this.app.info;
    if (this.isOpen && auth === "none") header.append(note());
    return header;
  }

  async addUser() {
    const isFirst = this.isOpen && this.collection.length === 0;
    if (!(await addAccount({ isFirst }))) return;
    // The first one closes the server, to who made it too.
    if (this.isOpen) await this.app.session.check();
    if (!this.app.session.isOver) this.reload();
  }

  columns() {
    return [
      { title: "Name", className: "grow", cell: (account) => this.nameCell(account) },
      { title: "Role", cell: (account) => roleWord(account.get("role")) },
      { title: "State", cell: stateCell },
      { title: "Kept in", cell: sourceCell },
      { title: "Since", cell: (account) => timeElement(account.get("created_at"), "clock") },
      { title: "Last change", cell: (account) => timeElement(account.get("updated_at")) },
      { title: "Actions", hideTitle: true, className: "row-actions", cell: actionsCell },
    ];
  }

  nameCell(account) {
    const { name } = account.attributes;
    const isMe = !this.isOpen && name === this.app.session.known.username;
    return el("span", {}, textCell(name, 50), isMe && el("span", { class: "soft" }, " (you)"));
  }

  rowClass(account) {
    return account.get("is_disabled") ? "is-over" : null;
  }

  nothing() {
    const add = () => this.addUser();
    return emptyState({
      iconName: "people",
      title: "There are no accounts",
      text: "So nobody has to log in, and everybody on this machine may do everything. Once there is an account, an admin's first, everybody has to.",
      action: el(
        "button",
        { type: "button", class: "btn btn-primary", click: add },
        "Add the first account",
      ),
    });
  }
}

function note() {
  const text =
    "The setting AUTH is none: everybody who reaches this server may do everything, whatever accounts there are.";
  return el("p", { class: "form-notice", role: "note" }, icon("info"), text);
}

function stateCell(account) {
  if (!account.get("is_disabled")) return "Active";
  return el("span", { class: "state state-stopped" }, icon("slash"), " Disabled");
}

function sourceCell(account) {
  const source = account.get("source");
  const title =
    source === "settings" ? "An account of AUTH_CREDENTIALS: it is changed there." : null;
  return el("span", { title }, SOURCES[source] ?? source);
}

function actionsCell(account) {
  if (account.get("source") !== "database") return el("span", { class: "soft" }, "read-only");
  return menuButton(`Actions for ${account.get("name")}`, () => [
    { word: "Change role …", run: () => changeRole(account) },
    { word: "Set a new password …", run: () => setPassword(account) },
    null,
    account.get("is_disabled")
      ? { word: "Enable …", run: () => switchAccount(account) }
      : { word: "Disable …", danger: true, run: () => switchAccount(account) },
  ]);
}
