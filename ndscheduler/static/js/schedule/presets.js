// The schedules that most jobs have, each with the few things that one chooses of it.

import { intervalSeconds } from "../schedule_words.js";
import { wallTime } from "../zones.js";
import { ruleOf } from "./rule.js";

// [kind, words]; the order is that of the list.
export const PRESETS = [
  ["minute", "Every minute"],
  ["minutes", "Every few minutes"],
  ["hourly", "Every hour"],
  ["daily", "Every day"],
  ["weekdays", "Monday to Friday"],
  ["weekly", "On days of the week"],
  ["monthly", "On a day of the month"],
  ["interval", "At an interval"],
  ["once", "Once"],
];
export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
// Beats that do not break at the full hour.
export const MINUTES = [2, 3, 4, 5, 6, 10, 12, 15, 20, 30];
export const UNITS = { seconds: 1, minutes: 60, hours: 3600, days: 86400 };

const DEFAULTS = {
  minutes: "10",
  minute: "0",
  time: "03:00",
  weekdays: ["mon"],
  day: "1",
  every: "90",
  unit: "seconds",
  anchor: "",
  at: "",
};

/** A preset of this kind, with what is chosen of it in `chosen`. */
export function newPreset(kind, chosen = {}) {
  return { ...DEFAULTS, ...chosen, kind };
}

/** The trigger that a preset stands for. Anchor and time of a single run are of the job's zone. */
export function triggerOfPreset(preset) {
  return TRIGGERS[preset.kind](preset);
}

const TRIGGERS = {
  minute: () => ({ type: "cron", minute: "*" }),
  minutes: ({ minutes }) => ({ type: "cron", minute: `*/${minutes}` }),
  hourly: ({ minute }) => ({ type: "cron", minute }),
  daily: ({ time }) => ({ type: "cron", ...clock(time) }),
  weekdays: ({ time }) => ({ type: "cron", day_of_week: "mon-fri", ...clock(time) }),
  weekly: ({ weekdays, time }) => ({
    type: "cron",
    day_of_week: WEEKDAYS.filter((day) => weekdays.includes(day)).join(","),
    ...clock(time),
  }),
  monthly: ({ day, time }) => ({ type: "cron", day, ...clock(time) }),
  interval: ({ every, unit, anchor }) => ({
    type: "interval",
    [unit]: every.trim() === "" ? null : Number(every),
    ...(anchor ? { anchor } : {}),
  }),
  once: ({ at }) => ({ type: "date", run_date: at }),
};

function clock(time) {
  const [hour, minute] = time.split(":");
  return { hour: String(Number(hour)), minute: String(Number(minute)) };
}

/** The preset that says the same as `trigger`, or null. */
export function presetOf(trigger, zone) {
  if (trigger.type === "date") return newPreset("once", { at: wallOf(trigger.run_date, zone) });
  if (trigger.type === "interval") return intervalPreset(trigger, zone);
  const rule = ruleOf(trigger);
  if (!rule || rule.second.values.join() !== "0") return null;
  if (!rule.week.isAll || !rule.year.isAll || !rule.month.isAll) return null;
  return rule.hour.isAll ? oftenPreset(rule) : clockPreset(rule);
}

function wallOf(text, zone) {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$/.test(text) ? text : wallTime(text, zone);
}

function intervalPreset(trigger, zone) {
  const seconds = intervalSeconds(trigger);
  if (Number.isNaN(seconds)) return null;
  const fits = (unit) => seconds % UNITS[unit] === 0;
  const unit = ["days", "hours", "minutes"].find(fits) ?? "seconds";
  const every = String(seconds / UNITS[unit]);
  return newPreset("interval", { every, unit, anchor: wallOf(trigger.anchor ?? "", zone) });
}

function isEveryDay({ day, day_of_week: weekday, either }) {
  return either ? day.isAll || weekday.isAll : day.isAll && weekday.isAll;
}

function oftenPreset(rule) {
  if (!isEveryDay(rule)) return null;
  const { minute } = rule;
  if (minute.isAll) return newPreset("minute");
  if (minute.values.length === 1) return newPreset("hourly", { minute: String(minute.values[0]) });
  const { first, by } = minute.step ?? {};
  const isEven = first === 0 && MINUTES.includes(by) && minute.values.length * by === 60;
  return isEven ? newPreset("minutes", { minutes: String(by) }) : null;
}

function clockPreset(rule) {
  if (rule.hour.values.length !== 1 || rule.minute.values.length !== 1) return null;
  const two = (field) => String(field.values[0]).padStart(2, "0");
  const time = `${two(rule.hour)}:${two(rule.minute)}`;
  if (isEveryDay(rule)) return newPreset("daily", { time });
  const { day, day_of_week: weekday } = rule;
  if (day.isAll) return weekPreset(weekday, time);
  return weekday.isAll ? monthPreset(day, time) : null;
}

function weekPreset(weekday, time) {
  if (weekday.values.join() === "0,1,2,3,4") return newPreset("weekdays", { time });
  return newPreset("weekly", { weekdays: weekday.values.map((at) => WEEKDAYS[at]), time });
}

function monthPreset({ values, isLast, positions }, time) {
  if (positions.length || values.length + Number(isLast) !== 1) return null;
  return newPreset("monthly", { day: isLast ? "last" : String(values[0]), time });
}
