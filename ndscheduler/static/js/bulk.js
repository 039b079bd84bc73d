// The same done with many jobs: a few at a time, told how far it is, and what failed.

import { shortened } from "./dom.js";

const AT_ONCE = 4;
const NAMED = 5;

/**
 * `act(job)` for each of `jobs`; `onProgress(count)` after each. Resolves to {done, failed}: lists of
 * jobs, and of [job, error]. What is not begun when `signal` is aborted is in neither.
 */
export async function forEachJob(jobs, act, { onProgress = () => {}, signal = null } = {}) {
  const waiting = [...jobs];
  const done = [];
  const failed = [];
  const work = async () => {
    while (waiting.length && !signal?.aborted) {
      const job = waiting.shift();
      try {
        await act(job);
        done.push(job);
      } catch (error) {
        failed.push([job, error]);
      }
      onProgress(done.length + failed.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { done, failed };
}

/** "1 job", "1,200 jobs". */
export function jobsText(count) {
  return `${count.toLocaleString("en")} ${count === 1 ? "job" : "jobs"}`;
}

/** What came of it, in one sentence or two: "38 jobs paused. 2 were not: “A”: ...". */
export function outcome(word, { done, failed }) {
  const good = `${jobsText(done.length)} ${word}.`;
  if (!failed.length) return good;
  const named = failed.slice(0, NAMED).map(([job, error]) => {
    return `“${shortened(job.get("name"), 40)}”: ${error.message}`;
  });
  const more = failed.length > NAMED ? ` and ${failed.length - NAMED} more` : "";
  const bad = `${failed.length} ${failed.length === 1 ? "was" : "were"} not: ${named.join(" ")}${more}`;
  return done.length ? `${good} ${bad}` : bad;
}
