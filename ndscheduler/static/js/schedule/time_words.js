// The hours, minutes and seconds of a rule in words.

import { listed, listedRuns, MOST_LISTED, runs } from "./lists.js";

// More clock times than this are told as "at minute ... of hours ...".
const MOST_CLOCKS = 6;

/**
 * `{clocks}`, such as "03:00 and 15:00", or `{often}`, such as "Every 10 minutes"; null where words
 * would be too long or not true.
 */
export function timeWords({ second, minute, hour }) {
  if (second.values.length > 1) return secondsWords(second, minute, hour);
  const at = { second: second.values[0], minute: minute.values[0] };
  const isOneMinute = minute.values.length === 1;
  if (isOneMinute && isEven(hour, 24) && hour.step) {
    return { often: `Every ${hour.step.by} hours${atMinute(at)}` };
  }
  if (minute.values.length * hour.values.length <= MOST_CLOCKS) {
    return { clocks: listed(clocks(hour, minute, at.second)) };
  }
  const often = isOneMinute ? hourly(hour, at) : minutely(hour, minute, at.second);
  return often && { often };
}

function secondsWords(second, minute, hour) {
  if (!minute.isAll || !hour.isAll) return null;
  const every = everyWords(second, 60, "second");
  if (every) return { often: every };
  const list = shortList(second);
  return list && { often: `At second ${list} of every minute` };
}

function hourly(hour, at) {
  if (hour.isAll) return `Every hour${atMinute(at)}`;
  const [run, ...others] = runs(hour.values);
  if (!others.length) {
    return `Every hour from ${clock(run[0], at.minute, at.second)} to ${clock(run[1], at.minute, at.second)}`;
  }
  const list = shortList(hour);
  if (!list) return null;
  return at.second
    ? `At minute ${at.minute} and second ${at.second} of hours ${list}`
    : `At minute ${at.minute} of hours ${list}`;
}

function minutely(hour, minute, second) {
  const every = everyWords(minute, 60, "minute");
  if (hour.isAll) {
    const words = every ?? ofEveryHour(minute);
    return words && second ? `${words}, at second ${second}` : words;
  }
  if (second) return null;
  const [run, ...others] = runs(hour.values);
  if (every && !others.length) {
    return `${every} from ${clock(run[0], 0)} to ${clock(run[1], minute.values.at(-1))}`;
  }
  const hours = shortList(hour);
  const head = every ?? (shortList(minute) && `At minute ${shortList(minute)}`);
  if (!hours || !head) return null;
  return `${head} of ${hour.values.length === 1 ? "hour" : "hours"} ${hours}`;
}

function ofEveryHour(minute) {
  if (minute.step) {
    const { first, last, by } = minute.step;
    return `Every ${by} minutes from minute ${first} to ${last} of every hour`;
  }
  const list = shortList(minute);
  return list && `At minute ${list} of every hour`;
}

/** "Every minute", "Every 10 minutes", or null where the beat breaks at the full hour. */
function everyWords(field, size, unit) {
  if (field.isAll) return `Every ${unit}`;
  return field.step && isEven(field, size) ? `Every ${field.step.by} ${unit}s` : null;
}

function isEven({ values, step }, size) {
  return Boolean(step) && values[0] === 0 && values.length * step.by === size;
}

function atMinute({ minute, second }) {
  if (second) return ` at minute ${minute} and second ${second}`;
  return minute ? ` at minute ${minute}` : "";
}

function clocks(hour, minute, second) {
  return hour.values.flatMap((h) => minute.values.map((m) => clock(h, m, second)));
}

function clock(hour, minute, second = 0) {
  const numbers = second ? [hour, minute, second] : [hour, minute];
  return numbers.map((number) => String(number).padStart(2, "0")).join(":");
}

function shortList({ values }) {
  return runs(values).length > MOST_LISTED ? null : listedRuns(values);
}
