// What came of an execution, in one look.

import { el } from "../../dom.js";
import { stateBadge, stateOf } from "../../states.js";
import { duration, timeElement } from "../../times.js";

export function headline(execution) {
  const sentence = execution.get("error_summary") || execution.get("reason");
  const badge = stateBadge(execution.get("state"));
  return el(
    "div",
    { class: `execution-headline state-${stateOf(execution.get("state")).key}` },
    el("p", { class: "headline-state", role: "status" }, badge, howLong(execution)),
    sentence && el("p", { class: "headline-sentence" }, sentence),
  );
}

function howLong(execution) {
  const took = execution.get("duration");
  if (execution.isLive && execution.get("started_time")) {
    return [" for ", timeElement(execution.get("started_time"), "elapsed", execution.zone)];
  }
  return took === null || took === undefined ? null : ` after ${duration(took)}`;
}
