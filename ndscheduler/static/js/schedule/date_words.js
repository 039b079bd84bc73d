// The dates of a rule in words.

import { listed, listedRuns, MOST_LISTED, runs } from "./lists.js";

const WEEKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
export const MONTHS = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];
const PLACES = ["first", "second", "third", "fourth", "fifth", "last"];
const LENGTHS = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * `{lead, tail, within}`: `lead` begins a sentence that clock times follow ("Mondays"), `tail` ends
 * one that says how often ("on Mondays"); `within` limits both ("in June"). Null where words would
 * not be true; `{never: true}` where no date matches.
 */
export function dateWords(rule) {
  if (neverMatches(rule)) return { never: true };
  const { day, day_of_week: weekday, month, either } = rule;
  const isAny = either ? day.isAll || weekday.isAll : day.isAll && weekday.isAll;
  if (isAny) return { lead: "Every day", tail: "", within: inMonths(month) };
  if (day.isAll) return { ...onWeekdays(weekday), within: inMonths(month) };
  if (weekday.isAll) return onDays(day, month);
  return either ? onEither(day, weekday, month) : onBoth(day, weekday, month);
}

/** "in ISO weeks 1 and 2", "in 2027", as far as the rule says so. */
export function inWeeksAndYears({ week, year }) {
  const words = [];
  if (!week.isAll) words.push(`in ISO ${numbered("week", week.values)}`);
  if (!year.isAll) words.push(`in ${listedRuns(year.values)}`);
  return words;
}

function neverMatches({ day, day_of_week: weekday, month, either }) {
  if (day.isLast || day.positions.length || (either && weekday.values.length)) return false;
  return day.values.every((number) => month.values.every((m) => number > LENGTHS[m - 1]));
}

function inMonths(month) {
  return month.isAll ? "" : `in ${listedRuns(month.values, (m) => MONTHS[m - 1])}`;
}

function onWeekdays(weekday) {
  const [run, ...others] = runs(weekday.values);
  if (!others.length && run[0] !== run[1]) {
    const words = `${WEEKDAYS[run[0]]} to ${WEEKDAYS[run[1]]}`;
    return { lead: words, tail: words };
  }
  return { lead: plurals(weekday), tail: `on ${plurals(weekday)}` };
}

function plurals(weekday) {
  return listedRuns(weekday.values, (number) => `${WEEKDAYS[number]}s`);
}

function onDays(day, month) {
  const oneDate = dateInYear(day, month);
  if (oneDate) return { lead: oneDate, tail: lowered(oneDate), within: "" };
  const of = month.isAll ? "each month" : listedRuns(month.values, (m) => MONTHS[m - 1]);
  const words = `on ${dayWords(day)} of ${of}${asFarAsThere(day, month)}`;
  return { lead: capital(words), tail: words, within: "" };
}

function dateInYear(day, month) {
  const isOne = day.values.length === 1 && !day.isLast && !day.positions.length;
  if (!isOne || month.values.length !== 1) return null;
  const date = `${day.values[0]} ${MONTHS[month.values[0] - 1]}`;
  return date === "29 February" ? "On 29 February of leap years" : `Every year on ${date}`;
}

function onEither(day, weekday, month) {
  const words = `on ${dayWords(day)} of the month and on ${plurals(weekday)}`;
  return { lead: capital(words), tail: words, within: inMonths(month) };
}

function onBoth(day, weekday, month) {
  if (day.positions.length || runs(day.values).length > MOST_LISTED) return null;
  const days = dayWords({ ...day, step: null });
  const words = `on ${plurals(weekday)} that are ${days} of the month`;
  return { lead: capital(words), tail: words, within: inMonths(month) };
}

function dayWords({ values, step, isLast, positions }) {
  const words = [];
  if (step) words.push(`every ${ordinal(step.by)} day from day ${step.first} to ${step.last}`);
  else if (values.length) words.push(numbered("day", values));
  if (isLast) words.push("the last day");
  for (const [place, weekday] of positions) words.push(`the ${PLACES[place]} ${WEEKDAYS[weekday]}`);
  return listed(words);
}

// Day 31, and a fifth Monday, are not in every month.
function asFarAsThere({ values, step, isLast, positions }, month) {
  if (step) return "";
  const shortest = Math.min(...month.values.map((m) => (m === 2 ? 28 : LENGTHS[m - 1])));
  const isShort = values.some((number) => number > shortest);
  if (!isShort && !positions.some(([place]) => place === 4)) return "";
  const isOne = values.length + positions.length === 1 && !isLast;
  return isOne && month.isAll ? " that has one" : " (where there is such a day)";
}

function numbered(unit, values) {
  return `${values.length === 1 ? unit : `${unit}s`} ${listedRuns(values)}`;
}

function ordinal(number) {
  const ending = { 1: "st", 2: "nd", 3: "rd" }[number % 10];
  return `${number}${ending && Math.floor(number / 10) !== 1 ? ending : "th"}`;
}

function capital(words) {
  return words[0].toUpperCase() + words.slice(1);
}

function lowered(words) {
  return words[0].toLowerCase() + words.slice(1);
}
