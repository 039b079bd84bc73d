// What stands in the form of a job, as it is typed, and the request that it makes.

import Backbone from "backbone";
import _ from "underscore";

import { withPlainNumbers } from "../exact_json.js";
import { checkJson } from "../json_check.js";
import { instantOf, wallTime } from "../zones.js";
import { Schedule } from "./schedule.js";

export const GRACE_UNITS = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

const NEW_JOB = {
  name: "",
  job_class_string: "",
  pub_args: [],
  kwargs: {},
  start_date: null,
  end_date: null,
  overlap: "skip",
  retry_on_crash: false,
  tags: [],
  description: null,
};

/** A problem that is found before anything is sent; as ApiError it names the field. */
export class FormProblem extends Error {
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

export class JobForm extends Backbone.Model {
  /** The form of a new job; `defaults` as the server has them: options and `timezone`. */
  static ofNew(defaults) {
    const form = new JobForm({}, { job: { ...NEW_JOB, ...defaults } });
    return form.begin(new Schedule({ zone: defaults.timezone }).chooseForm("preset"));
  }

  /** The form of `job`, as GET /jobs/{id} with exact numbers tells it. */
  static ofJob(job) {
    const { pub_args: args, kwargs, ...others } = job;
    const plain = { ...withPlainNumbers(others), pub_args: args, kwargs };
    return new JobForm({}, { job: plain }).begin(Schedule.of(plain.trigger, plain.timezone));
  }

  initialize(attributes, { job }) {
    this.job = job;
    this.set(textsOf(job));
  }

  begin(schedule) {
    this.schedule = schedule;
    this.listenTo(schedule, "change", () => this.trigger("edited"));
    this.on("change:timezone", () => schedule.set({ zone: this.get("timezone") }));
    this.on("change", () => this.trigger("edited"));
    this.first = this.typed();
    return this;
  }

  /** All that was typed; `takeTyped` puts it back. */
  typed() {
    return structuredClone({ ...this.attributes, schedule: this.schedule.attributes });
  }

  takeTyped({ schedule, ...texts }) {
    this.schedule.set(schedule);
    this.set(texts);
  }

  get isChanged() {
    return !_.isEqual(this.typed(), this.first);
  }

  /** Whether the text of `name` is as it was. */
  isAsBefore(...names) {
    return names.every((name) => _.isEqual(this.typed()[name], this.first[name]));
  }

  /** The body for POST /jobs, or PUT with `isEdit`, which leaves out arguments that are the same. */
  request({ isEdit = false } = {}) {
    const fields = {
      name: this.needed("name", "name", "A job needs a name."),
      job_class_string: this.needed("classString", "job_class_string", "Choose a class.").trim(),
      ...this.argumentFields(isEdit),
      trigger: this.scheduleTrigger(),
      timezone: this.get("timezone").trim(),
      start_date: this.instant("start", "start_date"),
      end_date: this.instant("end", "end_date"),
      ...this.options(),
    };
    if (!fields.timezone) delete fields.timezone;
    return fields;
  }

  needed(name, field, sentence) {
    const text = this.get(name);
    if (text.trim()) return text;
    throw new FormProblem(field, sentence);
  }

  /** What POST /triggers/preview takes. */
  previewRequest() {
    const { trigger, timezone, start_date, end_date } = {
      trigger: this.scheduleTrigger(),
      timezone: this.get("timezone").trim() || undefined,
      start_date: this.instant("start", "start_date"),
      end_date: this.instant("end", "end_date"),
    };
    return { trigger, timezone, start_date, end_date };
  }

  argumentFields(isEdit) {
    const fields = {};
    if (!isEdit || !this.isAsBefore("args"))
      fields.pub_args = this.json("args", "pub_args", isList);
    if (!isEdit || !this.isAsBefore("kwargs"))
      fields.kwargs = this.json("kwargs", "kwargs", isObject);
    return fields;
  }

  json(name, field, isRight) {
    const { value, error } = checkArguments(this.get(name), isRight);
    if (error) throw new FormProblem(field, error);
    return value;
  }

