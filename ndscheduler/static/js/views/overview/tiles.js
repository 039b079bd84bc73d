// The numbers of today.

import { el, fill } from "../../dom.js";
import { hasSelection } from "../../in_use.js";
import { href } from "../../router.js";
import { chosenZoneName, timeElement } from "../../times.js";
import { instantOf, wallTime } from "../../zones.js";
import { Panel } from "./panel.js";

const BAD = ["failed", "timeout", "scheduled error", "interrupted", "missed"];

export class Tiles extends Panel {
  get name() {
    return "tiles";
  }

  async read(get) {
    const since = startOfDay(chosenZoneName());
    const stats = await get("stats", { time_range_start: since.toISOString() });
    this.show(...this.tiles(stats, since));
  }

  /** Only what is in the tiles changes: whoever is on one stays on it. */
  show(...tiles) {
    const shown = [...this.content.children];
    const areAlike = tiles.every((tile, at) => tile.tagName === shown[at]?.tagName);
    if (areAlike) tiles.forEach((tile, at) => become(shown[at], tile));
    else fill(this.content, tiles);
  }

  tiles(stats, since) {
    const failed = BAD.reduce((sum, label) => sum + (stats.ended[label] ?? 0), 0);
    const range = { from: since.toISOString() };
    const next = stats.next_run;
    return [
      tile("Jobs", number(stats.jobs.total), pausedWords(stats), href(["jobs"])),
      tile("Running", number(stats.live.running ?? 0), queuedWords(stats), runningHref()),
      tile(
        "OK today",
        number(stats.ended.succeeded ?? 0),
        null,
        href(["executions"], { ...range, state: "succeeded" }),
      ),
      tile(
        "Failed today",
        number(failed),
        null,
        href(["executions"], { ...range, state: BAD.join(",") }),
        failed ? "tile-bad" : "",
      ),
      tile("Success", rate(stats.success_rate), "of what ended today"),
      tile(
        "Next run",
        next ? timeElement(next.fire_time, "countdown") : "–",
        next ? el("span", { class: "text-cell" }, next.name) : "No job will fire.",
        next ? href(["jobs", next.job_id]) : null,
      ),
    ];
  }
}

function tile(title, value, more = null, link = null, mark = "") {
  const parts = [
    el("span", { class: "tile-value" }, value),
    el("span", { class: "tile-title" }, title),
    el("span", { class: "tile-more soft" }, more ?? ""),
  ];
  return el(link ? "a" : "div", { class: `tile ${mark}`, href: link }, parts);
}

function become(element, { attributes, childNodes }) {
  for (const { name, value } of attributes) element.setAttribute(name, value);
  if (!hasSelection(element)) fill(element, [...childNodes]);
}

function number(count) {
  return count.toLocaleString("en");
}

function runningHref() {
  return href(["executions"], { state: "scheduled,running,stopping" });
}

function pausedWords(stats) {
  return stats.jobs.paused ? `${number(stats.jobs.paused)} paused` : "all active";
}

function queuedWords(stats) {
  const queued = stats.live.scheduled ?? 0;
  return queued ? `${number(queued)} queued` : "none queued";
}

/** 0.99312 -> "99.3 %"; never 100 % while something failed. */
export function rate(share) {
  if (share === null || share === undefined) return "–";
  if (share === 1) return "100 %";
  return `${Math.min(99.9, Math.round(share * 1000) / 10)} %`;
}

/** Midnight of today in `zone`, an IANA name: the first instant of the day. */
export function startOfDay(zone, now = new Date()) {
  const day = wallTime(now, zone).slice(0, 10);
  return new Date(instantOf(`${day}T00:00`, zone));
}
