// The last executions of a job as bars: the height is the duration, the colour the state. A bar
// that stands for something wrong is underlined, so that the colour does not say it alone.

import { countsText } from "../models/job_summary.js";
import { stateOf } from "../states.js";
import { clock, duration } from "../times.js";

const SVG = "http://www.w3.org/2000/svg";
const COUNT = 30;
const STEP = 5;
const WIDTH = 4;
const HEIGHT = 20;
const LEAST = 3;
const WITHOUT_DURATION = 7;

/** An SVG of `recent` ([id, state, scheduled_time, duration], the oldest first). */
export function recentBars(recent, jobZone = null) {
  const shown = recent.slice(-COUNT);
  const svg = shape("svg", {
    class: "recent-bars",
    width: COUNT * STEP,
    height: HEIGHT + 4,
    role: "img",
    "aria-label": shown.length
      ? `Last ${shown.length} executions: ${countsText(shown)}`
      : "No execution yet",
  });
  const longest = Math.max(...shown.map(([, , , seconds]) => seconds ?? 0), 0);
  const first = COUNT - shown.length;
  shown.forEach((item, at) => svg.append(...bar(item, (first + at) * STEP, longest)));
  svg.addEventListener("pointerover", ({ target }) => explain(target, shown, jobZone));
  return svg;
}

/** The id of the execution whose bar is the target of `event`, or null. */
export function executionAt(event) {
  return event.target.closest?.("rect[data-execution]")?.dataset.execution ?? null;
}

/** How high a bar is, from LEAST to HEIGHT: a root, so that short ones can be told apart too. */
export function barHeight(seconds, longest) {
  if (seconds === null || seconds === undefined) return WITHOUT_DURATION;
  if (!longest) return LEAST;
  return Math.round(LEAST + (HEIGHT - LEAST) * Math.sqrt(seconds / longest));
}

function bar([id, state, , seconds], x, longest) {
  const { key, bad } = stateOf(state);
  const height = barHeight(seconds, longest);
  return [
    shape("rect", {
      class: `bar state-${key}`,
      x: x + 0.5,
      y: HEIGHT - height,
      width: WIDTH - 1,
      height,
    }),
    bad && shape("rect", { class: `bar state-${key}`, x, y: HEIGHT + 2, width: WIDTH, height: 2 }),
    shape("rect", {
      class: "bar-target",
      x,
      y: 0,
      width: STEP,
      height: HEIGHT + 4,
      "data-execution": id,
    }),
  ].filter(Boolean);
}

function explain(target, recent, jobZone) {
  const found = recent.find(([id]) => id === target.dataset?.execution);
  if (!found || target.firstChild) return;
  const [, state, time, seconds] = found;
  const lines = [stateOf(state).word, clock(time, { zone: jobZone ?? undefined })];
  if (seconds !== null) lines.push(duration(seconds));
  const title = shape("title", {});
  title.textContent = lines.join("\n");
  target.append(title);
}

function shape(tag, attributes) {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}
