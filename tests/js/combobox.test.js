import assert from "node:assert/strict";
import { test } from "node:test";

import "./dom_env.mjs";

const { document, window } = globalThis;
const { ComboboxView } = await import("../../ndscheduler/static/js/views/combobox_view.js");

function combobox(options = {}) {
  const told = [];
  const view = new ComboboxView({
    items: ["Europe/Berlin", "Europe/Paris", "America/New_York"].map((value) => ({ value })),
    listLabel: "Zones",
    onChange: (value) => told.push(value),
    ...options,
  });
  document.body.append(view.render().el);
  return { view, told, input: view.input };
}

function press(input, key) {
  const event = new window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true });
  input.dispatchEvent(event);
  return event;
}

function type(input, text) {
  input.value = text;
  input.dispatchEvent(new window.Event("input", { bubbles: true }));
}

const options = (view) => [...view.list.children].map((option) => option.textContent);

test("a list narrows to what has all the words that are typed, in any case", () => {
  const { view, input } = combobox();

  type(input, "new YORK");

  assert.deepEqual(options(view), ["America/New_York"]);
  assert.equal(input.getAttribute("aria-expanded"), "true");
});

test("arrows move through the list, Enter takes one, and the field tells of it", () => {
  const { view, told, input } = combobox();
  let changes = 0;
  input.addEventListener("change", () => (changes += 1));

  press(input, "ArrowDown");
  press(input, "ArrowDown");
  press(input, "ArrowDown");
  const active = view.list.querySelector(".is-active");
  assert.equal(input.getAttribute("aria-activedescendant"), active.id);
  const enter = press(input, "Enter");

  assert.deepEqual([input.value, told, changes], ["Europe/Paris", ["Europe/Paris"], 1]);
  assert.equal(enter.defaultPrevented, true);
  assert.equal(input.getAttribute("aria-expanded"), "false");
});

test("Escape closes the list and goes no further; without a list it does", () => {
  const { view, input } = combobox();
  press(input, "ArrowDown");

  const first = press(input, "Escape");
  const second = press(input, "Escape");

  assert.deepEqual([first.defaultPrevented, second.defaultPrevented], [true, false]);
  assert.equal(view.list.hidden, true);
});

test("text that is not in the list stays", () => {
  const { told, input } = combobox();

  type(input, "Mars/North");
  press(input, "Enter");

  assert.deepEqual([input.value, told], ["Mars/North", ["Mars/North"]]);
});

test("what stands in the list is text, whatever is in it", () => {
  const { view, input } = combobox({ items: [{ value: "<img src=x>", detail: "<b>x</b>" }] });

  press(input, "ArrowDown");

  assert.equal(view.list.querySelector("img, b"), null);
  assert.deepEqual(options(view), ["<img src=x><b>x</b>"]);
});

test("a list that comes after the typing opens then, but not once the field is left", () => {
  const { view, input } = combobox({ items: [] });

  type(input, "paris");
  view.setItems([{ value: "Europe/Paris" }]);
  assert.deepEqual([options(view), view.isOpen], [["Europe/Paris"], true]);

  input.dispatchEvent(new window.Event("blur"));
  view.setItems([{ value: "Europe/Paris" }]);
  assert.equal(view.isOpen, false);
});
