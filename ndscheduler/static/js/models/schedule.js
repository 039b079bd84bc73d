// A schedule while it is edited: as a preset, as cron fields and as a crontab line, kept in step.

import Backbone from "backbone";
import _ from "underscore";

import { crontabOfFields, fieldsOfCrontab } from "../schedule/convert.js";
import { newPreset, presetOf, triggerOfPreset } from "../schedule/presets.js";
import { CRON_FIELDS, cronTexts } from "../schedule/rule.js";

/**
 * `form` says which of the three is meant: "preset", "fields" or "crontab". `preset` (see
 * presets.js) and `fields` (texts by name) are null, and `crontab` is "", where they can not say
 * the same. `zone` is that of the job, in which times of presets are.
 */
export class Schedule extends Backbone.Model {
  defaults() {
    return { form: "preset", preset: newPreset("daily"), fields: null, crontab: "", zone: "UTC" };
  }

  /** The schedule of `trigger` as the REST API tells it, whatever is wrong with it. */
  static of(trigger, zone) {
    const schedule = new Schedule({ zone });
    const isOld = ["cron", "crontab", "interval", "date"].includes(trigger?.type);
    if (!isOld) return schedule.chooseFields({});
    if (trigger.type === "crontab") return schedule.chooseCrontab(String(trigger.expression ?? ""));
    const preset = presetOf(trigger, zone);
    if (preset && trigger.type !== "cron") return schedule.choosePreset(preset);
    const fields = shownFields(trigger);
    return preset
      ? schedule.set({ form: "preset", preset, ...inStep(fields) })
      : schedule.chooseFields(fields);
  }

  choosePreset(preset) {
    const trigger = triggerOfPreset(preset);
    const fields = trigger.type === "cron" ? cronTexts(trigger) : null;
    return this.set({ form: "preset", preset, ...inStep(fields) });
  }

  /** `fields` are texts by name; an empty one is not given. */
  chooseFields(fields) {
    const preset = presetOf({ type: "cron", ...given(fields) }, this.get("zone"));
    return this.set({ form: "fields", fields, preset, crontab: crontabOfFields(fields) ?? "" });
  }

  chooseCrontab(crontab) {
    const preset = presetOf({ type: "crontab", expression: crontab }, this.get("zone"));
    return this.set({ form: "crontab", crontab, preset, fields: fieldsOfCrontab(crontab) });
  }

  /** Mean another of the three. Where it can not say the same it begins anew, until one goes back. */
  chooseForm(form) {
    const before = { ...this.attributes };
    if (this.left?.before.form === form && _.isEqual(before, this.left.after)) {
      return this.set(this.left.before);
    }
    const { preset, fields, crontab } = before;
    if (form === "preset") this.choosePreset(preset ?? newPreset("daily"));
    else if (form === "fields") this.chooseFields(fields ?? {});
    else this.chooseCrontab(crontab);
    if (!before[form]) this.left = { before, after: { ...this.attributes } };
    return this;
  }

  /** As POST /jobs takes it. */
  toTrigger() {
    const { form, preset, fields, crontab } = this.attributes;
    if (form === "crontab") return { type: "crontab", expression: crontab.trim() };
    if (form === "fields") return { type: "cron", ...given(fields ?? {}) };
    return triggerOfPreset(preset);
  }
}

function inStep(fields) {
  return { fields, crontab: (fields && crontabOfFields(fields)) ?? "" };
}

function given(fields) {
  return Object.fromEntries(
    CRON_FIELDS.filter((name) => String(fields[name] ?? "").trim()).map((name) => [
      name,
      fields[name].trim(),
    ]),
  );
}

// What the trigger leaves out is shown as the server fills it in.
function shownFields(trigger) {
  const texts = CRON_FIELDS.map((name) => [
    name,
    trigger[name] === undefined ? undefined : String(trigger[name]),
  ]);
  const filled = cronTexts(Object.fromEntries(texts));
  return Object.fromEntries(Object.entries(filled).map(([name, text]) => [name, text]));
}
