import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import "./dom_env.mjs";
const { el } = await import("../../ndscheduler/static/js/dom.js");
const { Keys } = await import("../../ndscheduler/static/js/keys.js");

const { document, window } = globalThis;

let pressed;
let keys;

beforeEach(() => {
  document.body.className = "";
  const fields = [
    el("button"),
    el("input", { type: "text" }),
    el("input", { type: "checkbox" }),
    el("textarea"),
  ];
  const root = el("div", {}, fields);
  document.body.replaceChildren(root);
  pressed = [];
  keys = new Keys(root);
  for (const bound of ["n", "g j", "g e", "?"]) keys.bind(bound, bound, () => pressed.push(bound));
});

function press(key, { on = "button", ...options } = {}) {
  const event = new window.KeyboardEvent("keydown", {
    key,
    bubbles: true,
    cancelable: true,
    ...options,
  });
  document.querySelector(on).dispatchEvent(event);
  return event;
}

test("a key does what it is bound to, and nothing else", () => {
  const event = press("n");
  press("z");

  assert.deepEqual(pressed, ["n"]);
  assert.ok(event.defaultPrevented);
});

test("two keys in a row are one binding", () => {
  press("g");
  press("e");
  press("e");

  assert.deepEqual(pressed, ["g e"]);
});

test("a first key that nothing follows is forgotten", () => {
  press("g");
  press("n");
  press("n");

  assert.deepEqual(pressed, ["n"]);
});

test("keys are letters where somebody types, but not on a checkbox", () => {
  press("n", { on: "input[type=text]" });
  press("n", { on: "textarea" });
  assert.deepEqual(pressed, []);

  press("n", { on: "input[type=checkbox]" });

  assert.deepEqual(pressed, ["n"]);
});

test("keys of the browser and keys under a dialog are left alone", () => {
  press("n", { ctrlKey: true });
  press("n", { metaKey: true });
  document.body.classList.add("modal-open");
  press("n");

  assert.deepEqual(pressed, []);
});

test("a binding that is undone does nothing; one that came after it stays", () => {
  const undo = keys.bind("x", "first", () => pressed.push("first"));
  keys.bind("x", "second", () => pressed.push("second"));
  undo();
  press("x");

  assert.deepEqual(pressed, ["second"]);
  assert.deepEqual(keys.list().at(-1), ["x", "second"]);
});

test("a key that is held down does again only what is meant to be done again", () => {
  keys.bind("j", "down", () => pressed.push("j"), { mayRepeat: true });

  for (const key of ["n", "j"]) {
    press(key);
    press(key, { repeat: true });
  }

  assert.deepEqual(pressed, ["n", "j", "j"]);
});
