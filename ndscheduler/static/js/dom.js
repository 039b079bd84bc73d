// Small pieces of the page. Text always goes in as text.

/**
 * A new element. `attributes`: `class`, `title`, `aria-...`, `data-...`; a function is a listener
 * (`click`); true, false and null set, leave out. Children: nodes, text, null, or lists of these.
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) {
      element.setAttribute(name, value);
    }
  }
  append(element, children);
  return element;
}

function append(element, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Let `element` contain just `children`. What stands there already stays, with its selection. */
export function fill(element, ...children) {
  // First, as some of the children may stand in the element.
  const wanted = [...el("div", {}, children).childNodes];
  const shown = [...element.childNodes];
  wanted.forEach((node, at) => {
    if (!shown[at]) element.append(node);
    else if (!shown[at].isEqualNode(node)) shown[at].replaceWith(node);
  });
  for (const node of shown.slice(wanted.length)) node.remove();
}

/** Let `text` be all of `element`; where it is, a selection in it stays. */
export function setText(element, text) {
  if (element.textContent !== text) element.textContent = text;
}

/** `text` with its middle left out where it is longer than `most` characters. */
export function shortened(text, most = 60) {
  const letters = Array.from(String(text ?? ""));
  if (letters.length <= most) return letters.join("");
  const head = Math.ceil((most - 1) * 0.6);
  const tail = most - 1 - head;
  return `${letters.slice(0, head).join("")}…${letters.slice(letters.length - tail).join("")}`;
}

/** `text`, cut in the middle where it is long, with the whole in the tooltip. */
export function textCell(text, most = 60) {
  const short = shortened(text, most);
  return el(
    "span",
    { class: "text-cell", title: short === String(text ?? "") ? null : text },
    short,
  );
}

// So much of the end of a long text stays to be seen.
const TAIL = 9;

/** `text` in as much room as there is, cut in its middle, with the whole in the tooltip. */
export function cutText(text) {
  const letters = Array.from(String(text ?? "").replace(/\s+/g, " "));
  const attributes = { class: "cut-text", dir: "auto" };
  if (letters.length <= 2 * TAIL) return el("span", attributes, letters.join(""));
  const head = letters.slice(0, -TAIL).join("");
  const tail = letters.slice(-TAIL).join("");
  return el(
    "span",
    { ...attributes, title: text },
    el("span", { class: "cut-head" }, head),
    el("span", { class: "cut-tail" }, tail),
  );
}

/** Copies `text`; works on plain HTTP too, in a dialog with a `place` in it. True if it worked. */
export async function copyText(text, place = document.body) {
  if (navigator.clipboard && window.isSecureContext) {
    await navigator.clipboard.writeText(text);
    return true;
  }
  const area = el("textarea", { class: "visually-hidden", readonly: true });
  area.value = text;
  place.append(area);
  area.select();
  const copied = document.execCommand("copy");
  area.remove();
  return copied;
}

/** `url`, if it leads somewhere and runs nothing; else null. */
export function outsideUrl(url) {
  return /^(https?:|mailto:)/i.test(url ?? "") ? url : null;
}
