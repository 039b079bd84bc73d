// Let a job leave out its next fire.

import { openDialog } from "../dialogs.js";
import { el } from "../dom.js";
import { quoted } from "../job_actions.js";
import { timeElement } from "../times.js";
import { toast, toastError } from "../toasts.js";
import { field } from "./fields.js";

/** Ask, and make the next fire of `job` a skipped execution; resolves to true once it is. */
export async function skipNext(app, job) {
  const next = job.get("next_run_time");
  if (!next) return refuse(job);
  const reason = field(
    "Reason",
    el("input", { class: "form-control", maxlength: 1000, autocomplete: "off" }),
    "Shown with the skipped execution.",
  );
  const zone = job.get("timezone");
  const skipped = await openDialog({
    title: `Skip the next run of ${quoted(job)}`,
    body: el(
      "div",
      {},
      el(
        "p",
        {},
        "It will not run at ",
        el("strong", {}, timeElement(next, "clock", zone)),
        " (",
        timeElement(next, "countdown", zone),
        "), and goes on with the one after. This can not be undone.",
      ),
      reason.element,
    ),
    confirm: "Skip this run",
    onConfirm: async () => {
      await job.skipNext(reason.control.value.trim() || null);
      return true;
    },
  });
  if (skipped) toast(`The next run of ${quoted(job)} is skipped.`);
  return skipped;
}

function refuse(job) {
  toastError(`Nothing to skip`, new Error(`${quoted(job)} has no next run.`));
  return undefined;
}
