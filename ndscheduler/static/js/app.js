// The page begins here: one object, `app`, holds what the views share.

import Backbone from "backbone";

import { Counts } from "./counts.js";
import { Keys } from "./keys.js";
import { Live } from "./live.js";
import { pageInfo, workerUrl } from "./page_info.js";
import { may } from "./permissions.js";
import { Preferences } from "./preferences.js";
import { Router } from "./router.js";
import { Session } from "./session.js";
import { followTheme } from "./theme.js";
import { hearSingleClicks } from "./single_clicks.js";
import { explainTimesIn, refreshTimes } from "./times.js";
import { LoginPage } from "./views/login_page.js";
import { ShellView } from "./views/shell_view.js";

const TICK_MILLISECONDS = 1000;

function start() {
  const preferences = new Preferences();
  followTheme(preferences);
  const el = document.querySelector("#app");
  if (pageInfo.session?.login_required) new LoginPage({ el, info: pageInfo }).render();
  else startPage(preferences, el);
}

function startPage(preferences, el) {
  const live = new Live(new URL("api/v1/stream", document.baseURI).href, workerUrl);
  const counts = new Counts({}, { live });
  const session = new Session(pageInfo.session ?? {}, live);
  const app = { info: pageInfo, preferences, live, counts, session, keys: new Keys() };
  app.may = (action) => may(session.known.role, action);
  const shell = new ShellView({ app, el });
  app.router = new Router({ show: (place) => shell.show(place) });
  shell.render();
  Backbone.history.start({ pushState: false });
  keepHashLinksInside();
  explainTimesIn(document.body);
  hearSingleClicks();
  setInterval(() => document.hidden || refreshTimes(), TICK_MILLISECONDS);
  counts.load();
  live.start();
}

// "#main" would be a page of ours: the link that skips the navigation only moves the focus.
function keepHashLinksInside() {
  document.addEventListener("click", (event) => {
    const link = event.target.closest?.("a[data-skip]");
    if (!link) return;
    event.preventDefault();
    document.querySelector("#main").focus();
  });
}

// A task of its own: to read the code has taken one, and the page should answer in between.
setTimeout(start);
