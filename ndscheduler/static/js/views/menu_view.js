// The menu at the top right: the zone of times, the theme, help, who is logged in.

import "bootstrap/js/dist/dropdown.js";

import { el, outsideUrl } from "../dom.js";
import { icon } from "../icons.js";
import { mayChangePassword, openWords } from "../permissions.js";
import { toastError } from "../toasts.js";
import { BaseView } from "./base_view.js";
import { showKeyboardHelp } from "./keyboard_help.js";

const ZONES = [
  ["local", "Local"],
  ["utc", "UTC"],
  ["job", "Job's zone"],
];
const THEMES = [
  ["system", "System", "circle-half"],
  ["light", "Light", "sun"],
  ["dark", "Dark", "moon"],
];

export class MenuView extends BaseView {
  initialize() {
    this.listenTo(this.app.preferences, "change:zone change:theme", this.render);
  }

  className() {
    return "menu-tools";
  }

  render() {
    this.el.replaceChildren(this.zoneMenu(), this.themeMenu(), this.userMenu());
    return this;
  }

  zoneMenu() {
    const chosen = this.app.preferences.get("zone");
    const items = ZONES.map(([zone, word]) =>
      choice(word, zone === chosen, () => this.app.preferences.set({ zone })),
    );
    const word = ZONES.find(([zone]) => zone === chosen)?.[1] ?? "Local";
    return dropdown("globe", "Times in", items, word);
  }

  themeMenu() {
    const chosen = this.app.preferences.get("theme");
    const items = THEMES.map(([theme, word]) =>
      choice(word, theme === chosen, () => this.app.preferences.set({ theme })),
    );
    const shown = THEMES.find(([theme]) => theme === chosen)?.[2] ?? "circle-half";
    return dropdown(shown, "Theme", items);
  }

  userMenu() {
    const { info, keys } = this.app;
    const items = [
      ...this.accountItems(),
      outsideUrl(info.help_url) && outside(info.help_url, "Help"),
      outsideUrl(info.issues_url) && outside(info.issues_url, "Report an issue"),
      choice("Keyboard", false, () => showKeyboardHelp(keys)),
      inside("about", "About"),
    ];
    if (this.session.way === "session") items.push(line(), choice("Log out", false, this.leave));
    return dropdown("person", "More", items, info.username);
  }

  get session() {
    return this.app.session.known;
  }

  /** Who one is, and what one may do with accounts. */
  accountItems() {
    const { username, role } = this.session;
    const who = this.session.way === "open" ? openWords(this.app.info) : `${username} · ${role}`;
    return [
      el("li", {}, el("span", { class: "dropdown-header" }, who)),
      mayChangePassword(this.session) && inside("password", "Change password"),
      this.app.may("accounts") && inside("users", "Users"),
      this.app.may("accounts") && inside("tokens", "API tokens"),
      line(),
    ];
  }

  get leave() {
    const { router, session } = this.app;
    return () =>
      router.leaveThen(() =>
        session.logOut().catch((error) => toastError("You were not logged out", error)),
      );
  }
}

/** A button with an icon, and `word` beside it where there is room; its name is label and word. */
function dropdown(iconName, label, items, word = null) {
  return el(
    "div",
    { class: "dropdown" },
    el(
      "button",
      {
        type: "button",
        class: "btn btn-sm icon-button",
        "data-bs-toggle": "dropdown",
        "aria-expanded": "false",
        title: label,
      },
      icon(iconName),
      el("span", { class: "visually-hidden" }, label),
      word && [" ", el("span", { class: "menu-word" }, word)],
    ),
    el("ul", { class: "dropdown-menu dropdown-menu-end" }, items.filter(Boolean)),
  );
}

function choice(word, isChosen, run) {
  const attributes = {
    type: "button",
    class: `dropdown-item${isChosen ? " active" : ""}`,
    "aria-current": isChosen ? "true" : null,
    click: run,
  };
  return el("li", {}, el("button", attributes, word));
}

function line() {
  return el("li", {}, el("hr", { class: "dropdown-divider" }));
}

function inside(path, word) {
  return el("li", {}, el("a", { class: "dropdown-item", href: `#${path}` }, word));
}

function outside(url, word) {
  const attributes = { class: "dropdown-item", href: url, rel: "noreferrer", target: "_blank" };
  return el("li", {}, el("a", attributes, word));
}
