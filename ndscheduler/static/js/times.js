// Instants and durations as people read them. Instants come in as ISO 8601 or Date.

import _ from "underscore";

import { el } from "./dom.js";

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** 41 -> "41 s", 0.0042 -> "4 ms", 3720 -> "1 h 2 min". */
export function duration(seconds) {
  if (seconds === null || seconds === undefined || Number.isNaN(seconds)) return "–";
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 9.95) return `${Number(seconds.toFixed(1))} s`;
  return parts(Math.round(seconds));
}

function parts(whole) {
  if (whole < MINUTE) return `${whole} s`;
  if (whole < HOUR) return pair(whole, MINUTE, "min", 1, "s");
  if (whole < DAY) return pair(whole, HOUR, "h", MINUTE, "min");
  return pair(whole, DAY, "d", HOUR, "h");
}

function pair(whole, large, largeUnit, small, smallUnit) {
  const rest = Math.floor((whole % large) / small);
  const head = `${Math.floor(whole / large)} ${largeUnit}`;
  return rest ? `${head} ${rest} ${smallUnit}` : head;
}

/** "5 h ago", "in 18 h", "now". */
export function relative(instant, now = new Date()) {
  const seconds = (new Date(instant) - now) / 1000;
  const distance = coarse(Math.abs(seconds));
  if (!distance) return "now";
  return seconds < 0 ? `${distance} ago` : `in ${distance}`;
}

function coarse(seconds) {
  if (seconds < 1) return "";
  if (seconds < MINUTE) return `${Math.floor(seconds)} s`;
  if (seconds < HOUR) return `${Math.floor(seconds / MINUTE)} min`;
  if (seconds < 2 * DAY) return `${Math.floor(seconds / HOUR)} h`;
  if (seconds < 60 * DAY) return `${Math.floor(seconds / DAY)} d`;
  if (seconds < 2 * 365 * DAY) return `${Math.floor(seconds / (30 * DAY))} months`;
  return `${Math.floor(seconds / (365 * DAY))} years`;
}

/** "04:12" or "1:02:03" until `instant`; "due" when it has come; days as `relative`. */
export function countdown(instant, now = new Date()) {
  const seconds = Math.ceil((new Date(instant) - now) / 1000);
  if (seconds <= 0) return "due";
  if (seconds >= DAY) return `in ${coarse(seconds)}`;
  const two = (number) => String(number).padStart(2, "0");
  const clock = `${two(Math.floor((seconds % HOUR) / MINUTE))}:${two(seconds % MINUTE)}`;
  return `in ${seconds >= HOUR ? `${Math.floor(seconds / HOUR)}:${clock}` : clock}`;
}

/** The zone that `choice` (local, utc, job) names: an IANA name, or undefined for the browser's. */
export function zoneOf(choice, jobZone) {
  if (choice === "utc") return "UTC";
  return choice === "job" ? (jobZone ?? "UTC") : undefined;
}

/** "24 Nov 03:00:00"; with the year where it is not this one. */
export function clock(instant, { zone, now = new Date(), withSeconds = true } = {}) {
  const timeZone = knownZone(zone);
  const yearOf = (date) => parted(date, { timeZone, year: "numeric" }).year;
  const date = new Date(instant);
  const shown = parted(date, {
    timeZone,
    day: "numeric",
    month: "short",
    year: yearOf(date) === yearOf(now) ? undefined : "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: withSeconds ? "2-digit" : undefined,
    hourCycle: "h23",
  });
  const time = [shown.hour, shown.minute, shown.second].filter(Boolean).join(":");
  return [shown.day, shown.month, shown.year, time].filter(Boolean).join(" ");
}

/** "Tue 24 Nov 2026 03:00:00.123 GMT+1". */
export function exact(instant, zone) {
  const shown = parted(new Date(instant), {
    timeZone: knownZone(zone),
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    hourCycle: "h23",
    timeZoneName: "short",
  });
  const time = `${shown.hour}:${shown.minute}:${shown.second}.${shown.fractionalSecond}`;
  return `${shown.weekday} ${shown.day} ${shown.month} ${shown.year} ${time} ${shown.timeZoneName}`;
}

/** `instant` in the browser's zone, in UTC and in the job's, a line each, for a tooltip. */
export function everyZone(instant, jobZone) {
  const lines = [`${exact(instant)} (here)`, exact(instant, "UTC")];
  if (jobZone && jobZone !== "UTC") lines.push(`${exact(instant, jobZone)} (${jobZone})`);
  return lines.join("\n");
}

function minute(instant, now, zone) {
  const shown = (at) => clock(at, { zone, now, withSeconds: false });
  const [text, today] = [shown(instant), shown(now)];
  return text.slice(0, -5) === today.slice(0, -5) ? text.slice(-5) : text;
}

// To make one takes longer than all else that is done with it.
const formatOf = _.memoize(
  (options) => new Intl.DateTimeFormat("en-GB", options),
  (options) => Object.entries(options).join(),
);

function parted(date, options) {
  const found = formatOf(options).formatToParts(date);
  return Object.fromEntries(found.map(({ type, value }) => [type, value]));
}

const knownZone = _.memoize((zone) => {
  try {
    new Intl.DateTimeFormat("en-GB", { timeZone: zone });
    return zone;
  } catch {
    // The server may know zones that this browser does not: shown in UTC, as the tooltip says.
    return "UTC";
  }
});

const TEXT_OF = {
  relative: (instant, now) => relative(instant, now),
  countdown: (instant, now) => countdown(instant, now),
  elapsed: (instant, now) => duration(Math.max(0, Math.floor((now - new Date(instant)) / 1000))),
  clock: (instant, now, zone) => clock(instant, { zone, now }),
  minute: (instant, now, zone) => minute(instant, now, zone),
};

/**
 * A <time> that keeps itself true: `kind` is relative, countdown, elapsed, clock or minute (a clock
 * without seconds, and without the day where that is today). `jobZone` is the zone of the job it belongs to. A dash where there is no instant.
 */
export function timeElement(instant, kind = "relative", jobZone = null) {
  if (!instant) return el("span", { class: "no-time" }, "–");
  const iso = new Date(instant).toISOString();
  const element = el("time", { datetime: iso, "data-kind": kind, "data-zone": jobZone });
  refreshTime(element, new Date());
  return element;
}

let zoneChoice = "local";

/** How clocks are shown from now on: local, utc or job. */
export function chooseZone(choice) {
  zoneChoice = choice;
  refreshTimes();
}

export function chosenZone(jobZone = null) {
  return zoneOf(zoneChoice, jobZone);
}

/** The IANA name of the zone in which clocks are shown. */
export function chosenZoneName() {
  return chosenZone() ?? browserZone();
}

/** The IANA name of the zone of this browser. */
export function browserZone() {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone;
}

/** Write every <time> in `root` anew, as far as its text has changed. */
export function refreshTimes(root = document, now = new Date()) {
  for (const element of root.querySelectorAll("time[data-kind]")) refreshTime(element, now);
}

function refreshTime(element, now) {
  const { kind, zone } = element.dataset;
  const text = TEXT_OF[kind](element.dateTime, now, zoneOf(zoneChoice, zone));
  if (element.textContent !== text) element.textContent = text;
}

/** Tooltips of times are made when somebody looks: there may be hundreds. */
export function explainTimesIn(root) {
  const explain = (event) => {
    const element = event.target.closest?.("time[data-kind]");
    if (element) element.title = everyZone(element.dateTime, element.dataset.zone);
  };
  root.addEventListener("pointerover", explain);
  root.addEventListener("focusin", explain);
}
