// Run a job once with other arguments than its own.

import { get } from "../api.js";
import { jsonText, readList, readObject } from "../arguments.js";
import { openDialog } from "../dialogs.js";
import { el } from "../dom.js";
import { quoted, tellRun } from "../job_actions.js";
import { jsonField } from "./fields.js";

/** Ask for arguments and run `job` with them; resolves to the execution's id, or undefined. */
export async function runWithArguments(app, job) {
  const positional = jsonField("Arguments", jsonText(job.get("pub_args") ?? []), readList);
  const keyword = jsonField("Keyword arguments", jsonText(job.get("kwargs") ?? {}), readObject);
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
