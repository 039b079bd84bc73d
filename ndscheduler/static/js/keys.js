// The keyboard: single keys, and `g` followed by one. Not while somebody types, nor in dialogs.

const SEQUENCE_MILLISECONDS = 1500;

export class Keys {
  constructor(root = document) {
    this.bindings = new Map();
    this.first = null;
    root.addEventListener("keydown", (event) => this.press(event));
  }

  /**
   * `run` when `keys` ("n", "g j", "?") are pressed; `help` is what the help says of it. With
   * `mayRepeat` again and again while they are held down.
   */
  bind(keys, help, run, { mayRepeat = false } = {}) {
    this.bindings.set(keys, { help, run, mayRepeat });
    return () => this.bindings.get(keys)?.run === run && this.bindings.delete(keys);
  }

  /** [keys, help] of every binding. */
  list() {
    return [...this.bindings].map(([keys, { help }]) => [keys, help]);
  }

  press(event) {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (isTyping(event.target) || document.body.classList.contains("modal-open")) return;
    const keys = this.first ? `${this.first} ${event.key}` : event.key;
    this.first = null;
    clearTimeout(this.timer);
    const binding = this.bindings.get(keys);
    if (binding && event.repeat && !binding.mayRepeat) return;
    if (binding) {
      event.preventDefault();
      binding.run(event);
    } else if ([...this.bindings.keys()].some((bound) => bound.startsWith(`${keys} `))) {
      this.first = keys;
      this.timer = setTimeout(() => (this.first = null), SEQUENCE_MILLISECONDS);
    }
  }
}

function isTyping(target) {
  return target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName)
    ? !["checkbox", "radio", "button"].includes(target.type)
    : false;
}
