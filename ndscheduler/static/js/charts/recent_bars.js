// The last executions of a job as bars: the height is the duration, the colour the state. A bar
// that stands for something wrong is underlined, so that the colour does not say it alone.

import { countsText } from "../models/job_summary.js";
import { href } from "../router.js";
import { stateOf } from "../states.js";
import { chosenZone, clock, duration } from "../times.js";
import { shape } from "./svg.js";

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
    width: shown.length * STEP,
    height: HEIGHT + 4,
    role: "img",
    "aria-label": shown.length
      ? `Last ${shown.length} executions: ${countsText(shown)}`
      : "No execution yet",
  });
  const longest = Math.max(...shown.map(([, , , seconds]) => seconds ?? 0), 0);
  shown.forEach((item, at) => svg.append(...bar(item, at * STEP, longest)));
  svg.addEventListener("pointerover", ({ target }) => explain(target, shown, jobZone));
  return svg;
}

/** The id of the execution whose bar is the target of `event`, or null. */
export function executionAt(event) {
  return event.target.closest?.("rect[data-execution]")?.dataset.execution ?? null;
}

/** Clicks on bars of `svg` open their executions, as links would. */
export function openByClick(svg) {
  const open = (event) => {
    const id = executionAt(event);
    if (!id || event.button === 2) return;
    event.stopPropagation();
    const place = href(["executions", id]);
    if (event.ctrlKey || event.metaKey || event.button === 1) window.open(place, "_blank");
    else window.location.hash = place;
  };
  svg.addEventListener("click", open);
  svg.addEventListener("auxclick", open);
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
  const lines = [stateOf(state).word, clock(time, { zone: chosenZone(jobZone) })];
  if (seconds !== null) lines.push(duration(seconds));
  const title = shape("title", {});
  title.textContent = lines.join("\n");
  target.append(title);
}
