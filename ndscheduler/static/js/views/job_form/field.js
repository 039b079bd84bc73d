// A labelled control of a form, with its hint and what is wrong with it.

import { el } from "../../dom.js";

let count = 0;

export function newId(stem) {
  return `${stem}-${(count += 1)}`;
}

export class Field {
  /**
   * `names` are those by which the server tells of it; `input` takes the focus, `control` is what
   * is drawn, with `after` below what is wrong. A group is of controls that label themselves.
   */
  constructor({ label, names = [], control, input = control, after, hint, isGroup = false }) {
    Object.assign(this, { names, input });
    this.hint = hint && el("div", { class: "form-hint", id: newId("hint") }, hint);
    this.problem = el("p", { class: "form-problem", id: newId("problem"), "aria-live": "polite" });
    this.el = el(
      "div",
      { class: "form-row" },
      isGroup ? el("span", { class: "form-label" }, label) : labelOf(label, input),
      el("div", { class: "form-cell" }, control, this.problem, after, this.hint),
    );
    if (isGroup) markGroup(this.el, label);
    this.describe();
    // What was wrong with what stood here says nothing of what is typed now.
    this.el.addEventListener("input", () => this.setProblem(null));
    // The browser's own "change" comes when a field is left: then nothing was typed anew.
    this.el.addEventListener("change", (event) => event.isTrusted || this.setProblem(null));
  }

  /** Say what is wrong with it; null when nothing is. */
  setProblem(sentence) {
    if (this.problem.textContent === (sentence ?? "")) return;
    this.problem.textContent = sentence ?? "";
    this.el.classList.toggle("has-problem", Boolean(sentence));
    if (sentence) this.input.setAttribute("aria-invalid", "true");
    else this.input.removeAttribute("aria-invalid");
    this.describe();
  }

  get hasProblem() {
    return this.el.classList.contains("has-problem");
  }

  takes(name) {
    return this.names.some(
      (own) => name === own || name.startsWith(`${own}.`) || name.startsWith(`${own}[`),
    );
  }

  focus() {
    for (
      let fold = this.el.closest("details");
      fold;
      fold = fold.parentElement.closest("details")
    ) {
      fold.open = true;
    }
    this.input.focus();
    this.el.scrollIntoView({ block: "nearest" });
  }

  describe() {
    const ids = [this.hasProblem && this.problem.id, this.hint?.id].filter(Boolean);
    if (ids.length) this.input.setAttribute("aria-describedby", ids.join(" "));
    else this.input.removeAttribute("aria-describedby");
  }
}

function labelOf(label, input) {
  if (!input.id) input.id = newId("field");
  return el("label", { class: "form-label", for: input.id }, label);
}

function markGroup(element, label) {
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", label);
}

/** A text input that writes what is typed into `model`. */
export function textInput(model, name, attributes = {}) {
  const input = el("input", {
    type: "text",
    class: "form-control",
    autocomplete: "off",
    ...attributes,
  });
  input.value = model.get(name);
  input.addEventListener("input", () => model.set(name, input.value));
  return input;
}

/** A checkbox with its words beside it. */
export function tickBox(model, name, words) {
  const input = el("input", { type: "checkbox", class: "form-check-input", id: newId("tick") });
  input.checked = model.get(name);
  input.addEventListener("change", () => model.set(name, input.checked));
  const label = el("label", { class: "form-check-label", for: input.id }, words);
  return { input, control: el("div", { class: "form-check" }, input, label) };
}

/** A select of [value, words]. */
export function choiceOf(options, chosen, onChange, attributes = {}) {
  const items = options.map(([value, words]) =>
    el("option", { value, selected: value === chosen }, words),
  );
  const change = (event) => onChange(event.target.value);
  return el("select", { class: "form-select", change, ...attributes }, items);
}
