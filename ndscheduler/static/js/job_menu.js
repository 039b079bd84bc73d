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
  const items = [
    { needs: "run", word: "Run now", run: () => runNow(app, job) },
    { needs: "run", word: "Run with arguments …", run: () => runWithArguments(app, job) },
    null,
    { needs: "edit", word: "Edit", href: href(["jobs", job.id, "edit"]) },
    { needs: "add", word: "Clone", href: href(["jobs", job.id, "clone"]) },
    null,
    job.isPaused
      ? { needs: "pause", word: "Resume", run: () => switchJob(app, job, true) }
      : { needs: "pause", word: "Pause …", run: () => pauseJob(app, job) },
    {
      needs: "skip",
      word: "Skip next run …",
      run: () => skipNext(app, job),
      disabled: !job.get("next_run_time"),
    },
    { word: "History", href: href(["jobs", job.id], { tab: "executions" }) },
    null,
    { needs: "delete", word: "Delete …", danger: true, run: remove },
  ];
  return withoutEmptyGroups(items.filter((item) => !item?.needs || app.may(item.needs)));
}

// A line parts two groups; what one may not do leaves none of it behind.
function withoutEmptyGroups(items) {
  return items.filter((item, at) => {
    if (item) return true;
    return at > 0 && items[at - 1] !== null && items.slice(at).some(Boolean);
  });
}
