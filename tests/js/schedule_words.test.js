import assert from "node:assert/strict";
import { test } from "node:test";

import { expressionOf, scheduleInWords } from "../../ndscheduler/static/js/schedule_words.js";

const cron = (fields) => scheduleInWords({ trigger: { type: "cron", ...fields } });
const crontab = (expression) => scheduleInWords({ trigger: { type: "crontab", expression } });
const interval = (fields) => scheduleInWords({ trigger: { type: "interval", ...fields } });
const once = (run_date, timezone) =>
  scheduleInWords({ trigger: { type: "date", run_date }, timezone });

function sayings(say, expected) {
  const found = Object.keys(expected).map((expression) => [expression, say(expression)]);
  assert.deepEqual(Object.fromEntries(found), expected);
}

test("crontab lines are told with the times they fire at", () => {
  sayings(crontab, {
    "* * * * *": "Every minute",
    "*/10 * * * *": "Every 10 minutes",
    "*/1 * * * *": "Every minute",
    "5/10 * * * *": "Every 10 minutes from minute 5 to 55 of every hour",
    "*/7 * * * *": "Every 7 minutes from minute 0 to 56 of every hour",
    "0 * * * *": "Every hour",
    "5 * * * *": "Every hour at minute 5",
    "0 */2 * * *": "Every 2 hours",
    "15 */6 * * *": "Every 6 hours at minute 15",
    "0 */5 * * *": "Every day at 00:00, 05:00, 10:00, 15:00 and 20:00",
    "0 3 * * *": "Every day at 03:00",
    "30 3,15 * * *": "Every day at 03:30 and 15:30",
    "30 8-17 * * *": "Every hour from 08:30 to 17:30",
    "*/15 8-17 * * 1-5": "Every 15 minutes from 08:00 to 17:45, Monday to Friday",
    "0,15,30,45 8-17 * * 1-5": "At minute 0, 15, 30 and 45 of hours 8 to 17, Monday to Friday",
    "* 3 * * *": "Every minute from 03:00 to 03:59",
    "0,15,30,45 * * * *": "At minute 0, 15, 30 and 45 of every hour",
    "* 1,3,5 * * *": "Every minute of hours 1, 3 and 5",
  });
});

test("crontab's weekdays begin with Sunday, and Sunday is 7 too", () => {
  sayings(crontab, {
    "30 9 * * 1": "Mondays at 09:30",
    "30 9 * * 0": "Sundays at 09:30",
    "30 9 * * 7": "Sundays at 09:30",
    "30 9 * * 0,7": "Sundays at 09:30",
    "30 9 * * 5-7": "Friday to Sunday at 09:30",
    "30 9 * * fri-sun": "Friday to Sunday at 09:30",
    "30 9 * * 0-6": "Every day at 09:30",
    "30 9 * * 6,0": "Saturdays and Sundays at 09:30",
    "30 9 * * MON,Wed,fri": "Mondays, Wednesdays and Fridays at 09:30",
    "30 9 * * sun-tue": "Mondays, Tuesdays and Sundays at 09:30",
    "30 9 * * 1/2": "Mondays, Wednesdays and Fridays at 09:30",
    "30 9 * * */2": "Tuesdays, Thursdays, Saturdays and Sundays at 09:30",
  });
});

test("day and weekday of a crontab line are told as either, as cron takes them", () => {
  sayings(crontab, {
    "0 0 13 * 5": "On day 13 of the month and on Fridays at 00:00",
    "0 0 1,15 6 1-5": "On days 1 and 15 of the month and on Mondays to Fridays at 00:00, in June",
    "0 0 1-31 * 5": "Every day at 00:00",
    "0 0 */9 * 5": "On Fridays that are days 1, 10, 19 and 28 of the month at 00:00",
    "0 0 */9 * *": "On every 9th day from day 1 to 28 of each month at 00:00",
    "0 0 */2 * 5": "0 0 */2 * 5",
  });
});

test("the names of crontab are told as what they stand for", () => {
  sayings(crontab, {
    "@hourly": "Every hour",
    "@daily": "Every day at 00:00",
    "@Midnight": "Every day at 00:00",
    "@weekly": "Sundays at 00:00",
    "@monthly": "On day 1 of each month at 00:00",
    "@yearly": "Every year on 1 January at 00:00",
    "@annually": "Every year on 1 January at 00:00",
  });
});

test("weekday 0 of cron fields is Monday", () => {
  assert.equal(cron({ day_of_week: "0", hour: "9", minute: "30" }), "Mondays at 09:30");
  assert.equal(cron({ day_of_week: "6" }), "Sundays at 00:00");
  assert.equal(cron({ day_of_week: "0-4", hour: 9 }), "Monday to Friday at 09:00");
  assert.equal(cron({ day_of_week: "sat, sun", hour: "9" }), "Saturdays and Sundays at 09:00");
  assert.equal(cron({ day_of_week: "MON", minute: "*/5" }), "Every 5 minutes, on Mondays");
});

test("cron fields that are not given mean what the server takes them for", () => {
  assert.equal(cron({ minute: "5" }), "Every hour at minute 5");
  assert.equal(cron({ hour: "*/2" }), "Every 2 hours");
  assert.equal(cron({ month: "2" }), "Every year on 1 February at 00:00");
  assert.equal(cron({ day: "last" }), "On the last day of each month at 00:00");
  assert.equal(cron({ second: "*/10" }), "Every 10 seconds");
  assert.equal(cron({ second: "*" }), "Every second");
  assert.equal(cron({ second: "0,30" }), "At second 0 and 30 of every minute");
  assert.equal(cron({ year: "2027" }), "Every year on 1 January at 00:00, in 2027");
});

