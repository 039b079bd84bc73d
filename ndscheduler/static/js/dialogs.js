// Dialogs: ask before what can not be undone, and small forms.

import Modal from "bootstrap/js/dist/modal.js";

import { el } from "./dom.js";

let count = 0;

/**
 * Open a dialog with `body` (a node); resolves to what `onConfirm` returns, or undefined when it is
 * cancelled. While `onConfirm` works the dialog stays; what it throws is shown in it.
 */
export function openDialog({
  title,
  body,
  confirm = "OK",
  danger = false,
  wide = false,
  onConfirm,
}) {
  const id = `dialog-${(count += 1)}`;
  const problem = el("p", { class: "dialog-problem", role: "alert", hidden: true });
  const button = el(
    "button",
    { type: "submit", class: `btn ${danger ? "btn-danger" : "btn-primary"}` },
    confirm,
  );
  const form = el(
    "form",
    { class: "modal-content", novalidate: true },
    el(
      "div",
      { class: "modal-header" },
      el("h2", { class: "modal-title", id }, title),
      el("button", {
        type: "button",
        class: "btn-close",
        "data-bs-dismiss": "modal",
        "aria-label": "Close",
      }),
    ),
    el("div", { class: "modal-body" }, body, problem),
    el(
      "div",
      { class: "modal-footer" },
      el(
        "button",
        { type: "button", class: "btn btn-outline-secondary", "data-bs-dismiss": "modal" },
        onConfirm ? "Cancel" : "Close",
      ),
      onConfirm && button,
    ),
  );
  const size = wide ? "modal-dialog modal-lg modal-dialog-scrollable" : "modal-dialog";
  const element = el(
    "div",
    { class: "modal", tabindex: "-1", "aria-labelledby": id },
    el("div", { class: size }, form),
  );
  return shown(element, form, button, problem, onConfirm);
}

function shown(element, form, button, problem, onConfirm) {
  document.body.append(element);
  const modal = new Modal(element);
  const before = document.activeElement;
  return new Promise((resolve) => {
    let answer;
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      if (!onConfirm || button.disabled) return;
      button.disabled = true;
      problem.hidden = true;
      try {
        answer = await onConfirm(form);
        modal.hide();
      } catch (error) {
        problem.textContent = error.message;
        // Without a message it is said at a field.
        problem.hidden = !error.message;
      } finally {
        button.disabled = false;
      }
    });
    element.addEventListener("shown.bs.modal", () => focusFirst(form, button));
    element.addEventListener("hidden.bs.modal", () => {
      modal.dispose();
      element.remove();
      if (before?.isConnected) before.focus();
      resolve(answer);
    });
    modal.show();
  });
}

function focusFirst(form, button) {
  const field = form.querySelector(".modal-body input, .modal-body textarea, .modal-body select");
  (field ?? (button.isConnected ? button : form.querySelector(".btn-close"))).focus();
}

/** Close what is open, as a click on Cancel does: the page that it belongs to goes. */
export function closeDialogs() {
  for (const element of document.querySelectorAll(".modal")) Modal.getInstance(element)?.hide();
}

/** Ask; resolves to true once `act` (a promise's function) has worked, undefined when cancelled. */
export function ask({ title, lines, confirm, danger = true, act }) {
  const body = el(
    "div",
    {},
    lines.map((line) => el("p", {}, line)),
  );
  return openDialog({
    title,
    body,
    confirm,
    danger,
    onConfirm: async () => {
      await act();
      return true;
    },
  });
}
