// The last executions of a job as bars: the height is the duration, the colour the state. What went
// wrong is underlined, so that the colour does not say it alone.
//
// Lists have hundreds of these: all bars of a state are one shape, and which of them the pointer is
// on is counted.

import { countsText } from "../models/job_summary.js";
import { href } from "../router.js";
import { stateOf } from "../states.js";
import { chosenZone, clock, duration } from "../times.js";
import { shape } from "./svg.js";

const COUNT = 30;
const STEP = 5;
const WIDTH = 3;
const HEIGHT = 20;
const LEAST = 3;
const WITHOUT_DURATION = 7;

/** An SVG of `recent` ([id, state, scheduled_time, duration], the oldest first); clicks open. */
export function recentBars(recent, jobZone = null) {
  const shown = recent.slice(-COUNT);
  const svg = shape("svg", {
    class: "recent-bars",
    width: shown.length * STEP,
    height: HEIGHT + 4,
    "data-last": shown.at(-1)?.[0] ?? "",
    role: "img",
    "aria-label": label(shown),
  });
  const paths = [...pathsOf(shown)];
  svg.append(...paths.map(([key, d]) => shape("path", { class: `bar state-${key}`, d })));
  const found = (event) => shown[barAt(event.clientX - svg.getBoundingClientRect().left)] ?? null;
  svg.addEventListener("pointermove", (event) => explain(svg, found(event), jobZone));
  openByClick(svg, (event) => found(event)?.[0] ?? null);
  return svg;
}

function label(recent) {
  if (!recent.length) return "No execution yet";
  const last = recent.length === 1 ? "Its one execution" : `Last ${recent.length} executions`;
  return `${last}: ${countsText(recent)}`;
}

/** Which bar stands `x` pixels from the left. */
export function barAt(x) {
  return Math.floor(x / STEP);
}

/** Clicks on `element` open the execution whose id is `find(event)`, as a link would. */
export function openByClick(element, find) {
  const open = (event) => {
    const id = event.button === 2 ? null : find(event);
    if (!id) return;
    event.stopPropagation();
    const place = href(["executions", id]);
    if (event.ctrlKey || event.metaKey || event.button === 1) window.open(place, "_blank");
    else window.location.hash = place;
  };
  element.addEventListener("click", open);
  element.addEventListener("auxclick", open);
}

/** How high a bar is, from LEAST to HEIGHT: a root, so that short ones can be told apart too. */
export function barHeight(seconds, longest) {
  if (seconds === null || seconds === undefined) return WITHOUT_DURATION;
  if (!longest) return LEAST;
  return Math.round(LEAST + (HEIGHT - LEAST) * Math.sqrt(seconds / longest));
}

/** [state's key, path] of all bars of each state. */
function pathsOf(recent) {
  const longest = Math.max(...recent.map(([, , , seconds]) => seconds ?? 0), 0);
  const paths = new Map();
  recent.forEach(([, state, , seconds], at) => {
    const { key, bad } = stateOf(state);
    const height = barHeight(seconds, longest);
    const x = at * STEP + 1;
    const bar = box(x, HEIGHT - height, WIDTH, height);
    const underline = bad ? box(x - 0.5, HEIGHT + 2, WIDTH + 1, 2) : "";
    paths.set(key, (paths.get(key) ?? "") + bar + underline);
  });
  return paths;
}

function box(x, y, width, height) {
  return `M${x} ${y}h${width}v${height}h${-width}z`;
}

function explain(svg, item, jobZone) {
  if (!item) return;
  const [id, state, time, seconds] = item;
  if (svg.dataset.at === id) return;
  svg.dataset.at = id;
  const lines = [stateOf(state).word, clock(time, { zone: chosenZone(jobZone) })];
  if (seconds !== null) lines.push(duration(seconds));
  const title = svg.querySelector("title") ?? svg.appendChild(shape("title"));
  title.textContent = lines.join("\n");
}
