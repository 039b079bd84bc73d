import { el } from "../../dom.js";
import { cronTexts } from "../../schedule/rule.js";
import { newId } from "./field.js";
import { ScheduleRow, setUnlessFocused } from "./schedule_row.js";

// [name, label]
const USUAL = [
  ["minute", "Minute"],
  ["hour", "Hour"],
  ["day", "Day"],
  ["month", "Month"],
  ["day_of_week", "Day of week"],
];
const EXPERT = [
  ["second", "Second"],
  ["week", "ISO week"],
  ["year", "Year"],
];

export class FieldsRow extends ScheduleRow {
  get form() {
    return "fields";
  }

  get title() {
    return "Cron fields";
  }

  controls() {
    this.inputs = {};
    this.note = el("span", { class: "form-hint" });
    this.fold = el(
      "details",
      { class: "more-fields" },
      el("summary", {}, "Second, week, year"),
      el(
        "div",
        { class: "cron-fields" },
        EXPERT.map(([name, label]) => this.input(name, label)),
      ),
    );
    const usual = USUAL.map(([name, label]) => this.input(name, label));
    return [el("div", { class: "cron-fields" }, usual), this.note, this.fold];
  }

  input(name, label) {
    const id = newId("cron");
    const attributes = {
      type: "text",
      class: "form-control",
      id,
      autocomplete: "off",
      spellcheck: "false",
    };
    const input = el("input", { ...attributes, input: () => this.typed() });
    this.inputs[name] = input;
    return el("div", { class: "cron-field" }, el("label", { for: id }, label), input);
  }

  inputFor(name) {
    return this.inputs[name] ?? this.inputs.minute;
  }

  typed() {
    const texts = Object.entries(this.inputs).map(([name, input]) => [name, input.value]);
    this.schedule.chooseFields(Object.fromEntries(texts));
  }

  show() {
    const fields = this.schedule.get("fields");
    const filled = fields && cronTexts(trimmed(fields));
    for (const [name, input] of Object.entries(this.inputs)) {
      setUnlessFocused(input, shown(name, fields));
      input.placeholder = filled?.[name] ?? "";
    }
    if (EXPERT.some(([name]) => shown(name, fields))) this.fold.open = true;
    const meaning = "0 is Monday here, 6 is Sunday; all fields must match";
    this.note.textContent = fields || this.isChosen ? meaning : "Cron fields can not say this.";
  }
}

function trimmed(fields) {
  return Object.fromEntries(Object.entries(fields).map(([name, text]) => [name, text.trim()]));
}

// The fields for experts stay empty while they say nothing of their own.
function shown(name, fields) {
  const text = fields?.[name] ?? "";
  const usual = { second: "0", week: "*", year: "*" }[name];
  return text === usual ? "" : text;
}
