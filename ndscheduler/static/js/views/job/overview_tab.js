// How a job does: its durations, its days, its next fire times.

import _ from "underscore";

import { get } from "../../api.js";
import { openByClick } from "../../charts/recent_bars.js";
import { el } from "../../dom.js";
import { href } from "../../router.js";
import { stateOf } from "../../states.js";
import { BaseView } from "../base_view.js";
import { FireTimes } from "./fire_times.js";
import { percent } from "./job_facts.js";

const REFRESH_MILLISECONDS = 15000;

export class OverviewTab extends BaseView {
  initialize() {
    this.drawings = [];
    this.days = [];
    this.listenTo(this.model, "change:summary", this.refresh);
    this.listenTo(this.app.preferences, "change:zone", this.refresh);
    const reload = _.throttle(() => this.readDays(), REFRESH_MILLISECONDS, { leading: false });
    this.listenTo(this.app.live, "executions", (executions) => {
      if (executions.some((execution) => this.isEnd(execution))) reload();
    });
    this.undo.push(() => reload.cancel());
  }

  className() {
    return "job-overview";
  }

  isEnd({ job_id: jobId, state }) {
    return jobId === this.model.id && !stateOf(state).live;
  }

  render() {
    this.durations = el("div", { class: "chart-room" });
    this.dayRoom = el("div", { class: "chart-room" });
    this.dayWords = el("span", { class: "soft" });
    const left = el("div", { class: "job-charts" }, [
      card("Duration of the last executions", this.durations),
      card("By day, last 30 days", this.dayRoom, this.dayWords),
    ]);
    this.el.replaceChildren(left);
    this.add(new FireTimes({ app: this.app, model: this.model }));
    this.drawCharts();
    return this;
  }

  async drawCharts() {
    // Loaded now: lists of jobs do without them.
    const [charts] = await Promise.all([import("../../charts/job_charts.js"), this.readDays()]);
    if (this.isGone) return;
    this.charts = charts;
    this.dayRoom.addEventListener("click", (event) => this.openDay(event));
    openByClick(this.durations, executionAt);
    this.drawings = [
      charts.drawnIn(this.durations, (width) => this.durationChart(width)),
      charts.drawnIn(this.dayRoom, (width) => this.dayChart(width)),
    ];
  }

  async readDays() {
    try {
      this.days = (await get("stats/days", { job_id: this.model.id })).days;
      this.daysProblem = null;
    } catch (error) {
      this.daysProblem = error.message;
    }
    this.refresh();
  }

  refresh() {
    for (const draw of this.drawings) draw();
  }

  durationChart(width) {
    const { recent = [], usual_duration: usual = null } = this.model.summary;
    if (!recent.length) return nothing("It has not run yet.");
    return this.charts.durationChart({ recent, usual, zone: this.model.get("timezone") }, width);
  }

  dayChart(width) {
    if (this.daysProblem) return nothing(`The days can not be read now: ${this.daysProblem}`);
    const days = this.charts.lastDays(this.days);
    const { total, succeeded, bad } = this.charts.totalsOf(days);
    if (!total) return nothing("Nothing ran in these days.");
    const isJudged = succeeded + bad > 0;
    this.dayWords.textContent = isJudged ? `${percent(succeeded, succeeded + bad)} succeeded` : "";
    return this.charts.dayChart(days, width);
  }

  openDay(event) {
    const day = event.target.closest?.("[data-day]")?.dataset.day;
    if (!day) return;
    const from = `${day}T00:00:00.000Z`;
    const to = `${day}T23:59:59.999Z`;
    window.location.hash = href(["executions"], { job_id: this.model.id, from, to });
  }

  remove() {
    this.isGone = true;
    for (const draw of this.drawings) draw.stop();
    return super.remove();
  }
}

function executionAt(event) {
  return event.target.closest?.("[data-execution]")?.dataset.execution ?? null;
}

function card(title, room, beside = null) {
  const head = el("header", { class: "card-head" }, el("h2", {}, title), beside);
  return el("section", { class: "card-box" }, head, room);
}

function nothing(sentence) {
  return el("p", { class: "soft chart-nothing" }, sentence);
}
