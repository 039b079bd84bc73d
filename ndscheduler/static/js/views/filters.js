// Fields above a list. Each keeps what it says in the URL, by `page.choose`.

import { openDialog } from "../dialogs.js";
import { el } from "../dom.js";
import { icon } from "../icons.js";
import { fromInput, RANGES, toInput } from "../ranges.js";
import { chosenZone, chosenZoneName, clock } from "../times.js";

const TYPING_MILLISECONDS = 300;

/** A field for words; `name` is that of the query. */
export function searchFilter(page, { name = "q", placeholder, label = placeholder }) {
  let timer = null;
  const field = el("input", {
    type: "search",
    class: "form-control form-control-sm",
    placeholder,
    "aria-label": label,
    value: page.query[name] ?? "",
    autocomplete: "off",
    "data-filter": name,
  });
  const choose = () => {
    clearTimeout(timer);
    const value = field.value.trim();
    if (value !== (page.query[name] ?? "")) page.choose({ [name]: value }, { replace: true });
  };
  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(choose, TYPING_MILLISECONDS);
  });
  field.addEventListener("change", choose);
  page.undo.push(() => clearTimeout(timer));
  return field;
}

/** One of several: `options` are [value, words]; the first should be ["", "Any ..."]. */
export function selectFilter(page, { name, label, options, onChange = null }) {
  const value = page.query[name] ?? "";
  const known = options.some(([one]) => one === value) ? options : [...options, [value, value]];
  const shown = known.map(([one, words]) =>
    el("option", { value: one, selected: one === value }, words),
  );
  const change = (event) => {
    if (onChange) onChange(event.target.value);
    else page.choose({ [name]: event.target.value });
  };
  const attributes = {
    class: "form-select form-select-sm",
    "aria-label": label,
    "data-filter": name,
  };
  return el("select", { ...attributes, change }, shown);
}

/** The range of time: presets, and one that is typed. */
export function rangeFilter(page, { label = "Time range" } = {}) {
  const { from, to } = page.query;
  const options = [["", "Any time"], ...RANGES.map(([name, words]) => [name, words])];
  options.push(["free", from || to ? freeWords(from, to) : "From … to …"]);
  const choose = (value) => {
    if (value === "free") askForRange(page);
    else page.choose({ range: value, from: "", to: "" });
  };
  const select = selectFilter(page, { name: "range", label, options, onChange: choose });
  if (from || to) select.value = "free";
  return select;
}

function freeWords(from, to) {
  const isTime = (text) => !Number.isNaN(new Date(text).getTime());
  // What somebody wrote into the URL may be no time: the list tells of that.
  const format = { withSeconds: false, zone: chosenZone() };
  const shown = (text) => (isTime(text) ? clock(text, format) : text);
  return `${shown(from || "…")} to ${shown(to || "…")}`;
}

async function askForRange(page) {
  const field = (label, value) => {
    const input = el("input", { type: "datetime-local", class: "form-control", value });
    return [el("label", { class: "form-field" }, el("span", {}, label), input), input];
  };
  const zone = chosenZoneName();
  const [fromRow, from] = field("From", toInput(page.query.from, zone));
  const [toRow, to] = field("To", toInput(page.query.to, zone));
  const hint = el("p", { class: "soft" }, `Dates and times of ${zone}.`);
  const chosen = await openDialog({
    title: "Range of time",
    body: el("div", { class: "form-stack" }, fromRow, toRow, hint),
    confirm: "Show",
    onConfirm: () => {
      if (from.value && to.value && from.value > to.value) throw new Error("“From” is after “To”.");
      return { from: fromInput(from.value, zone), to: fromInput(to.value, zone), range: "" };
    },
  });
  if (chosen) page.choose(chosen);
  else page.redrawFilters?.();
}

/** A filter that only the URL sets, such as one job: its words and a cross to be rid of it. */
export function chipFilter(page, { name, words }) {
  if (!page.query[name]) return null;
  const clear = () => page.choose({ [name]: "" });
  return el(
    "span",
    { class: "filter-chip" },
    words,
    el(
      "button",
      { type: "button", class: "btn icon-button", "aria-label": `Remove: ${words}`, click: clear },
      icon("x"),
    ),
  );
}
