// Whether somebody is at a part of the page: what he points at, types or selects stays as it is.

// After any of these something may be free that was not.
const RELEASES = [
  "focusout",
  "pointerup",
  "pointercancel",
  "pointerout",
  "selectionchange",
  "hidden.bs.dropdown",
];

/** True while the focus, a selection, a pressed button or an open menu is in `element`. */
export function isHeld(element) {
  return (
    element.contains(document.activeElement) ||
    element.matches(":active") ||
    hasSelection(element) ||
    Boolean(element.querySelector(".dropdown-menu.show"))
  );
}

/** True if some text in `element` is selected. */
export function hasSelection(element) {
  const selection = window.getSelection();
  return Boolean(selection) && !selection.isCollapsed && selection.containsNode(element, true);
}

/** Call `work` whenever something may have become free; returns a function that ends that. */
export function onRelease(work) {
  // Later: only then is the focus where it goes, and the click heard.
  const later = () => setTimeout(work);
  for (const name of RELEASES) document.addEventListener(name, later, true);
  return () => RELEASES.forEach((name) => document.removeEventListener(name, later, true));
}