test("days of the month are told by number, by place and from the end", () => {
  assert.equal(cron({ day: "1st mon", hour: "6" }), "On the first Monday of each month at 06:00");
  assert.equal(
    cron({ day: "15,last fri", hour: "6" }),
    "On day 15 and the last Friday of each month at 06:00",
  );
  assert.equal(cron({ day: "31" }), "On day 31 of each month that has one at 00:00");
  assert.equal(
    cron({ day: "15,30" }),
    "On days 15 and 30 of each month (where there is such a day) at 00:00",
  );
  assert.equal(cron({ day: "5th sun" }), "On the fifth Sunday of each month that has one at 00:00");
  assert.equal(
    cron({ day: "1-7", day_of_week: "0" }),
    "On Mondays that are days 1 to 7 of the month at 00:00",
  );
  assert.equal(
    cron({ day: "13", day_of_week: "fri" }),
    "On Fridays that are day 13 of the month at 00:00",
  );
  assert.equal(
    cron({ day: "1", hour: "*", minute: "*/5" }),
    "Every 5 minutes, on day 1 of each month",
  );
});

test("months, weeks and years limit what is said", () => {
  assert.equal(
    cron({ month: "jun-aug", day: "*", hour: "3" }),
    "Every day at 03:00, in June to August",
  );
  assert.equal(cron({ month: "1,7", day: "1" }), "On day 1 of January and July at 00:00");
  assert.equal(
    cron({ month: "*/3", day: "1" }),
    "On day 1 of January, April, July and October at 00:00",
  );
  assert.equal(cron({ week: "5", day_of_week: "0" }), "Mondays at 00:00, in ISO week 5");
  assert.equal(cron({ month: "2", day: "29" }), "On 29 February of leap years at 00:00");
  assert.equal(cron({ month: "2", day: "30" }), "Never: there is no such date");
  assert.equal(crontab("0 0 31 4,6 *"), "Never: there is no such date");
});

test("seconds of cron fields are told where there are words for them", () => {
  assert.equal(cron({ hour: "3", minute: "0", second: "30" }), "Every day at 03:00:30");
  assert.equal(cron({ minute: "*", second: "30" }), "Every minute, at second 30");
  assert.equal(cron({ minute: "*/5", second: "30" }), "Every 5 minutes, at second 30");
  assert.equal(cron({ minute: "7", second: "30" }), "Every hour at minute 7 and second 30");
});

test("what has no true words is shown as it is written", () => {
  assert.equal(cron({ hour: "3", second: "*/7" }), "hour=3 second=*/7");
  assert.equal(cron({ day: "1st mon", day_of_week: "mon" }), "day=1st mon day_of_week=mon");
  assert.equal(cron({ minute: "mon" }), "minute=mon");
  assert.equal(cron({ day_of_week: "mon-fri/2" }), "day_of_week=mon-fri/2");
  assert.equal(cron({ day_of_week: "7" }), "day_of_week=7");
  assert.equal(cron({ hour: "22-3" }), "hour=22-3");
  assert.equal(crontab("0 0 * *"), "0 0 * *");
  assert.equal(crontab("0 0 L * *"), "0 0 L * *");
  assert.equal(crontab("@reboot"), "@reboot");
  assert.equal(scheduleInWords({ trigger: { type: "moon" } }), '{"type":"moon"}');
  assert.equal(scheduleInWords({}), "");
});

test("an interval has the unit that people would choose", () => {
  assert.equal(interval({ seconds: 1 }), "Every second");
  assert.equal(interval({ seconds: 90 }), "Every 90 seconds");
  assert.equal(interval({ seconds: 1.5 }), "Every 1.5 seconds");
  assert.equal(interval({ seconds: 60 }), "Every minute");
  assert.equal(interval({ minutes: 90 }), "Every 90 minutes");
  assert.equal(interval({ seconds: 3600 }), "Every hour");
  assert.equal(interval({ days: 1 }), "Every 24 hours");
  assert.equal(interval({ weeks: 1 }), "Every 7 days");
  assert.equal(interval({ seconds: 3661 }), "Every 1 hour 1 minute 1 second");
});

test("a single run is told in the zone of the job", () => {
  assert.equal(once("2026-11-24T02:00:00+00:00", "Europe/Berlin"), "Once, 24 Nov 2026 03:00");
  assert.equal(once("2026-11-24T02:00:05Z", "UTC"), "Once, 24 Nov 2026 02:00:05");
  assert.equal(once("2026-11-24T03:00", "Europe/Berlin"), "Once, 24 Nov 2026 03:00");
  assert.equal(once("2026-11-24T02:00:00+00:00", "Mars/North"), "Once, 24 Nov 2026 02:00 UTC");
  assert.equal(once("soon", "UTC"), "soon");
});

test("a job without a trigger is told by its six cron strings, and a model as what it holds", () => {
  const strings = { month: "*", day: "*", week: "*", day_of_week: "*", hour: "3", minute: "0" };

  assert.equal(scheduleInWords(strings), "Every day at 03:00");
  assert.equal(scheduleInWords({ attributes: strings }), "Every day at 03:00");
});

test("the expression is what was written", () => {
  const of = (trigger) => expressionOf({ trigger });

  assert.equal(of({ type: "cron", hour: "3", day_of_week: "0" }), "day_of_week=0 hour=3");
  assert.equal(of({ type: "crontab", expression: "0 3 * * 1" }), "0 3 * * 1");
  assert.equal(of({ type: "interval", minutes: 2 }), "every 120 s");
  assert.equal(of({ type: "date", run_date: "2026-11-24T03:00" }), "2026-11-24T03:00");
});
