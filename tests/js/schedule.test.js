import assert from "node:assert/strict";
import { test } from "node:test";

import { Schedule } from "../../ndscheduler/static/js/models/schedule.js";
import { crontabOfFields, fieldsOfCrontab } from "../../ndscheduler/static/js/schedule/convert.js";
import {
  newPreset,
  presetOf,
  triggerOfPreset,
} from "../../ndscheduler/static/js/schedule/presets.js";

const ANY = { minute: "0", hour: "0", day: "*", month: "*", day_of_week: "*" };

test("cron fields become the crontab line that means the same", () => {
  const line = (fields) => crontabOfFields({ ...ANY, ...fields });

  assert.equal(line({ hour: "3" }), "0 3 * * *");
  assert.equal(line({ day_of_week: "0" }), "0 0 * * 1");
  assert.equal(line({ day_of_week: "6" }), "0 0 * * 0");
  assert.equal(line({ day_of_week: "4-6" }), "0 0 * * 5-7");
  assert.equal(line({ day_of_week: "*/2" }), "0 0 * * 1,3,5,0");
  assert.equal(line({ day_of_week: "Mon-Fri" }), "0 0 * * mon-fri");
  assert.equal(line({ minute: "0, 30" }), "0,30 0 * * *");
  assert.equal(line({ day: "1-31", day_of_week: "0" }), "0 0 * * 1");
  assert.equal(crontabOfFields({ hour: "*/2" }), "0 */2 * * *");
});

test("what a crontab line can not say has none", () => {
  const line = (fields) => crontabOfFields({ ...ANY, ...fields });

  assert.equal(line({ second: "30" }), null);
  assert.equal(line({ week: "5" }), null);
  assert.equal(line({ year: "2027" }), null);
  assert.equal(line({ day: "last" }), null);
  assert.equal(line({ day: "1st mon" }), null);
  assert.equal(line({ day: "13", day_of_week: "fri" }), null);
  assert.equal(line({ hour: "25" }), null);
  assert.equal(crontabOfFields({}), null);
});

test("a crontab line becomes the cron fields that mean the same", () => {
  const weekday = (text) => fieldsOfCrontab(`0 0 * * ${text}`)?.day_of_week;

  assert.deepEqual(fieldsOfCrontab("*/5 8-17 1 jan *"), {
    minute: "*/5",
    hour: "8-17",
    day: "1",
    month: "jan",
    day_of_week: "*",
  });
  assert.equal(weekday("1"), "0");
  assert.equal(weekday("0"), "6");
  assert.equal(weekday("7"), "6");
  assert.equal(weekday("5-7"), "4-6");
  assert.equal(weekday("mon-fri"), "mon-fri");
  assert.equal(weekday("sun-tue"), "0,1,6");
  assert.equal(weekday("0-7"), "*");
  assert.equal(fieldsOfCrontab("@weekly").day_of_week, "6");
  assert.deepEqual(fieldsOfCrontab("0 0 1-31 * 5"), ANY);
  assert.equal(fieldsOfCrontab("0 21/4 * * *").hour, "21");
  assert.equal(fieldsOfCrontab("0 */23 1-2/2 * *").day, "1");
  assert.equal(fieldsOfCrontab("0 0 13 * 5"), null);
  assert.equal(fieldsOfCrontab("@reboot"), null);
});

test("a trigger is found among the presets, whatever form it was written in", () => {
  const kind = (trigger) => presetOf(trigger, "UTC")?.kind ?? null;
  const crontab = (expression) => kind({ type: "crontab", expression });

  assert.equal(kind({ type: "cron", minute: "*/1" }), "minute");
  assert.equal(crontab("*/15 * * * *"), "minutes");
  assert.equal(crontab("5 * * * *"), "hourly");
  assert.equal(kind({ type: "cron", hour: "3" }), "daily");
  assert.equal(crontab("30 9 * * 1-5"), "weekdays");
  assert.equal(crontab("30 9 * * 0,6"), "weekly");
  assert.equal(kind({ type: "cron", day: "last" }), "monthly");
  assert.equal(crontab("*/7 * * * *"), null);
  assert.equal(crontab("0 0 1,15 * *"), null);
  assert.equal(crontab("0 0 13 * 5"), null);
  assert.equal(kind({ type: "cron", second: "30", minute: "0" }), null);
  assert.equal(kind({ type: "interval", seconds: 90 }), "interval");
  assert.equal(kind({ type: "date", run_date: "2026-11-24T03:00:00+00:00" }), "once");
});

test("every preset is found again from the trigger that it makes", () => {
  const presets = [
    newPreset("minute"),
    newPreset("minutes", { minutes: "15" }),
    newPreset("hourly", { minute: "7" }),
    newPreset("daily", { time: "23:05" }),
    newPreset("weekdays", { time: "09:30" }),
    newPreset("weekly", { weekdays: ["mon", "sun"], time: "09:30" }),
    newPreset("monthly", { day: "last", time: "00:00" }),
    newPreset("interval", { every: "36", unit: "hours", anchor: "2026-11-24T03:00" }),
    newPreset("once", { at: "2026-11-24T03:00" }),
  ];

  const found = presets.map((preset) => presetOf(triggerOfPreset(preset), "Europe/Berlin"));

  assert.deepEqual(found, presets);
});

test("what one chooses in one form shows in the others", () => {
  const schedule = new Schedule();

  schedule.chooseCrontab("30 9 * * 1-5");
  assert.equal(schedule.get("preset").kind, "weekdays");
  assert.equal(schedule.get("fields").day_of_week, "0-4");

  schedule.chooseFields({ ...schedule.get("fields"), day_of_week: "6" });
  assert.equal(schedule.get("crontab"), "30 9 * * 0");
  assert.deepEqual(schedule.get("preset").weekdays, ["sun"]);

  schedule.choosePreset(newPreset("interval"));
  assert.deepEqual([schedule.get("fields"), schedule.get("crontab")], [null, ""]);
});

test("what another form can not say comes back with the form that said it", () => {
  const schedule = new Schedule();
  schedule.chooseFields({ day: "last", hour: "3", minute: "0", second: "30" });
  const said = { ...schedule.attributes };

  schedule.chooseForm("preset");
  assert.equal(schedule.get("fields").hour, "3");
  schedule.chooseForm("fields");

  assert.deepEqual(schedule.attributes, said);
});

test("a trigger that is broken stands in the form as it is", () => {
  const fields = Schedule.of({ type: "cron", hour: "25" }, "UTC");
  const crontab = Schedule.of({ type: "crontab", expression: "0 0 * *" }, "UTC");
  const none = Schedule.of("not a trigger", "UTC");

  assert.deepEqual([fields.get("form"), fields.get("fields").hour], ["fields", "25"]);
  assert.deepEqual([crontab.get("form"), crontab.get("crontab")], ["crontab", "0 0 * *"]);
  assert.equal(none.get("form"), "fields");
});
