// What all views share: children that die with their parent, templates, the app at hand.

import Backbone from "backbone";

import { isHeld, onRelease } from "../in_use.js";

export class BaseView extends Backbone.View {
  /** `app` is {live, preferences, keys, router, info}; see app.js. */
  preinitialize(options = {}) {
    this.app = options.app;
    this.children = new Set();
    this.undo = [];
    this.waiting = new Map();
  }

  /** Draw `this.template`, if there is one, with `this.data()`. */
  render() {
    if (this.template) this.$el.html(this.template(this.data()));
    this.drawn();
    return this;
  }

  data() {
    return {};
  }

  /** After the template is drawn: fill in what is not text. */
  drawn() {}

  /** Draw `child` into the element that `selector` names (or at the end), to die with this view. */
  add(child, selector = null) {
    this.children.add(child);
    const parent = selector ? this.el.querySelector(selector) : this.el;
    parent.append(child.render().el);
    return child;
  }

  /** Remove one child. Who listens to a view keeps it and all that it drew in memory. */
  drop(child) {
    this.children.delete(child);
    this.stopListening(child);
    child.remove();
  }

  /** Bind a key for as long as this view lives. */
  bindKey(keys, help, run, options = {}) {
    this.undo.push(this.app.keys.bind(keys, help, run, options));
  }

  /** Bind it where one may do `action`. */
  bindKeyFor(action, ...binding) {
    if (this.app.may(action)) this.bindKey(...binding);
  }

  /** Call `work` every `milliseconds` for as long as this view lives. */
  every(milliseconds, work) {
    const timer = setInterval(() => document.hidden || work(), milliseconds);
    this.undo.push(() => clearInterval(timer));
  }

  /** Call `draw`, which draws `element`: at once, or when `isFree()`. Of several the last counts. */
  whenFree(element, draw, isFree = () => !isHeld(element)) {
    if (isFree()) {
      this.waiting.delete(element);
      draw();
      return;
    }
    this.waiting.set(element, [draw, isFree]);
    if (!this.hearsReleases) this.undo.push(onRelease(() => this.drawWaiting()));
    this.hearsReleases = true;
  }

  drawWaiting() {
    for (const [element, [draw, isFree]] of this.waiting) this.whenFree(element, draw, isFree);
  }

  remove() {
    this.waiting.clear();
    for (const child of this.children) child.remove();
    for (const undo of this.undo) undo();
    this.children.clear();
    return super.remove();
  }
}
