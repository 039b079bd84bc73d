// The last 24 hours and the next: a bar an hour, by states; what is to come in outline.

import { el } from "../../dom.js";
import { STATES, stateOf } from "../../states.js";
import { clock, chosenZone } from "../../times.js";
import { href } from "../../router.js";
import { Panel } from "./panel.js";

const HOUR = 3600 * 1000;
const PAST = 24;
const COMING = 6;
const HEIGHT = 72;
const LEAST = 3;
// On a phone a label is as wide as three hours.
const LABEL_HOURS = 3;

export class Timeline extends Panel {
  get name() {
    return "timeline";
  }

  get heading() {
    return "Last 24 hours";
  }

  async read(get) {
    const now = Math.floor(Date.now() / HOUR) * HOUR;
    const start = new Date(now - (PAST - 1) * HOUR).toISOString();
    const [past, coming] = await Promise.all([
      get("stats/hours", { time_range_start: start }),
      get("upcoming/hours", { hours: COMING }),
    ]);
    this.side.replaceChildren(`and the next ${COMING}`);
    this.show(this.chart(hoursOf(past.hours, coming.hours, now)));
  }

  chart(hours) {
    const most = Math.max(1, ...hours.map((hour) => hour.ran + hour.coming));
    return el(
      "ol",
      { class: "timeline", "aria-label": "Executions by the hour" },
      hours.map((hour, at) => column(hour, most, Math.abs(at - PAST + 1) < LABEL_HOURS)),
    );
  }
}

/** An entry an hour, oldest first: {at, counts, ran, coming, isNow}. */
export function hoursOf(past, coming, now) {
  const byHour = (list) => new Map(list.map((hour) => [new Date(hour.hour).getTime(), hour]));
  const ran = byHour(past);
  const will = byHour(coming);
  return Array.from({ length: PAST + COMING }, (_, at) => {
    const time = now + (at - PAST + 1) * HOUR;
    const counts = ran.get(time)?.counts ?? {};
    const sum = Object.values(counts).reduce((total, count) => total + count, 0);
    return { at: time, counts, ran: sum, coming: will.get(time)?.count ?? 0, isNow: time === now };
  });
}

function column(hour, most, isBesideNow) {
  const when = clock(hour.at, { zone: chosenZone(), withSeconds: false });
  const words = sentence(hour, when);
  const to = new Date(hour.at + HOUR - 1).toISOString();
  const link = href(["executions"], { from: new Date(hour.at).toISOString(), to });
  const bars = [coming(hour, most), ...segments(hour, most)];
  const body = hour.ran
    ? el("a", { href: link, title: words, "aria-label": words }, bars)
    : el("span", { title: words, role: "img", "aria-label": words }, bars);
  return el(
    "li",
    { class: hour.isNow ? "is-now" : null },
    body,
    el(
      "span",
      { class: "timeline-label", "aria-hidden": "true" },
      labelOf(hour, when, isBesideNow),
    ),
  );
}

function labelOf(hour, when, isBesideNow) {
  if (hour.isNow) return "now";
  const [time] = when.match(/\d\d:\d\d$/) ?? [""];
  return Number(time.slice(0, 2)) % 6 || isBesideNow ? "" : time;
}

// Bad ones on top, so that they are seen however many went well.
function segments(hour, most) {
  const order = Object.keys(STATES).filter((label) => hour.counts[label]);
  order.sort((a, b) => Number(Boolean(stateOf(b).bad)) - Number(Boolean(stateOf(a).bad)));
  return order.map((label) => bar(`state-${stateOf(label).key}`, hour.counts[label], most));
}

function coming(hour, most) {
  return hour.coming ? bar("is-coming", hour.coming, most) : null;
}

function bar(kind, count, most) {
  const element = el("span", { class: `bar ${kind}` });
  element.style.height = `${Math.max(LEAST, (count / most) * HEIGHT)}px`;
  return element;
}

function sentence(hour, when) {
  const ended = Object.entries(hour.counts).map(
    ([label, count]) => `${count.toLocaleString("en")} ${stateOf(label).word.toLowerCase()}`,
  );
  const will = hour.coming ? [`${hour.coming.toLocaleString("en")} to come`] : [];
  return `${when}: ${[...ended, ...will].join(", ") || "nothing"}`;
}
