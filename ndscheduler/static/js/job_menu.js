// What can be done with a job, as a menu.

import { deleteJob } from "./dialogs/delete_job.js";
import { pauseJob } from "./dialogs/pause_job.js";
import { runWithArguments } from "./dialogs/run_with_arguments.js";
import { skipNext } from "./dialogs/skip_next.js";
import { runNow, switchJob } from "./job_actions.js";
import { href } from "./router.js";

/** Items for menus.js. `onDeleted` is told when the job is gone. */
export function jobMenuItems(app, job, { onDeleted = () => {} } = {}) {
  const remove = async () => (await deleteJob(app, job)) && onDeleted();
  return [
    { word: "Run now", run: () => runNow(app, job) },
    { word: "Run with arguments …", run: () => runWithArguments(app, job) },
    null,
    { word: "Edit", href: href(["jobs", job.id, "edit"]) },
    { word: "Clone", href: href(["jobs", job.id, "clone"]) },
    null,
    job.isPaused
      ? { word: "Resume", run: () => switchJob(app, job, true) }
      : { word: "Pause …", run: () => pauseJob(app, job) },
    {
      word: "Skip next run …",
      run: () => skipNext(app, job),
      disabled: !job.get("next_run_time"),
    },
    { word: "History", href: href(["jobs", job.id], { tab: "executions" }) },
    null,
    { word: "Delete …", danger: true, run: remove },
  ];
}
