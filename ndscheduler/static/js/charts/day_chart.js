// How the executions of a job ended, day by day: a column a day, what went wrong on top.

import { STATES, stateOf } from "../states.js";
import { duration } from "../times.js";
import { ticksFor } from "./scale.js";
import { axis, badMark, shape } from "./svg.js";

const DAYS = 30;
const HEIGHT = 168;
const LEFT = 58;
const TOP = 10;
const BOTTOM = 22;
const LABEL_ROOM = 70;

/** The last 30 days until `now`, the oldest first, those without an execution too. */
export function lastDays(days, now = new Date()) {
  const known = new Map(days.map((day) => [day.day, day]));
  const today = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate());
  return Array.from({ length: DAYS }, (_, at) => {
    const day = new Date(today - (DAYS - 1 - at) * 86400000).toISOString().slice(0, 10);
    return known.get(day) ?? { day, counts: {}, mean_duration: null };
  });
}

/** {total, succeeded, bad} of `days`; what was skipped or stopped is neither good nor bad. */
export function totalsOf(days) {
  const totals = { total: 0, succeeded: 0, bad: 0 };
  for (const [state, count] of days.flatMap(({ counts }) => Object.entries(counts))) {
    totals.total += count;
    if (state === "succeeded") totals.succeeded += count;
    if (stateOf(state).bad) totals.bad += count;
  }
  return totals;
}

/** An SVG of `days`, as `lastDays` gives them. */
export function dayChart(days, width) {
  const most = Math.max(...days.map(countOf), 1);
  const ticks = ticksFor(most, { isWhole: true });
  const floor = HEIGHT - BOTTOM;
  const y = (count) => floor - (count / ticks.at(-1)) * (floor - TOP);
  const step = (width - LEFT) / days.length;
  const place = { step, x: (at) => LEFT + at * step, y };
  return shape(
    "svg",
    { class: "chart", width, height: HEIGHT, role: "img", "aria-label": label(days) },
    ...axis(ticks, { left: LEFT, width, y, words: (tick) => tick.toLocaleString("en") }),
    ...days.flatMap((day, at) => column(day, at, place, floor)),
    ...labels(days, place),
  );
}

function countOf({ counts }) {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

function label(days) {
  const { total, succeeded, bad } = totalsOf(days);
  const said = `${total} executions in ${days.length} days: ${succeeded} succeeded`;
  return `${said}, ${bad} went wrong`;
}

function column(day, at, { x, y, step }, floor) {
  const inner = { x: x(at) + step * 0.12, width: step * 0.76 };
  let below = 0;
  const parts = inOrder(day.counts).map(([state, count]) => {
    const top = y(below + count);
    const height = Math.max(1, y(below) - top);
    below += count;
    return shape("rect", { class: `bar state-${stateOf(state).key}`, ...inner, y: top, height });
  });
  const worst = inOrder(day.counts).at(-1)?.[0];
  if (stateOf(worst).bad) parts.push(badMark(stateOf(worst).key, inner, floor));
  const place = { x: x(at), y: 0, width: step, height: floor };
  const target = { class: "bar-target", ...place, "data-day": day.day };
  return [...parts, shape("rect", target, shape("title", {}, sentence(day)))];
}

// The good at the bottom: what went wrong stands out of it.
function inOrder(counts) {
  const order = Object.keys(STATES);
  const rank = (state) => (stateOf(state).bad ? 100 : 0) + order.indexOf(state);
  const first = (state) => (state === "succeeded" ? -1 : rank(state));
  return Object.entries(counts).sort(([one], [other]) => first(one) - first(other));
}

function sentence(day) {
  const counts = inOrder(day.counts).map(
    ([state, count]) => `${count.toLocaleString("en")} ${stateOf(state).word.toLowerCase()}`,
  );
  const lines = [dayWords(day.day), counts.join(", ") || "nothing ran"];
  if (day.mean_duration !== null) lines.push(`usually ${duration(day.mean_duration)}`);
  return lines.join("\n");
}

/** "24 Nov". */
function dayWords(day) {
  const format = { day: "numeric", month: "short", timeZone: "UTC" };
  return new Date(`${day}T00:00:00Z`).toLocaleDateString("en-GB", format);
}

function labels(days, { x, step }) {
  const every = Math.max(1, Math.ceil(LABEL_ROOM / step));
  const marks = days.map((day, at) => [day, at]).filter(([, at]) => (DAYS - 1 - at) % every === 0);
  return marks.map(([{ day }, at]) => {
    const place = { x: x(at) + step / 2, y: HEIGHT - 6, "text-anchor": "middle" };
    const isLast = at === days.length - 1;
    const end = { ...place, x: x(at) + step, "text-anchor": "end" };
    return shape("text", { class: "chart-text", ...(isLast ? end : place) }, dayWords(day));
  });
}
