// How long the last executions of a job took, an execution a bar, with the usual duration.

import { countsText } from "../models/job_summary.js";
import { stateOf } from "../states.js";
import { chosenZone, clock, duration } from "../times.js";
import { ticksFor } from "./scale.js";
import { axis, badMark, shape } from "./svg.js";

const HEIGHT = 168;
const LEFT = 58;
const TOP = 10;
const BOTTOM = 22;
const WITHOUT_DURATION = 6;
const WIDEST = 28;

/** An SVG of `recent` ([id, state, scheduled_time, duration], the oldest first). */
export function durationChart({ recent, usual, zone }, width) {
  const longest = Math.max(usual ?? 0, ...recent.map(([, , , seconds]) => seconds ?? 0));
  const ticks = ticksFor(longest, { isSeconds: true });
  const floor = HEIGHT - BOTTOM;
  const y = (seconds) => floor - (seconds / ticks.at(-1)) * (floor - TOP);
  const step = Math.min(WIDEST, (width - LEFT) / Math.max(recent.length, 1));
  const place = { x: (at) => LEFT + at * step, y, step, floor };
  return shape(
    "svg",
    { class: "chart", width, height: HEIGHT, role: "img", "aria-label": label(recent, usual) },
    ...axis(ticks, { left: LEFT, width, y, words: (tick) => (tick ? duration(tick) : "0") }),
    ...recent.flatMap((item, at) => bar(item, at, place, zone)),
    ...usualLine(usual, y, width),
    ...ends(recent, place, zone),
  );
}

function label(recent, usual) {
  const shown = `Durations of the last ${recent.length} executions: ${countsText(recent)}`;
  return usual === null || usual === undefined ? shown : `${shown}; usually ${duration(usual)}`;
}

function bar([id, state, time, seconds], at, { x, y, step, floor }, zone) {
  const { key, word, bad } = stateOf(state);
  const top = seconds === null ? floor - WITHOUT_DURATION : Math.min(y(seconds), floor - 2);
  const lines = [word, clock(time, { zone: chosenZone(zone) })];
  if (seconds !== null) lines.push(duration(seconds));
  const inner = { x: x(at) + step * 0.12, width: step * 0.76 };
  return [
    shape("rect", { class: `bar state-${key}`, ...inner, y: top, height: floor - top }),
    bad && badMark(key, inner, floor),
    shape(
      "rect",
      { class: "bar-target", x: x(at), y: 0, width: step, height: floor, "data-execution": id },
      shape("title", {}, lines.join("\n")),
    ),
  ].filter(Boolean);
}

function usualLine(usual, y, width) {
  if (usual === null || usual === undefined) return [];
  const at = { y1: y(usual), y2: y(usual) };
  return [shape("line", { class: "chart-usual", x1: LEFT, x2: width, ...at })];
}

function ends(recent, { x, step }, zone) {
  if (!recent.length) return [];
  const words = ([, , time]) => clock(time, { zone: chosenZone(zone), withSeconds: false });
  const y = HEIGHT - 6;
  const first = shape("text", { class: "chart-text", x: LEFT, y }, words(recent[0]));
  if (recent.length < 8) return [first];
  const last = { class: "chart-text", x: x(recent.length - 1) + step, y, "text-anchor": "end" };
  return [first, shape("text", last, words(recent.at(-1)))];
}
