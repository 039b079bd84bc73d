// A part of the overview: a heading and what stands below it.

import { el } from "../../dom.js";
import { BaseView } from "../base_view.js";

export class Panel extends BaseView {
  // Subclasses say: `heading`, `read(get)`, which reads what they show and draws it.

  tagName() {
    return "section";
  }

  className() {
    return `panel panel-${this.name}`;
  }

  render() {
    this.side = el("span", { class: "soft panel-side" });
    this.content = el("div", { class: "panel-content" });
    const heading = this.heading && el("header", {}, el("h2", {}, this.heading), this.side);
    this.el.replaceChildren(...[heading, this.content].filter(Boolean));
    return this;
  }

  /** Draw `nodes`, unless somebody is in the panel, who would lose what they point at. */
  show(...nodes) {
    const isInUse = this.content.matches(":hover") || this.content.contains(document.activeElement);
    const isSame = this.shownText === nodes.map((node) => node.textContent ?? node).join("");
    if (isInUse && this.wasShown && isSame) return;
    this.wasShown = true;
    this.shownText = nodes.map((node) => node.textContent ?? node).join("");
    this.content.replaceChildren(...nodes);
  }
}
