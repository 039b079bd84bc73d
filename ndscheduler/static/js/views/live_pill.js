// Live / Paused: whether the page follows what happens; also says when the server is away.

import { el } from "../dom.js";
import { BaseView } from "./base_view.js";

const SHOWN = {
  connecting: ["Connecting", "Connecting to the server."],
  live: ["Live", "Changes show as they happen. Click to hold them back."],
  lost: ["Server lost", "The server does not answer. It is asked again and again."],
  trouble: ["Database away", ""],
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
    const trouble = live.status === "live" && live.trouble ? "trouble" : live.status;
    const status = live.isPaused ? "paused" : trouble;
    const [word, help] = SHOWN[status];
    this.word.textContent = word;
    this.el.dataset.status = status;
    this.el.title = status === "trouble" ? live.trouble : help;
    this.el.setAttribute("aria-pressed", String(live.isPaused));
  }

  toggle() {
    this.app.live.pause(!this.app.live.isPaused);
  }
}
