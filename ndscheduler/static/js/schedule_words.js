// The schedule of a job as people say it. Where words would not be true, the expression stands.

import { dateWords, inWeeksAndYears, MONTHS } from "./schedule/date_words.js";
import { CRON_FIELDS, ruleOf } from "./schedule/rule.js";
import { timeWords } from "./schedule/time_words.js";

const UNITS = [
  ["day", 86400],
  ["hour", 3600],
  ["minute", 60],
  ["second", 1],
];

/**
 * "Every day at 03:00", "Every 90 seconds", "Once, 24 Nov 2026 03:00". `job` is a model or what the
 * REST API gives: `trigger`, or the six cron strings, and `timezone`.
 */
export function scheduleInWords(job) {
  const fields = job.attributes ?? job;
  const trigger = triggerOf(fields);
  return wordsOf(trigger, fields.timezone) ?? expressionOf(job);
}

/** The schedule as it is written, for a tooltip: "hour=3 minute=30", "0 3 * * *". */
export function expressionOf(job) {
  const trigger = triggerOf(job.attributes ?? job);
  if (trigger.type === "cron") {
    const given = CRON_FIELDS.filter((name) => isGiven(trigger[name]));
    return given.map((name) => `${name}=${trigger[name]}`).join(" ");
  }
  if (trigger.type === "crontab") return String(trigger.expression ?? "");
  if (trigger.type === "date") return String(trigger.run_date ?? "");
  if (trigger.type === "interval") return intervalExpression(trigger);
  return Object.keys(trigger).length ? JSON.stringify(trigger) : "";
}

/** The trigger of a job, made of the six cron strings where it has none. */
export function triggerOf(fields) {
  if (fields.trigger && typeof fields.trigger === "object") return fields.trigger;
  const given = CRON_FIELDS.filter((name) => isGiven(fields[name]));
  if (!given.length) return {};
  return { type: "cron", ...Object.fromEntries(given.map((name) => [name, fields[name]])) };
}

/** The length of an interval trigger in seconds; NaN where it says none. */
export function intervalSeconds(trigger) {
  const lengths = { weeks: 604800, days: 86400, hours: 3600, minutes: 60, seconds: 1 };
  const given = Object.keys(lengths).filter((unit) => isGiven(trigger[unit]));
  if (!given.length) return NaN;
  return given.reduce((sum, unit) => sum + Number(trigger[unit]) * lengths[unit], 0);
}

function isGiven(value) {
  return ![undefined, null, ""].includes(value);
}

function wordsOf(trigger, zone) {
  if (trigger.type === "interval") return intervalWords(intervalSeconds(trigger));
  if (trigger.type === "date") return onceWords(trigger.run_date, zone);
  const rule = ruleOf(trigger);
  return rule && ruleWords(rule);
}

function ruleWords(rule) {
  const dates = dateWords(rule);
  const times = timeWords(rule);
  if (!dates || !times) return null;
  if (dates.never) return "Never: there is no such date";
  const within = [dates.within, ...inWeeksAndYears(rule)];
  const head = times.clocks ? [`${dates.lead} at ${times.clocks}`] : [times.often, dates.tail];
  return [...head, ...within].filter(Boolean).join(", ");
}

function intervalWords(seconds) {
  if (!(seconds > 0)) return null;
  const fits = ([unit, length]) =>
    seconds % length === 0 && seconds / length <= 120 && !(unit === "day" && seconds < 2 * length);
  const [unit, length] = UNITS.find(fits) ?? [null, 0];
  if (!unit) return `Every ${inParts(seconds)}`;
  return seconds === length ? `Every ${unit}` : `Every ${seconds / length} ${unit}s`;
}

function inParts(seconds) {
  const words = [];
  let rest = seconds;
  for (const [unit, length] of UNITS) {
    const count = unit === "second" ? Number(rest.toFixed(6)) : Math.floor(rest / length);
    if (count) words.push(`${count} ${unit}${count === 1 ? "" : "s"}`);
    rest -= count * length;
  }
  return words.join(" ");
}

function intervalExpression(trigger) {
  const anchor = trigger.anchor ? `, counted from ${trigger.anchor}` : "";
  return `every ${intervalSeconds(trigger)} s${anchor}`;
}

function onceWords(runDate, zone) {
  const shown = wallClock(runDate, zone);
  if (!shown) return null;
  const { year, month, day, hour, minute, second, suffix } = shown;
  const time = second === "00" ? `${hour}:${minute}` : `${hour}:${minute}:${second}`;
  return `Once, ${Number(day)} ${MONTHS[month - 1].slice(0, 3)} ${year} ${time}${suffix}`;
}

const WALL_CLOCK = /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?)?$/;

// A time without an offset is one of the job's zone already.
function wallClock(runDate, zone) {
  const [, year, month, day, hour = "00", minute = "00", second = "00"] =
    WALL_CLOCK.exec(runDate) ?? [];
  if (year && month >= 1 && month <= 12) {
    return { year, month, day, hour, minute, second, suffix: "" };
  }
  const date = new Date(runDate);
  if (typeof runDate !== "string" || Number.isNaN(date.getTime())) return null;
  try {
    return { ...inZone(date, zone ?? "UTC"), suffix: "" };
  } catch {
    // The server may know zones that this browser does not.
    return { ...inZone(date, "UTC"), suffix: " UTC" };
  }
}

function inZone(date, timeZone) {
  const two = "2-digit";
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    year: "numeric",
    month: two,
    day: two,
    hour: two,
    minute: two,
    second: two,
    hourCycle: "h23",
  });
  return Object.fromEntries(format.formatToParts(date).map(({ type, value }) => [type, value]));
}
