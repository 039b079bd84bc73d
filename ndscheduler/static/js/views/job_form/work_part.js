// What the job runs: its name, its class, what the class says of itself.

import { el } from "../../dom.js";
import { BaseView } from "../base_view.js";
import { ComboboxView } from "../combobox_view.js";
import { ArgumentsField } from "./arguments_field.js";
import { Field, textInput } from "./field.js";

export class WorkPart extends BaseView {
  initialize({ form, lists }) {
    Object.assign(this, { form, lists });
    this.listenTo(lists, "change:classes", this.takeClasses);
    this.listenTo(form, "change:classString", this.showClass);
  }

  tagName() {
    return "section";
  }

  className() {
    return "form-part";
  }

  render() {
    const name = textInput(this.form, "name", { maxlength: 1000, required: true });
    this.combobox = new ComboboxView({
      value: this.form.get("classString"),
      placeholder: "Search the job classes",
      listLabel: "Job classes",
      onChange: (classString) => this.form.set({ classString }),
    });
    this.children.add(this.combobox.render());
    this.about = el("div", { class: "class-about" });
    this.args = new ArgumentsField(this.form, "args");
    this.kwargs = new ArgumentsField(this.form, "kwargs");
    this.fields = [
      new Field({ label: "Name", names: ["name"], control: name }),
      new Field({
        label: "Class",
        names: ["job_class_string"],
        control: this.combobox.el,
        after: this.about,
        input: this.combobox.input,
      }),
      this.args.field,
      this.kwargs.field,
    ];
    this.el.replaceChildren(el("h2", {}, "Work"), ...this.fields.map((field) => field.el));
    this.takeClasses();
    return this;
  }

  takeClasses() {
    const classes = this.lists.get("classes") ?? [];
    const items = classes.map(({ job_class_string: value, error, notes }) => {
      return { value, title: value, detail: error ? `Broken: ${error}` : firstSentence(notes) };
    });
    this.combobox.setItems(items);
    this.showClass();
  }

  showClass() {
    const classString = this.form.get("classString").trim();
    const classes = this.lists.get("classes");
    const info = classes?.find((one) => one.job_class_string === classString);
    this.args.offerExample(info?.example_arguments);
    this.about.replaceChildren(...(info ? aboutClass(info) : unknownClass(classString, classes)));
  }
}

function firstSentence(notes) {
  return String(notes ?? "")
    .split(/(?<=[.;])\s/)[0]
    .replace(/;$/, "");
}

function aboutClass({ notes, arguments: args, error }) {
  const lines = [];
  if (error) lines.push(el("p", { class: "form-warning" }, error));
  if (notes) lines.push(el("p", {}, String(notes)));
  if (args?.length) lines.push(el("ol", { "aria-label": "Its arguments" }, args.map(argumentLine)));
  return lines;
}

function argumentLine({ type, description }) {
  return el("li", {}, String(description ?? ""), type && el("code", {}, String(type)));
}

function unknownClass(classString, classes) {
  if (!classString || !classes) return [];
  const text = "There is no class of this name among those that this server offers.";
  return [el("p", { class: "form-warning" }, text)];
}
