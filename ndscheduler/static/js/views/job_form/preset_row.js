import { el } from "../../dom.js";
import { MINUTES, newPreset, PRESETS, UNITS, WEEKDAYS } from "../../schedule/presets.js";
import { choiceOf, newId } from "./field.js";
import { ScheduleRow, setUnlessFocused } from "./schedule_row.js";

const DAYS = [...Array(31).keys()].map((at) => [String(at + 1), `day ${at + 1}`]);

export class PresetRow extends ScheduleRow {
  get form() {
    return "preset";
  }

  get title() {
    return "Preset";
  }

  controls() {
    const choose = (kind) => kind && this.choose({ kind });
    const kinds = [["", "Something else"], ...PRESETS];
    this.kind = choiceOf(kinds, "", choose, { "aria-label": "Kind of schedule" });
    this.details = el("div", { class: "preset-details" });
    return [this.kind, this.details];
  }

  choose(changes) {
    const preset = this.schedule.get("preset") ?? newPreset("daily");
    this.schedule.choosePreset(newPreset(changes.kind ?? preset.kind, { ...preset, ...changes }));
  }

  inputFor() {
    return this.details.querySelector("input, select") ?? this.kind;
  }

  show() {
    const preset = this.schedule.get("preset");
    this.kind.value = preset?.kind ?? "";
    if (this.drawn !== this.kind.value) this.draw(preset);
    for (const update of this.updates) update(preset);
  }

  /** The controls of another kind of preset. */
  draw(preset) {
    this.drawn = preset?.kind ?? "";
    this.updates = [];
    this.details.replaceChildren(...(CONTROLS[this.drawn]?.(this) ?? []));
  }

  /** An input for one thing of the preset, which stays as it was while what is typed is not right. */
  input(name, words, { isRight = anyText, ...attributes }) {
    const take = () => isRight(input.value) && this.choose({ [name]: input.value.trim() });
    const input = el("input", {
      class: "form-control",
      id: newId("preset"),
      ...attributes,
      input: take,
    });
    input.addEventListener("blur", () =>
      this.updates.forEach((update) => update(this.schedule.get("preset"))),
    );
    this.updates.push((preset) => setUnlessFocused(input, preset[name]));
    return [el("label", { for: input.id }, words), input];
  }

  select(name, words, options) {
    const select = choiceOf(options, null, (value) => this.choose({ [name]: value }));
    select.id = newId("preset");
    this.updates.push((preset) => (select.value = preset[name]));
    return [
      el("label", { for: select.id, class: words ? null : "visually-hidden" }, words || name),
      select,
    ];
  }

  weekdays() {
    const boxes = WEEKDAYS.map((day) => this.weekday(day));
    return [
      el("div", { class: "weekdays", role: "group", "aria-label": "Days of the week" }, boxes),
    ];
  }

  weekday(day) {
    const id = newId("weekday");
    const input = el("input", {
      type: "checkbox",
      class: "btn-check",
      id,
      change: () => this.tick(day, input),
    });
    this.updates.push((preset) => (input.checked = preset.weekdays.includes(day)));
    const name = day[0].toUpperCase() + day.slice(1);
    return [input, el("label", { class: "btn btn-sm btn-outline-secondary", for: id }, name)];
  }

  // The last one stays ticked: a job on no day is none.
  tick(day, input) {
    const { weekdays } = this.schedule.get("preset");
    const ticked = input.checked ? [...weekdays, day] : weekdays.filter((other) => other !== day);
    input.checked = ticked.includes(day) || !ticked.length;
    if (ticked.length) this.choose({ weekdays: ticked });
  }
}

// A field of type time would show hours by the language of the browser, 3 PM for 15:00.
const time = (row) =>
  row.input("time", "at", { class: "form-control clock-input", isRight: isClock });

const isClock = (text) => /^([01]?\d|2[0-3]):[0-5]\d$/.test(text.trim());
const isMinute = (text) => /^[0-5]?\d$/.test(text);
const anyText = () => true;

const CONTROLS = {
  minutes: (row) =>
    row.select(
      "minutes",
      "every",
      MINUTES.map((n) => [String(n), `${n} minutes`]),
    ),
  hourly: (row) =>
    row.input("minute", "at minute", { type: "number", min: 0, max: 59, isRight: isMinute }),
  daily: time,
  weekdays: time,
  weekly: (row) => [...row.weekdays(), ...time(row)],
  monthly: (row) => [...row.select("day", "on", [...DAYS, ["last", "the last day"]]), ...time(row)],
  interval: (row) => [
    ...row.input("every", "every", { type: "number", min: 0, step: "any" }),
    ...row.select(
      "unit",
      "",
      Object.keys(UNITS).map((unit) => [unit, unit]),
    ),
    ...row.input("anchor", "counted from", { type: "datetime-local", step: "1" }),
  ],
  once: (row) => row.input("at", "at", { type: "datetime-local", step: "1" }),
};
