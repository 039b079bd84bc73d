// How a job did, kept up to date by its executions as they come.

import { stateOf } from "../states.js";

const RECENT = 30;
const LAST_FIELDS = [
  "execution_id",
  "state",
  "scheduled_time",
  "started_time",
  "finished_time",
  "duration",
  "error_summary",
  "reason",
];
const RUNNING = ["running", "stopping"];

/**
 * `summary` (of the REST API) after `execution`, as the stream tells of it, was taken into account.
 * Counts stay exact: one that is not among the recent and older than these was counted already.
 */
export function summaryWith(summary, execution) {
  const recent = summary.recent ?? [];
  const before = recent.find(([id]) => id === execution.execution_id)?.[1] ?? null;
  // What has ended stays so; a change that comes late is not news.
  if (before && !isLive(before) && isLive(execution.state)) return summary;
  const listed = recentWith(recent, execution);
  if (!listed.some(([id]) => id === execution.execution_id)) return summary;
  return {
    ...summary,
    ...countsWith(summary, before, execution.state),
    ...durationWith(summary, before, execution),
    recent: listed,
    last: isNewest(listed, execution) ? lastOf(execution) : summary.last,
    failures_in_a_row: failuresInARow(listed),
  };
}

/** How many of `recent` went wrong, one after the other, up to now. */
export function failuresInARow(recent) {
  let failures = 0;
  for (const [, state] of [...recent].reverse()) {
    if (isLive(state) || state === "skipped") continue;
    if (!stateOf(state).bad) break;
    failures += 1;
  }
  return failures;
}

/** "10 succeeded, 2 failed", the most frequent first. */
export function countsText(recent) {
  const counts = new Map();
  for (const [, state] of recent) counts.set(state, (counts.get(state) ?? 0) + 1);
  const sorted = [...counts].sort(([, one], [, other]) => other - one);
  return sorted.map(([state, count]) => `${count} ${stateOf(state).word.toLowerCase()}`).join(", ");
}

function isLive(state) {
  return Boolean(stateOf(state).live);
}

function recentWith(recent, { execution_id: id, state, scheduled_time: time, duration = null }) {
  const others = recent.filter(([known]) => known !== id);
  return [...others, [id, state, time, duration]].sort(byTime).slice(-RECENT);
}

function byTime([oneId, , one], [otherId, , other]) {
  return new Date(one) - new Date(other) || (oneId < otherId ? -1 : 1);
}

function isNewest(recent, execution) {
  return recent.at(-1)[0] === execution.execution_id;
}

function lastOf(execution) {
  return Object.fromEntries(LAST_FIELDS.map((name) => [name, execution[name] ?? null]));
}

function countsWith(summary, before, after) {
  const moved = (states) => Number(states.includes(after)) - Number(states.includes(before));
  const counts = {
    running: (summary.running ?? 0) + moved(RUNNING),
    queued: (summary.queued ?? 0) + moved(["scheduled"]),
  };
  if (before === after || isLive(after)) return counts;
  const ended = { ...summary.ended };
  if (before && !isLive(before)) ended[before] -= 1;
  ended[after] = (ended[after] ?? 0) + 1;
  return { ...counts, ended };
}

function durationWith(summary, before, { state, duration }) {
  if (state !== "succeeded" || before === state || typeof duration !== "number") return {};
  const count = summary.ended?.succeeded ?? 0;
  const sum = (summary.usual_duration ?? 0) * count + duration;
  return { usual_duration: sum / (count + 1) };
}
