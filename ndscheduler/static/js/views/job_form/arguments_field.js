// Arguments as JSON, checked while they are typed.

import _ from "underscore";

import { el } from "../../dom.js";
import { checkArguments, isList, isObject } from "../../models/job_form.js";
import { Field } from "./field.js";

const CHECK_AFTER = 250;

const KINDS = {
  args: {
    label: "Arguments",
    names: ["pub_args"],
    isRight: isList,
    placeholder: '["first", 2, {"third": true}]',
    hint: "A list in JSON: the positional arguments of the class.",
    count: (value) => counted(value.length, "argument"),
  },
  kwargs: {
    label: "Keyword arguments",
    names: ["kwargs"],
    isRight: isObject,
    placeholder: '{"timeout": 60}',
    hint: "An object in JSON: its keyword arguments.",
    count: (value) => counted(Object.keys(value).length, "keyword argument"),
  },
};

export class ArgumentsField {
  /** `name` is that of the text in the form: args or kwargs. */
  constructor(form, name) {
    Object.assign(this, { form, name, kind: KINDS[name] });
    this.area = this.newArea();
    this.verdict = el("span", { class: "json-verdict", "aria-live": "polite" });
    this.example = el(
      "button",
      { type: "button", class: "btn btn-sm btn-outline-secondary", hidden: true },
      "Example",
    );
    this.example.addEventListener("click", () => this.takeExample());
    this.place = el(
      "button",
      { type: "button", class: "btn btn-sm btn-link", hidden: true },
      "Show the place",
    );
    this.place.addEventListener("click", () => this.showPlace());
    const below = el("div", { class: "json-below" }, this.verdict, this.place, this.example);
    const { label, names } = this.kind;
    this.field = new Field({ label, names, control: this.area, after: below });
    this.check();
  }

  newArea() {
    const area = el("textarea", {
      class: "form-control json-area",
      spellcheck: "false",
      autocomplete: "off",
      autocapitalize: "off",
      placeholder: this.kind.placeholder,
    });
    area.value = this.form.get(this.name);
    const checkSoon = _.debounce(() => this.check(), CHECK_AFTER);
    area.addEventListener("input", () => {
      this.form.set(this.name, area.value);
      this.grow();
      checkSoon();
    });
    return area;
  }

  // As high as what is in it, within reason.
  grow() {
    const lines = this.area.value.split("\n").length;
    this.area.rows = Math.min(Math.max(lines, 1), 16);
  }

  check() {
    this.grow();
    const text = this.area.value;
    const { value, error, at } = checkArguments(text, this.kind.isRight);
    this.at = at;
    this.field.setProblem(error ?? null);
    this.verdict.textContent = error ? "" : this.verdictOf(text, value);
    this.verdict.classList.toggle("is-good", Boolean(text.trim()));
    this.place.hidden = !error || text.length < 40;
  }

  verdictOf(text, value) {
    return text.trim() ? `Valid JSON, ${this.kind.count(value)}` : this.kind.hint;
  }

  showPlace() {
    this.area.focus();
    this.area.setSelectionRange(this.at, Math.min(this.at + 1, this.area.value.length));
  }

  /** Offer the example that the class gives: JSON text, or a value. */
  offerExample(example) {
    this.exampleText = typeof example === "string" ? example : JSON.stringify(example ?? "");
    this.example.hidden = !this.exampleText || this.exampleText === '""';
  }

  takeExample() {
    this.area.focus();
    this.area.select();
    // Unlike setting the value, this can be undone with Ctrl+Z.
    if (!document.execCommand("insertText", false, this.exampleText)) {
      this.area.value = this.exampleText;
      this.form.set(this.name, this.exampleText);
    }
    this.check();
  }
}

function counted(number, noun) {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}
