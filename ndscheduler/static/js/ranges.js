// Ranges of time that lists are filtered by. In the URL: `range=24h`, or `from` and `to`.

import { instantOf, wallTime } from "./zones.js";

const HOUR = 3600 * 1000;

// [what the URL says, words, milliseconds back from now]; "" is everything.
export const RANGES = [
  ["10m", "Last 10 minutes", HOUR / 6],
  ["1h", "Last hour", HOUR],
  ["12h", "Last 12 hours", 12 * HOUR],
  ["24h", "Last 24 hours", 24 * HOUR],
  ["7d", "Last week", 7 * 24 * HOUR],
  ["30d", "Last month", 30 * 24 * HOUR],
];

/** The query of the REST API for the range in `query`, the URL's: {time_range_start, _end}. */
export function rangeQuery(query, now = new Date()) {
  if (query.from || query.to) {
    return { time_range_start: query.from ?? "", time_range_end: query.to ?? "" };
  }
  const range = RANGES.find(([name]) => name === query.range);
  if (!range) return {};
  return { time_range_start: new Date(now - range[2]).toISOString() };
}

/** True if `instant` lies in the range that `query` names. */
export function isInRange(instant, query, now = new Date()) {
  const { time_range_start: start, time_range_end: end } = rangeQuery(query, now);
  const at = new Date(instant);
  return (!start || at >= new Date(start)) && (!end || at <= new Date(end));
}

/** What an <input type="datetime-local"> shows for an ISO instant in `zone`; "" for what is none. */
export function toInput(iso, zone) {
  return wallTime(iso, zone).slice(0, 16);
}

/** The ISO instant that is typed so in `zone`; "" for none. */
export function fromInput(text, zone) {
  return instantOf(text, zone) ?? "";
}
