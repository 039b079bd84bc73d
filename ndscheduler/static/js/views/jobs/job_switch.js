// The switch that turns a job on and off.

import { el } from "../../dom.js";
import { switchJob } from "../../job_actions.js";

/** A switch for `job`: it acts at once, and goes back where that fails. */
export function jobSwitch(app, job) {
  const input = el("input", {
    type: "checkbox",
    role: "switch",
    class: "form-check-input job-switch",
    "aria-label": `${job.name} is on`,
    title: "On: it fires by its schedule",
    disabled: !app.may("pause"),
  });
  input.checked = !job.isPaused;
  let isSwitching = false;
  input.addEventListener("change", async () => {
    const isOn = input.checked;
    if (isSwitching) {
      input.checked = !isOn;
      return;
    }
    isSwitching = true;
    if (!(await switchJob(app, job, isOn))) input.checked = !isOn;
    isSwitching = false;
  });
  return input;
}
