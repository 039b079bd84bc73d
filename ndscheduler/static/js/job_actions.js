// What is done with a job at once, without a question: each says what came of it.

import { shortened } from "./dom.js";
import { toast, toastError } from "./toasts.js";

/** The name of `job` in quotes, short enough for a sentence. */
export function quoted(job) {
  return `“${shortened(job.get("name"), 60)}”`;
}

/** "Paused by ana: migration". Without a login everybody is anonymous: that is not worth a word. */
export function pausedText(job) {
  const { paused_by: user, paused_reason: reason } = job.attributes;
  const by = user && user !== "anonymous" ? ` by ${user}` : "";
  return `Paused${by}${reason ? `: ${reason}` : ""}`;
}

// Ids of jobs whose start was asked for and not answered yet.
const beingStarted = new Set();

/** Run `job` now, with its own arguments; the toast opens the execution. */
export async function runNow(app, job) {
  if (beingStarted.has(job.id)) return;
  beingStarted.add(job.id);
  try {
    tellRun(app, job, await job.runNow());
  } catch (error) {
    toastError(`${quoted(job)} was not run`, error);
  } finally {
    beingStarted.delete(job.id);
  }
}

/** Say that `job` was queued as this execution. */
export function tellRun(app, job, executionId) {
  const open = () => app.router.go(["executions", executionId]);
  toast(`${quoted(job)} is queued.`, { action: { label: "Open", run: open } });
}

/** Pause or resume `job` at once; the toast offers to undo it. True if it worked. */
export async function switchJob(app, job, isOn) {
  const { paused_reason: reason, paused_until: until } = job.attributes;
  const undo = () => (isOn ? pauseAgain(job, reason, until) : resumeAgain(job));
  try {
    await (isOn ? job.resume() : job.pause());
    const done = isOn ? "is on" : "is paused";
    toast(`${quoted(job)} ${done}.`, { action: { label: "Undo", run: undo } });
    return true;
  } catch (error) {
    toastError(`${quoted(job)} was not ${isOn ? "resumed" : "paused"}`, error);
    return false;
  }
}

async function pauseAgain(job, reason, until) {
  try {
    await job.pause(reason, until);
    toast(`${quoted(job)} is paused again.`);
  } catch (error) {
    toastError(`${quoted(job)} was not paused`, error);
  }
}

async function resumeAgain(job) {
  try {
    await job.resume();
    toast(`${quoted(job)} is on again.`);
  } catch (error) {
    toastError(`${quoted(job)} was not resumed`, error);
  }
}
