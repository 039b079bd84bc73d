// The frame of the application: navigation, search, what all pages share.

import { closeDialogs } from "../dialogs.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { includes, roleForPage } from "../permissions.js";
import { chooseZone } from "../times.js";
import { showWindowTitle } from "../window_title.js";
import { BaseView } from "./base_view.js";
import { PAGES } from "./pages.js";
import { showKeyboardHelp } from "./keyboard_help.js";
import { LivePill } from "./live_pill.js";
import { MenuView } from "./menu_view.js";
import { NotForYouPage } from "./not_for_you_page.js";
import template from "../templates/shell.html";

// [path, title, icon, key, what counts beside it, what one must be allowed to do]. The order is that
// of the navigation.
const PLACES = [
  ["", "Overview", "grid", "o", "attention"],
  ["jobs", "Jobs", "calendar", "j", null],
  ["executions", "Executions", "clock-history", "e", "running"],
  ["logs", "Audit log", "journal", "l", null],
  ["instances", "Instances", "hdd", "i", null],
  ["users", "Users", "people", "u", null, "accounts"],
];

export class ShellView extends BaseView {
  events() {
    return { "submit #search": "search" };
  }

  initialize() {
    this.template = template;
    this.listenTo(this.app.preferences, "change:zone", this.applyZone);
    this.listenTo(this.app.counts, "change", this.showCounts);
  }

  get places() {
    return PLACES.filter(([, , , , , needed]) => !needed || this.app.may(needed));
  }

  data() {
    return { title: this.app.info.title };
  }

  drawn() {
    this.page = null;
    this.main = this.el.querySelector("main");
    const links = this.places.map((place) => navLink(place));
    this.el.querySelector("#nav-places").replaceChildren(...links);
    this.el.querySelector("#search-icon").replaceChildren(icon("search"));
    this.add(new LivePill({ app: this.app }), "#header-tools");
    this.add(new MenuView({ app: this.app }), "#header-tools");
    this.applyZone();
    this.showCounts();
    this.bindKeys();
  }

  bindKeys() {
    for (const [path, title, , key] of this.places) {
      this.bindKey(`g ${key}`, `Go to ${title}`, () => this.app.router.go(path ? [path] : []));
    }
    this.bindKeyFor("add", "n", "New job", () => this.app.router.go(["jobs", "new"]));
    this.bindKey("/", "Search", () => this.focusSearch());
    this.bindKey("?", "This help", () => showKeyboardHelp(this.app.keys));
  }

  focusSearch() {
    const field =
      this.el.querySelector("main [type=search]") ?? this.el.querySelector("#search input");
    field.focus();
    field.select();
  }

  search(event) {
    event.preventDefault();
    const field = event.target.querySelector("input");
    this.app.router.go(["jobs"], { q: field.value.trim() });
    field.value = "";
  }

  /** Show the page of `place`, in place of the one before. */
  show(place) {
    if (this.page?.place.path === place.path) {
      this.page.place = place;
      this.page.chosen();
      return;
    }
    closeDialogs();
    if (this.page) this.drop(this.page);
    const Page = this.pageFor(place);
    this.page = this.add(new Page({ app: this.app, place }), "main");
    this.markPlace(place);
    this.listenTo(this.page, "title", this.showTitle);
    this.showTitle();
    window.scrollTo(0, 0);
  }

  pageFor({ page }) {
    return includes(this.app.session.known.role, roleForPage(page)) ? PAGES[page] : NotForYouPage;
  }

  markPlace(place) {
    const [root] = (place.path === "tokens" ? "users" : place.path).split("/");
    for (const link of this.el.querySelectorAll("#nav-places a")) {
      if (link.dataset.path === root) link.setAttribute("aria-current", "page");
      else link.removeAttribute("aria-current");
    }
  }

  showTitle() {
    const failed = this.app.counts.get("failedWhileHidden");
    showWindowTitle(this.page?.title ?? "", this.app.info.title, failed);
  }

  showCounts() {
    for (const link of this.el.querySelectorAll("#nav-places a[data-count]")) {
      const count = this.app.counts.get(link.dataset.count) ?? 0;
      const badge = link.querySelector(".nav-count");
      badge.textContent = count ? String(count) : "";
      badge.hidden = !count;
    }
    this.showTitle();
  }

  applyZone() {
    chooseZone(this.app.preferences.get("zone"));
  }
}

function navLink([path, title, iconName, , count]) {
  const attributes = { href: `#${path}`, title, "data-path": path, "data-count": count };
  return el(
    "a",
    attributes,
    icon(iconName),
    el("span", { class: "nav-title" }, title),
    count && el("span", { class: `nav-count nav-count-${count}`, hidden: true }),
  );
}
