// What the browser keeps for the page, where it is allowed to.

/** `localStorage` or `sessionStorage`; null where even to ask for it is forbidden. */
export function storageNamed(name) {
  try {
    return window[name];
  } catch {
    // Whoever uses it does without, as with a storage that is full.
    return null;
  }
}
