// Delete a job, told what goes and what stays.

import { ask } from "../dialogs.js";
import { quoted } from "../job_actions.js";
import { toast } from "../toasts.js";

/** "1 execution", "1,234 executions". */
export function executionsText(count) {
  return `${count.toLocaleString("en")} ${count === 1 ? "execution" : "executions"}`;
}

/** How many executions `job` has had, as far as its summary says; else null. */
export function executionsOf(job) {
  const { ended, running = 0, queued = 0 } = job.summary;
  if (!ended) return null;
  return Object.values(ended).reduce((sum, count) => sum + count, running + queued);
}

/** Ask, and delete `job`; resolves to true once it is gone. */
export async function deleteJob(app, job) {
  await readSummary(job);
  const deleted = await ask({
    title: `Delete ${quoted(job)}?`,
    lines: linesOf(job),
    confirm: "Delete the job",
    act: () => job.deleteForGood(),
  });
  if (deleted) toast(`${quoted(job)} is deleted.`);
  return deleted;
}

function linesOf(job) {
  const count = executionsOf(job);
  const history = count === null ? "Its executions stay" : `Its ${executionsText(count)} stay`;
  const { running = 0 } = job.summary;
  return [
    `The job “${job.get("name")}” will not run any more. This can not be undone.`,
    count === 0
      ? "It has never run. The audit log keeps what it was."
      : `${history} among the executions, and the audit log keeps what it was.`,
    running ? `${executionsText(running)} of it, running now, will go on to the end.` : null,
  ].filter(Boolean);
}

// A job that came by the stream has no summary yet. Without one the question is less precise.
async function readSummary(job) {
  if (job.get("summary")) return;
  try {
    await job.load();
  } catch {
    // Whatever is wrong shows when the job is deleted.
  }
}
