// A trigger as one rule, whatever form it was written in.

import { cronField, crontabField } from "./fields.js";

// From the most to the least significant: fields below the least that is given are at their lowest.
export const CRON_FIELDS = [
  "year",
  "month",
  "day",
  "week",
  "day_of_week",
  "hour",
  "minute",
  "second",
];
export const CRONTAB_FIELDS = ["minute", "hour", "day", "month", "day_of_week"];

const LOWEST = { month: "1", day: "1", hour: "0", minute: "0", second: "0" };

const NICKNAMES = {
  "@hourly": "0 * * * *",
  "@daily": "0 0 * * *",
  "@midnight": "0 0 * * *",
  "@weekly": "0 0 * * 0",
  "@monthly": "0 0 1 * *",
  "@yearly": "0 0 1 1 *",
  "@annually": "0 0 1 1 *",
};

/**
 * A field (see fields.js) for each of CRON_FIELDS, and `either`: whether matching the day or the
 * day of week is enough. Null for a trigger that is neither cron nor crontab, and for what this
 * page does not understand.
 */
export function ruleOf(trigger) {
  if (trigger?.type === "cron") return cronRule(trigger);
  return trigger?.type === "crontab" ? crontabRule(trigger.expression) : null;
}

/** The texts of all cron fields, those that were not given as the server fills them in. */
export function cronTexts(given) {
  const isGiven = (name) => ![undefined, null, ""].includes(given[name]);
  const least = CRON_FIELDS.findLastIndex(isGiven);
  return Object.fromEntries(
    CRON_FIELDS.map((name, at) => {
      if (isGiven(name)) return [name, String(given[name])];
      return [name, at > least ? (LOWEST[name] ?? "*") : "*"];
    }),
  );
}

/** The five texts of a crontab line, or null unless it has five fields or is a nickname. */
export function crontabTexts(expression) {
  const line = String(expression ?? "").trim();
  const texts = (NICKNAMES[line.toLowerCase()] ?? line).split(/\s+/);
  return texts.length === CRONTAB_FIELDS.length ? texts : null;
}

function cronRule(trigger) {
  if (!CRON_FIELDS.some((name) => ![undefined, null, ""].includes(trigger[name]))) return null;
  const texts = Object.entries(cronTexts(trigger));
  return whole(
    texts.map(([name, text]) => [name, cronField(name, text)]),
    false,
  );
}

function crontabRule(expression) {
  const texts = crontabTexts(expression);
  if (!texts) return null;
  const [, , day, , weekday] = texts;
  const any = ["year", "week"].map((name) => [name, cronField(name, "*")]);
  const fields = CRONTAB_FIELDS.map((name, at) => [name, crontabField(name, texts[at])]);
  // A field that begins with "*", even "*/2", does not count as restricted.
  const either = !day.startsWith("*") && !weekday.startsWith("*");
  return whole([...any, ...fields, ["second", cronField("second", "0")]], either);
}

function whole(fields, either) {
  if (fields.some(([, field]) => !field)) return null;
  return { ...Object.fromEntries(fields), either };
}
