// What the fields of cron triggers and of crontab lines name. See doc/reference/cron.md.

import _ from "underscore";

const MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
const SUNDAY_FIRST = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
const POSITIONS = ["1st", "2nd", "3rd", "4th", "5th", "last"];

// [lowest value, highest value, names of values]; weekday 0 is Monday in cron fields only.
const CRON = {
  year: [1970, 9999],
  month: [1, 12, MONTHS],
  day: [1, 31],
  week: [1, 53],
  day_of_week: [0, 6, WEEKDAYS],
  hour: [0, 23],
  minute: [0, 59],
  second: [0, 59],
};
const CRONTAB = { ...CRON, day_of_week: [0, 7, SUNDAY_FIRST] };

const CRON_PART = /^(\*|\d+|[a-z]+)(?:-(\d+|[a-z]+))?(?:\/(\d+))?$/;
const POSITION = /^(1st|2nd|3rd|4th|5th|last) +([a-z]+)$/;

/**
 * What one cron field names: `values`, ascending; `isAll`, whether that is all there are; `step`,
 * {first, last, by} where it is written as one; for days also `isLast` and `positions`, pairs of
 * (place in POSITIONS, weekday). Null for what this page does not understand.
 */
export const cronField = _.memoize(readCronField, keyOf);

/** The same of a field of a crontab line, with weekdays turned so that 0 is Monday here too. */
export const crontabField = _.memoize(readCrontabField, keyOf);

// A list of jobs has the same few fields again and again, and a year has 8,000 values. What is
// found is shared: nobody changes it.
function keyOf(name, text) {
  return `${name} ${text}`;
}

function readCronField(name, text) {
  const found = { values: new Set(), step: null, isLast: false, positions: [] };
  const parts = normal(text).split(/\s*,\s*/);
  for (const part of parts) {
    if (name === "day" && takePosition(found, part)) continue;
    const range = cronRange(name, part);
    if (!range) return null;
    addRange(found, range, parts.length === 1);
  }
  return settled(found, CRON[name]);
}

function readCrontabField(name, text) {
  const found = { values: new Set(), step: null, isLast: false, positions: [] };
  const parts = normal(text).split(",");
  for (const part of parts) {
    const range = crontabRange(name, part);
    if (!range) return null;
    addRange(found, range, parts.length === 1);
  }
  if (name === "day_of_week") {
    found.values = new Set([...found.values].map((value) => (value + 6) % 7));
    found.step = null;
  }
  return settled(found, CRON[name]);
}

function normal(text) {
  return String(text).trim().toLowerCase();
}

function takePosition(found, part) {
  if (part === "last") {
    found.isLast = true;
    return true;
  }
  const [, place, weekday] = POSITION.exec(part) ?? [];
  if (!WEEKDAYS.includes(weekday)) return false;
  found.positions.push([POSITIONS.indexOf(place), WEEKDAYS.indexOf(weekday)]);
  return true;
}

function cronRange(name, part) {
  const [, from, to, step] = CRON_PART.exec(part) ?? [];
  const [low, high, names = []] = CRON[name];
  // "mon-fri/2" is refused by the server.
  if (!from || (step && /[a-z]/.test(part))) return null;
  if (from === "*") return to ? null : stepFits(checked(CRON[name], low, high, step));
  const first = numberOf(from, names, low);
  const last = to === undefined ? (step ? high : first) : numberOf(to, names, low);
  return stepFits(checked(CRON[name], first, last, step));
}

// Unlike a crontab, cron fields take no step that leads out of its range at once.
function stepFits(range) {
  return range && range.by > Math.max(1, range.last - range.first) ? null : range;
}

function crontabRange(name, part) {
  const [, from, to, step] = CRON_PART.exec(part) ?? [];
  const [low, high, names = []] = CRONTAB[name];
  if (!from) return null;
  if (from === "*") return to ? null : checked(CRONTAB[name], low, high, step);
  const first = numberOf(from, names, low);
  // The week of "1/2" ends on Saturday: Sunday, its 7, is already the week's 0.
  const end = name === "day_of_week" ? Math.max(first, high - 1) : high;
  let last = to === undefined ? (step ? end : first) : numberOf(to, names, low);
  if (to === "sun" && first > 0) last = 7;
  return checked(CRONTAB[name], first, last, step);
}

function numberOf(text, names, low) {
  const at = names.indexOf(text);
  if (at >= 0) return at + low;
  return /^\d+$/.test(text) ? Number(text) : NaN;
}

function checked([low, high], first, last, step) {
  const by = step === undefined ? 1 : Number(step);
  if (!(low <= first && first <= last && last <= high && by >= 1)) return null;
  return { first, last, by, isStep: step !== undefined && by > 1 };
}

function addRange(found, { first, last, by, isStep }, isAlone) {
  let value = first;
  for (; value <= last; value += by) found.values.add(value);
  if (isStep && isAlone && value - by > first) found.step = { first, last: value - by, by };
}

function settled(found, [low, high]) {
  const values = [...found.values].sort((a, b) => a - b);
  return { ...found, values, isAll: values.length === high - low + 1 };
}
