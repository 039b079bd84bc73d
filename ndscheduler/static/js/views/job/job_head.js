// The head of the page of a job: what it is, whether it is on, what can be done with it.

import { el, fill, setText } from "../../dom.js";
import { icon } from "../../icons.js";
import { runNow } from "../../job_actions.js";
import { jobMenuItems } from "../../job_menu.js";
import { menuButton } from "../../menus.js";
import { href } from "../../router.js";
import { BaseView } from "../base_view.js";
import { jobSwitch } from "../jobs/job_switch.js";
import { tagButtons } from "../jobs/tags.js";

export class JobHead extends BaseView {
  initialize() {
    this.listenTo(this.model, "change", this.refresh);
  }

  tagName() {
    return "header";
  }

  className() {
    return "job-head";
  }

  render() {
    const { app, model } = this;
    const items = () => jobMenuItems(app, model, { onDeleted: () => app.router.go(["jobs"]) });
    this.name = el("h1", { dir: "auto" });
    this.input = jobSwitch(app, model);
    this.word = el("span", { class: "job-switch-word" });
    this.below = el("div", { class: "job-below" });
    this.el.replaceChildren(
      el("nav", { class: "crumbs", "aria-label": "Where this is" }, [
        el("a", { href: "#jobs" }, "Jobs"),
        el("span", { class: "soft", "aria-hidden": "true" }, "›"),
        this.name,
      ]),
      el("div", { class: "job-tools" }, [
        el("label", { class: "form-switch job-switch-label" }, this.input, this.word),
        el("span", { class: "spacer" }),
        app.may("run") && this.runButton(),
        app.may("edit") && this.editLink(),
        menuButton("More actions", items),
      ]),
      this.below,
    );
    this.refresh();
    return this;
  }

  editLink() {
    const attributes = { class: "btn btn-outline-secondary" };
    const place = href(["jobs", this.model.id, "edit"]);
    return el("a", { ...attributes, href: place }, icon("pencil"), " Edit");
  }

  runButton() {
    const run = () => runNow(this.app, this.model);
    return el("button", { type: "button", class: "btn btn-primary", click: run }, [
      icon("play"),
      " Run now",
    ]);
  }

  refresh() {
    if (!this.name) return;
    const { model } = this;
    const tags = model.get("tags") ?? [];
    setText(this.name, model.name ?? "");
    this.name.title = model.name ?? "";
    this.input.checked = !model.isPaused;
    this.input.setAttribute("aria-label", `${model.name} is on`);
    setText(this.word, model.isPaused ? "Paused" : "On");
    this.whenFree(this.below, () => this.showBelow(tags));
  }

  showBelow(tags) {
    const { model } = this;
    const find = (tag) => this.app.router.go(["jobs"], { q: `tag:${quoted(tag)}` });
    const description = model.get("description");
    fill(
      this.below,
      tagButtons(tags, find),
      description && el("p", { class: "job-description" }, description),
    );
    this.below.hidden = !this.below.firstChild;
  }
}

function quoted(tag) {
  return /\s/.test(tag) ? `"${tag}"` : tag;
}
