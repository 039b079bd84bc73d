// A part of the overview: a heading and what stands below it.

import { el, fill } from "../../dom.js";
import { isHeld } from "../../in_use.js";
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
    this.changed = el("button", { type: "button", class: "btn btn-sm btn-link panel-changed" });
    this.changed.textContent = "Show changes";
    this.changed.hidden = true;
    this.content = el("div", { class: "panel-content" });
    const heading =
      this.heading && el("header", {}, el("h2", {}, this.heading), this.side, this.changed);
    this.el.replaceChildren(...[heading, this.content].filter(Boolean));
    return this;
  }

  /** Draw `nodes`; where somebody is in the panel, once he has left or asks for it. */
  show(...nodes) {
    const draw = () => {
      this.changed.hidden = true;
      this.wasShown = true;
      this.waiting.delete(this.content);
      fill(this.content, nodes);
    };
    this.changed.onclick = draw;
    this.changed.hidden = this.isFree || isAlready(this.content, nodes);
    this.whenFree(this.content, draw, () => this.isFree);
  }

  /** What is shown next comes at once: somebody in the panel has changed it himself. */
  expectChange() {
    this.wasShown = false;
  }

  get isFree() {
    const { content } = this;
    return !this.wasShown || !(content.matches(":hover") || isHeld(content));
  }
}

function isAlready(content, nodes) {
  const wanted = el("div", { class: content.className }, nodes);
  return content.isEqualNode(wanted);
}