  // What was not touched is sent as it was: an anchor, a single run to the microsecond.
  scheduleTrigger() {
    const { form, preset } = this.schedule.attributes;
    if (form === "preset" && preset.kind === "once" && !preset.at) {
      throw new FormProblem("trigger.run_date", "Choose a date and time.");
    }
    const isSame = this.job.trigger && this.isAsBefore("schedule", "timezone");
    return isSame ? this.job.trigger : this.withOldAnchor(this.schedule.toTrigger());
  }

  withOldAnchor(trigger) {
    const before = this.first.schedule.preset?.anchor;
    const isSame = trigger.anchor && trigger.anchor === before && this.isAsBefore("timezone");
    return isSame ? { ...trigger, anchor: this.job.trigger.anchor } : trigger;
  }

  instant(name, field) {
    if (this.isAsBefore(name, "timezone")) return this.job[field];
    const text = this.get(name);
    if (!text) return null;
    const instant = instantOf(text, this.get("timezone"));
    if (!instant) throw new FormProblem(field, "This is no date and time.");
    return instant;
  }

  options() {
    const { coalesce, overlap, retryOnCrash, description } = this.attributes;
    return {
      misfire_grace_time: this.grace(),
      coalesce,
      max_instances: this.whole("maxInstances", "max_instances"),
      overlap,
      retry_on_crash: retryOnCrash,
      tags: tagsOf(this.get("tags")),
      description: description === "" ? null : description,
    };
  }

  grace() {
    if (this.get("isLateFine")) return null;
    const seconds = Number(this.get("grace") || NaN) * GRACE_UNITS[this.get("graceUnit")];
    if (seconds >= 1 && Number.isInteger(seconds)) return seconds;
    throw new FormProblem("misfire_grace_time", "This must be a time of at least 1 second.");
  }

  whole(name, field) {
    const text = this.get(name).trim();
    if (/^\d+$/.test(text)) return Number(text);
    throw new FormProblem(field, "This must be a whole number.");
  }
}

/** The value of the text of arguments, or `error` as checkJson. Nothing typed is an empty one. */
export function checkArguments(text, isRight) {
  if (!text.trim()) return { value: isRight === isList ? [] : {} };
  const found = checkJson(text);
  if (found.error || isRight(found.value)) return found;
  const what = isRight === isList ? "a list, such as [1, 2]" : 'an object, such as {"name": 1}';
  return { error: `This must be ${what}.`, at: 0 };
}

export const isList = Array.isArray;

export function isObject(value) {
  const isRaw = typeof JSON.isRawJSON === "function" && JSON.isRawJSON(value);
  return typeof value === "object" && value !== null && !isList(value) && !isRaw;
}

/** The tags in a text with commas between. */
export function tagsOf(text) {
  return _.uniq(text.split(",").map((tag) => tag.trim())).filter(Boolean);
}

/** JSON as it stands in a field: on one line where that is short, nothing where it is empty. */
export function jsonText(value) {
  const text = JSON.stringify(value, null, 2);
  if (text === "[]" || text === "{}") return "";
  // Line ends are never within a text: there they are \\n.
  const line = text.replace(/([[{])\n */g, "$1").replace(/\n *([\]}])/g, "$1");
  const short = line.replace(/\n */g, " ");
  return short.length <= 72 ? short : text;
}

function textsOf(job) {
  return {
    name: job.name,
    classString: job.job_class_string,
    args: jsonText(job.pub_args),
    kwargs: jsonText(job.kwargs),
    timezone: job.timezone,
    start: wallTime(job.start_date, job.timezone),
    end: wallTime(job.end_date, job.timezone),
    ...graceTexts(job.misfire_grace_time),
    coalesce: job.coalesce,
    maxInstances: String(job.max_instances),
    overlap: job.overlap,
    retryOnCrash: job.retry_on_crash,
    tags: job.tags.join(", "),
    description: job.description ?? "",
  };
}

function graceTexts(seconds) {
  if (seconds === null) return { isLateFine: true, grace: "1", graceUnit: "hours" };
  const unit = ["days", "hours", "minutes"].find((name) => seconds % GRACE_UNITS[name] === 0);
  const graceUnit = unit ?? "seconds";
  return { isLateFine: false, grace: String(seconds / GRACE_UNITS[graceUnit]), graceUnit };
}
