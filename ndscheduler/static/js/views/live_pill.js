// Live / Paused: whether the page follows what happens; also says when the server is away.

import { el } from "../dom.js";
import { BaseView } from "./base_view.js";

const SHOWN = {
  connecting: ["Connecting", "Connecting to the server."],
  live: ["Live", "Changes show as they happen. Click to hold them back."],
  lost: ["Server lost", "The server does not answer. It is asked again and again."],
  trouble: ["Database away", ""],
  standstill: ["Scheduler stuck", ""],
  paused: ["Paused", "Nothing changes on the page until you click."],
};

export class LivePill extends BaseView {
  initialize() {
    this.listenTo(this.app.live, "status", this.refresh);
  }

  tagName() {
    return "button";
  }

  attributes() {
    return { type: "button", class: "live-pill" };
  }

  events() {
    return { click: "toggle" };
  }

  render() {
    this.el.replaceChildren(
      el("span", { class: "live-dot", "aria-hidden": "true" }),
      (this.word = el("span", { role: "status" })),
    );
    this.refresh();
    return this;
  }

  refresh() {
    const { live } = this.app;
    const status = statusOf(live);
    const [word, help] = SHOWN[status];
    this.word.textContent = word;
    this.el.dataset.status = status;
    this.el.title = live[status] ?? help;
    this.el.setAttribute("aria-pressed", String(live.isPaused));
  }

  toggle() {
    this.app.live.pause(!this.app.live.isPaused);
  }
}

// What one should know first. `trouble` and `standstill` say in a sentence why.
function statusOf(live) {
  if (live.isPaused) return "paused";
  if (live.status !== "live") return live.status;
  if (live.trouble) return "trouble";
  return live.standstill ? "standstill" : "live";
}
