// Run a job once with other arguments than its own.

import { get, pathOf } from "../api.js";
import { jsonText, readList, readObject } from "../arguments.js";
import { openDialog } from "../dialogs.js";
import { el } from "../dom.js";
import { quoted, tellRun } from "../job_actions.js";
import { toastError } from "../toasts.js";
import { jsonField } from "./fields.js";

/** Ask for arguments and run `job` with them; resolves to the execution's id, or undefined. */
export async function runWithArguments(app, job) {
  const own = await readArguments(job);
  if (!own) return undefined;
  const positional = jsonField("Arguments", jsonText(own.pub_args ?? []), readList);
  const keyword = jsonField("Keyword arguments", jsonText(own.kwargs ?? {}), readObject);
  const notes = el("div", { class: "class-notes" });
  explain(job, notes);
  const executionId = await openDialog({
    title: `Run ${quoted(job)} with arguments`,
    body: el(
      "div",
      {},
      el("p", { class: "soft" }, "For this one execution. The job keeps its own arguments."),
      positional.element,
      keyword.element,
      notes,
    ),
    confirm: "Run now",
    onConfirm: () => job.runNow({ pub_args: positional.value(), kwargs: keyword.value() }),
  });
  if (executionId) tellRun(app, job, executionId);
  return executionId;
}

// The job as the page knows it has the numbers of JavaScript, not those that were written.
async function readArguments(job) {
  try {
    return await get(pathOf("jobs", job.id), {}, { isExact: true });
  } catch (error) {
    toastError(`The arguments of ${quoted(job)} can not be read now`, error);
    return null;
  }
}

/** What the job's class says of its arguments; where it says nothing, nothing. */
async function explain(job, place) {
  try {
    const { job_classes: classes } = await get("job-classes");
    const found = classes.find((each) => each.job_class_string === job.get("job_class_string"));
    if (found) place.replaceChildren(...notesOf(found));
  } catch {
    // The dialog does without: notes are a help, and api.js has told that the server is away.
  }
}

function notesOf({ notes, arguments: wanted, example_arguments: example }) {
  const items = (wanted ?? []).map(({ type, description }) =>
    el("li", {}, description ?? "", type && el("span", { class: "soft" }, ` (${type})`)),
  );
  return [
    notes && el("p", { class: "soft" }, notes),
    items.length > 0 && el("ol", {}, items),
    example && el("p", { class: "soft" }, "Example: ", el("code", {}, example)),
  ].filter(Boolean);
}
