// The states of executions: word, icon and colour (`.state-KEY` in css/states.css). Only here.

import { el } from "./dom.js";
import { icon } from "./icons.js";

// By the labels of the REST API, in the order of their codes.
export const STATES = {
  scheduled: { key: "queued", word: "Queued", icon: "circle", live: true },
  running: { key: "running", word: "Running", icon: "arc", live: true },
  stopping: { key: "stopped", word: "Stopping", icon: "square", live: true },
  stopped: { key: "stopped", word: "Stopped", icon: "square" },
  failed: { key: "failed", word: "Failed", icon: "x", bad: true },
  succeeded: { key: "succeeded", word: "Succeeded", icon: "check" },
  timeout: { key: "timeout", word: "Timed out", icon: "clock", bad: true },
  "scheduled error": { key: "error", word: "Could not start", icon: "warning", bad: true },
  interrupted: { key: "interrupted", word: "Interrupted", icon: "broken", bad: true },
  missed: { key: "missed", word: "Missed", icon: "dash", bad: true },
  skipped: { key: "skipped", word: "Skipped", icon: "fast-forward" },
};

/** What is shown of the state `label`; a user's own state shows its label. */
export function stateOf(label) {
  return STATES[label] ?? { key: "other", word: String(label), icon: "circle" };
}

/** Icon and word of a state. */
export function stateBadge(label) {
  const state = stateOf(label);
  return el("span", { class: `state state-${state.key}` }, icon(state.icon), " ", state.word);
}

/** The icon alone, for places without room: the word is in the tooltip and for screen readers. */
export function stateMark(label) {
  const state = stateOf(label);
  return el(
    "span",
    { class: `state state-${state.key}`, title: state.word },
    icon(state.icon),
    el("span", { class: "visually-hidden" }, state.word),
  );
}
