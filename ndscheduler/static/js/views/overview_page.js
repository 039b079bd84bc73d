// Is anything wrong, what runs, what comes next: for somebody who has five seconds.

import { get } from "../api.js";
import { el } from "../dom.js";
import { Attention } from "./overview/attention.js";
import { RunningNow } from "./overview/running_now.js";
import { Tiles } from "./overview/tiles.js";
import { Timeline } from "./overview/timeline.js";
import { Upcoming } from "./overview/upcoming.js";
import { PageView } from "./page_view.js";

const PANELS = [Tiles, Attention, Timeline, RunningNow, Upcoming];
// A change is followed by a read of the panels that it touches, but not more often than this.
const REST_MILLISECONDS = 2000;

export class OverviewPage extends PageView {
  initialize() {
    const { live } = this.app;
    this.listenTo(live, "stats executions jobs", this.readSoon);
    this.listenTo(live, "reload", this.read);
    // "Today" and the hours of the timeline are those of another zone then.
    this.listenTo(this.app.preferences, "change:zone", this.read);
    // Hours pass and countdowns end without any change.
    this.every(30000, () => this.readSoon());
  }

  className() {
    return "page overview-page";
  }

  get title() {
    return "Overview";
  }

  render() {
    const problem = el("p", { class: "overview-problem", role: "alert", hidden: true });
    this.problem = problem;
    this.el.replaceChildren(
      el("header", { class: "page-header" }, el("h1", {}, "Overview")),
      problem,
    );
    this.panels = PANELS.map((Panel) => this.add(new Panel({ app: this.app })));
    this.read();
    return this;
  }

  readSoon() {
    if (this.timer) return;
    this.timer = setTimeout(() => this.read(), REST_MILLISECONDS);
  }

  /** Read what each panel needs; one that fails says so at the top, the others show what they have. */
  async read() {
    clearTimeout(this.timer);
    this.timer = null;
    if (this.isReading) return this.readSoon();
    this.isReading = true;
    const answers = await Promise.allSettled(this.panels.map((panel) => panel.read(get)));
    this.isReading = false;
    const failed = answers.find(({ status }) => status === "rejected");
    this.problem.hidden = !failed;
    this.problem.textContent = failed ? failed.reason.message : "";
    return undefined;
  }

  remove() {
    clearTimeout(this.timer);
    return super.remove();
  }
}
