// A double click does once what a click does. Its second click comes when the first has acted
// already: on the same button, or on what has come under the pointer since.

const CONTROLS = "a, button, input, select, textarea, summary";
// Buttons that are meant to be pressed many times say so: `data-repeats`.
const ACTS_ONCE = "button:not([data-repeats]), [role=switch]";

export function hearSingleClicks(root = document) {
  let before = null;
  root.addEventListener(
    "click",
    (event) => {
      const control = event.target.closest?.(CONTROLS) ?? null;
      const isAgain = event.detail > 1 && (control !== before || control?.matches(ACTS_ONCE));
      before = event.detail > 1 ? before : control;
      if (isAgain) stop(event);
    },
    true,
  );
  // A key that is held down presses a button again and again.
  root.addEventListener(
    "keydown",
    (event) => {
      if (event.repeat && event.key === "Enter" && event.target.closest?.(ACTS_ONCE)) stop(event);
    },
    true,
  );
}

function stop(event) {
  event.preventDefault();
  event.stopImmediatePropagation();
}
