// Pause jobs, with a reason and an end.

import { openDialog } from "../dialogs.js";
import { el } from "../dom.js";
import { quoted } from "../job_actions.js";
import { browserZone, chosenZone, clock } from "../times.js";
import { toast } from "../toasts.js";
import { field } from "./fields.js";

const HOUR = 3600 * 1000;

// [value, words, the end as a Date, from now].
const ENDS = [
  ["none", "Somebody resumes it", () => null],
  ["hour", "In 1 hour", (now) => new Date(now.getTime() + HOUR)],
  ["day", "In 24 hours", (now) => new Date(now.getTime() + 24 * HOUR)],
  ["morning", "Tomorrow 08:00", (now) => dayAt(now, 1)],
  ["monday", "Next Monday 08:00", (now) => dayAt(now, (8 - now.getDay()) % 7 || 7)],
];

function dayAt(now, days) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + days, 8);
}

/** The instant that `choice` names: an ISO text, or null for no end. Throws on a bad one. */
export function endOf(choice, typed, now = new Date()) {
  const known = ENDS.find(([value]) => value === choice);
  if (known) return known[2](now)?.toISOString() ?? null;
  const end = new Date(typed);
  if (Number.isNaN(end.getTime())) throw new Error("Say on what day and at what time it goes on.");
  if (end <= now) throw new Error("The end has passed already.");
  return end.toISOString();
}

/** Ask for a reason and an end, and pause `job`; resolves to true once it is paused. */
export async function pauseJob(app, job) {
  const paused = await askPause({
    title: `Pause ${quoted(job)}`,
    text: "It does not fire until it is resumed. What runs goes on; Run now still works.",
    act: (reason, until) => job.pause(reason, until),
  });
  if (!paused) return undefined;
  const { paused_until: until, timezone } = job.attributes;
  const end = until && clock(until, { withSeconds: false, zone: chosenZone(timezone) });
  toast(`${quoted(job)} is paused${end ? ` until ${end}` : ""}.`);
  return true;
}

/** The dialog alone: `act(reason, until)` does it; reason is a text or null, until ISO or null. */
export function askPause({ title, text, act }) {
  const reason = field(
    "Reason",
    el("input", { class: "form-control", maxlength: 1000, autocomplete: "off" }),
    "Shown beside the job and in the audit log.",
  );
  const end = endField();
  return openDialog({
    title,
    body: el("div", {}, el("p", { class: "soft" }, text), reason.element, end.element),
    confirm: "Pause",
    onConfirm: async () => {
      await act(reason.control.value.trim() || null, end.value());
      return true;
    },
  });
}

function endField() {
  const options = ENDS.map(([value, words]) => el("option", { value }, words));
  const select = el(
    "select",
    { class: "form-select" },
    options,
    el("option", { value: "typed" }, "At a date and time …"),
  );
  const made = field("Until", select, `Times of ${browserZone()}, the zone of this browser.`);
  const typed = el("input", {
    type: "datetime-local",
    class: "form-control pause-until",
    "aria-label": "Until this date and time",
    hidden: true,
  });
  made.element.append(typed);
  select.addEventListener("change", () => {
    typed.hidden = select.value !== "typed";
    if (!typed.hidden) typed.focus();
  });
  return { element: made.element, value: () => endOf(select.value, typed.value) };
}
