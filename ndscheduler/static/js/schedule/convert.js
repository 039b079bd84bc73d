// The same schedule as cron fields and as a crontab line, where both can say it.

import { cronField } from "./fields.js";
import { runs } from "./lists.js";
import { CRONTAB_FIELDS, crontabTexts, cronTexts, ruleOf } from "./rule.js";

/** The cron fields that mean what the crontab line does; null where they can not. */
export function fieldsOfCrontab(expression) {
  const rule = ruleOf({ type: "crontab", expression });
  if (!rule) return null;
  const texts = crontabTexts(expression).map((text) => text.toLowerCase());
  const given = CRONTAB_FIELDS.map((name, at) => [name, cronTextOf(name, texts[at], rule[name])]);
  const fields = Object.fromEntries(given);
  if (!rule.either) return fields;
  if (!rule.day.isAll && !rule.day_of_week.isAll) return null;
  return { ...fields, day: "*", day_of_week: "*" };
}

function cronTextOf(name, text, field) {
  if (name === "day_of_week") return weekdayText(text, field, (number) => number);
  return cronField(name, text) ? text : field.values.join(",");
}

/** The crontab line that means what the cron fields do; null where it can not. */
export function crontabOfFields(given) {
  const rule = ruleOf({ type: "cron", ...given });
  if (!rule || !rule.week.isAll || !rule.year.isAll) return null;
  if (rule.second.values.join() !== "0" || rule.day.isLast || rule.day.positions.length)
    return null;
  const texts = cronTexts(given);
  const fields = Object.fromEntries(CRONTAB_FIELDS.map((name) => [name, compact(texts[name])]));
  const weekdays = cronField("day_of_week", texts.day_of_week);
  fields.day_of_week = weekdayText(fields.day_of_week, weekdays, (number) => (number + 1) % 7);
  const isEither = !fields.day.startsWith("*") && !fields.day_of_week.startsWith("*");
  if (isEither && !widened(fields, rule)) return null;
  return CRONTAB_FIELDS.map((name) => fields[name]).join(" ");
}

// A crontab would take either; where one of the two is all there are, a star says so.
function widened(fields, rule) {
  if (rule.day.isAll) fields.day = "*";
  else if (rule.day_of_week.isAll) fields.day_of_week = "*";
  else return false;
  return true;
}

function compact(text) {
  return text
    .trim()
    .toLowerCase()
    .replace(/\s*,\s*/g, ",");
}

// Names mean the same in both, numbers do not; `number` turns a weekday (0 is Monday) into one.
function weekdayText(text, field, number) {
  if (field.isAll) return "*";
  if (/^[a-z,-]+$/.test(text) && !/sun-/.test(text)) return text;
  const words = runs(field.values).map(([first, last]) => {
    if (first === last) return String(number(first));
    // Sunday ends a week here: in a crontab it is 7 then.
    return `${number(first)}-${number(last) || 7}`;
  });
  return words.join(",");
}
