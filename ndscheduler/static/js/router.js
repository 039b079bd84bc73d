// Every URL of the page on one screen. They stand behind the #, as they did in 0.x:
// `#jobs/ID?tab=options`: a path, and a query that holds filters, sort, page and tab.

import Backbone from "backbone";

// [path, page]; `:id` takes anything without a slash.
export const ROUTES = [
  ["", "overview"],
  ["jobs", "jobs"],
  ["jobs/new", "jobForm"],
  ["jobs/:id", "job"],
  ["jobs/:id/edit", "jobForm"],
  ["jobs/:id/clone", "jobForm"],
  ["executions", "executions"],
  ["executions/:id", "execution"],
  ["logs", "auditLog"],
  ["instances", "instances"],
  ["users", "users"],
  ["tokens", "tokens"],
  ["password", "password"],
  ["login", "login"],
  ["about", "about"],
];

/** `{path, query}` of what stands behind the #. */
export function parseFragment(fragment) {
  const at = fragment.indexOf("?");
  const path = at < 0 ? fragment : fragment.slice(0, at);
  const query = Object.fromEntries(new URLSearchParams(at < 0 ? "" : fragment.slice(at + 1)));
  return { path: path.replace(/^\/+|\/+$/g, ""), query };
}

/** The fragment of `path` and `query`; empty values are left out. */
export function makeFragment(path, query = {}) {
  const kept = Object.entries(query).filter(([, value]) => ![null, undefined, ""].includes(value));
  const text = new URLSearchParams(kept.map(([name, value]) => [name, String(value)])).toString();
  return text ? `${path}?${text}` : path;
}

/** The href of a place in the page: `href(["jobs", id], {tab: "options"})`. */
export function href(parts, query = {}) {
  return `#${makeFragment(parts.map(encodeURIComponent).join("/"), query)}`;
}

/** What stands behind the # now. */
export function placeHere() {
  return fragment();
}

/** The fragment of the login; from there one gets to `fragment`. */
export function loginPlace(fragment) {
  return makeFragment("login", { next: placeAfterLogin(fragment) });
}

/** Where `next`, which anybody may have written into a link, leads: a fragment of a page of ours. */
export function placeAfterLogin(next) {
  const wanted = (next ?? "").replace(/^(\/[^#]*)?#/, "");
  const { page } = match(parseFragment(wanted).path);
  return ["login", "notFound"].includes(page) ? "" : wanted;
}

function match(path) {
  const parts = path === "" ? [] : path.split("/");
  for (const [pattern, page] of ROUTES) {
    const wanted = pattern === "" ? [] : pattern.split("/");
    if (wanted.length !== parts.length) continue;
    if (!wanted.every((part, at) => (part === ":id" ? isId(parts[at]) : part === parts[at])))
      continue;
    const at = wanted.indexOf(":id");
    return { page, pattern, id: at < 0 ? null : decoded(parts[at]) };
  }
  return { page: "notFound", pattern: "", id: null };
}

// In a URL of the REST API these would name the list, however they are escaped.
function isId(part) {
  return ![".", ".."].includes(decoded(part));
}

function decoded(part) {
  try {
    return decodeURIComponent(part);
  } catch {
    // No URL of ours; the page for it says that there is no such thing.
    return part;
  }
}

export class Router extends Backbone.Router {
  /** `show(place)` draws a page; a place is {page, pattern, id, path, query}. */
  initialize({ show }) {
    this.showPlace = show;
    this.route(/^(.*)$/, "any", () => this.arrive());
  }

  arrive() {
    const { path, query } = parseFragment(fragment());
    if (this.guard && path !== this.place.path) {
      return this.stay(path, query);
    }
    this.place = { ...match(path), path, query };
    // Who sees this has logged in already.
    if (this.place.page === "login") return this.replace(placeAfterLogin(query.next));
    return this.showPlace(this.place);
  }

  replace(place) {
    this.navigate(place, { trigger: true, replace: true });
  }

  /** Go to another place. */
  go(parts, query = {}) {
    this.navigate(href(parts, query).slice(1), { trigger: true });
  }

  /**
   * From now on, before a page is left, `ask(leave)` is called in place of leaving; it calls `leave`
   * when that is wanted, and returns a promise that ends with the question. Null takes it away.
   */
  guardWith(ask) {
    this.guard = ask;
  }

  // The URL has changed already: it is put back until the answer is there.
  stay(path, query) {
    this.navigate(makeFragment(this.place.path, this.place.query), { trigger: false });
    if (this.isAsking) return;
    this.isAsking = true;
    const leave = () => {
      this.guard = null;
      this.navigate(makeFragment(path, query), { trigger: true });
    };
    Promise.resolve(this.guard(leave)).finally(() => (this.isAsking = false));
  }

  /** Do what ends this page: at once, or once the guard has asked. */
  leaveThen(act) {
    if (!this.guard) return act();
    return this.guard(() => {
      this.guard = null;
      act();
    });
  }

  /** Keep `query` in the URL of this place: a new entry of the history, or in place of this one. */
  setQuery(query, { replace = false } = {}) {
    this.place = { ...this.place, query };
    this.navigate(makeFragment(this.place.path, query), { trigger: false, replace });
  }
}

// Backbone decodes what stands behind the #; a name with %2F in it would fall apart.
function fragment() {
  const at = window.location.href.indexOf("#");
  return at < 0 ? "" : window.location.href.slice(at + 1);
}
